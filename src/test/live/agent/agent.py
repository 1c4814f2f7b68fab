"""The hands of the live check: owns the network namespaces of one run, sends and hears packets in them, and reports what it saw.

Driven with one JSON object a line on stdin, answers with one on stdout. When stdin ends, for whatever reason, it removes what it
made. Python 3 standard library only; Linux, root. Everything that sends runs on one CPU, so that frames between namespaces queue in
one backlog and their order repeats itself.
"""
import json
import os
import select
import signal
import subprocess
import sys
import time

from clients import run_flows
from drops import Drops
from monitor import start_monitors
from nflog import Nflog
from places import PREFIX, own_namespaces, path_of, remove_stale
from ring import Ring
from servers import Pace, Server

PREQUEUE = '/proc/sys/net/core/netdev_tstamp_prequeue'
# What it takes to show the tables, about, in s.
SHOWING = 0.1
ALL_CPUS = os.sched_getaffinity(0)


def plain():
    """In a child: no priority over other programs, but our CPU."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def spread():
    """In a child: like any other program."""
    plain()
    os.sched_setaffinity(0, ALL_CPUS)


class Agent:
    def __init__(self):
        self.rings, self.logs, self.monitors, self.servers = {}, {}, [], []
        self.drops = None
        self.drops_missing = 'not asked for'
        self.stamped = None
        self.last = 0

    # --- operations: each takes the members of a request, and returns those of the answer -------------------------------------
    def hello(self, cpu=None):
        """Where we are, and on which CPU everything runs from now on."""
        cpu = max(ALL_CPUS) if cpu is None else cpu
        os.sched_setaffinity(0, {cpu})
        try:
            # Pauses of some ms keep their order also when the machine is busy with other things.
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        except OSError:
            pass
        remove_stale()
        return {'prefix': PREFIX, 'kernel': os.uname().release, 'cpu': cpu}

    def sh(self, script, pinned=True, timeout=60):
        # As a file: an argument has at most 128 KB (MAX_ARG_STRLEN), and the rules of a node may be longer.
        with os.fdopen(os.memfd_create('script'), 'w') as file:
            file.write(script)
            file.flush()
            fd = file.fileno()
            try:
                done = subprocess.run(['bash', '/dev/fd/%d' % fd], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                      errors='replace', timeout=timeout, preexec_fn=plain if pinned else spread,
                                      pass_fds=(fd,))
            except subprocess.TimeoutExpired:
                return {'code': 124, 'out': '', 'err': 'took more than %s s' % timeout}
        return {'code': done.returncode, 'out': done.stdout, 'err': done.stderr}

    def watch_drops(self):
        self.drops = Drops()
        try:
            self.drops.start(spread)
        except OSError as error:
            self.drops, why = None, str(error)
            return {'missing': why}
        return {}

    def can_trace(self, namespace):
        try:
            Nflog(namespace, ['ipv4']).close()
        except OSError as error:
            return {'missing': str(error)}
        return {}

    def open(self, namespaces, listeners, trace, monitor=()):
        """Starts to listen on every device, to what rules say (trace: namespace -> families; monitor: namespaces whose rules are of
        nf_tables), and as servers."""
        self.stamp_when_processed()
        self.rings = {ns: Ring(ns) for ns in namespaces}
        self.logs = {ns: Nflog(ns, families) for ns, families in trace.items()}
        self.monitors = start_monitors(monitor, spread)
        self.servers = [Server(one) for one in listeners]
        if self.drops:
            self.drops.know({os.stat(path_of(ns)).st_ino: ns for ns in namespaces})
        return {}

    def flush(self):
        """Forgets what was seen so far; says how long ago the last frame was."""
        newest = max((ring.flush() for ring in self.rings.values()), default=0)
        for log in [*self.logs.values(), *self.monitors]:
            log.flush()
        if self.drops:
            self.drops.read()
        return {'quiet_ms': (time.time_ns() - newest) / 1e6}

    def flow(self, flows, stagger_ms, settle_ms, gap_ms, before, after):
        """`gap_ms`: how long after the last flow this one starts; `before`, `after`: what shows the tables, close to its ends."""
        start = self.last + gap_ms / 1000
        time.sleep(max(0, start - SHOWING - time.monotonic()))
        earlier = self.sh(before, pinned=False)['out']
        time.sleep(max(0, start - time.monotonic()))
        for server in self.servers:
            server.answered.clear()
        self.flush()
        begin = time.time_ns()
        results = run_flows(flows, stagger_ms, self)
        time.sleep(settle_ms / 1000)
        lost = sum(ring.drain() for ring in self.rings.values())
        for log in self.logs.values():
            log.drain()
        self.last, end = time.monotonic(), time.monotonic_ns()
        later = self.sh(after, pinned=False)['out']
        seen = {
            'before': earlier,
            'after': later,
            'results': results,
            'lost': lost,
            'frames': {ns: ring.taken(begin) for ns, ring in self.rings.items()},
            'trace': {ns: log.taken() for ns, log in self.logs.items()},
        }
        if self.drops:
            time.sleep(0.05)
            seen['drops'] = self.drops.read(end)
        return seen

    def explain(self, flow, settle_ms):
        """A flow without pauses: ms from its first frame until its last frame and the last line on a rule were read, by a reader that
        waits for them. It is over when nothing came for a while."""
        self.flush()
        for server in self.servers:
            server.answered.clear()
        rings, logs = list(self.rings.values()), [*self.logs.values(), *self.monitors]
        sockets = [one.socket for one in rings + logs]
        frames, lines, lost, last = 0, 0, 0, 0
        pace = Pace.set(0, 0, 0)
        try:
            results = run_flows([flow], 0, self)
            while select.select(sockets, [], [], settle_ms / 1000)[0]:
                lost += sum(ring.drain() for ring in rings)
                for log in logs:
                    log.drain()
                now = sum(len(ring.frames) for ring in rings), sum(len(log.lines) for log in logs)
                if now != (frames, lines):
                    last = time.time_ns()
                frames, lines = now
        finally:
            Pace.set(*pace)
        begin = min((ring.frames[0][0] for ring in rings if ring.frames), default=last)
        return {'results': results, 'lost': lost, 'ms': (last - begin) / 1e6, 'frames': frames, 'lines': lines}

    def schedule(self, pids, like_agent):
        """Where two are compared, neither waits for other programs while the other does not: those processes and the monitors, all
        threads of them, get the agent's own priority, or none again."""
        like = (os.sched_getscheduler(0), os.sched_getparam(0)) if like_agent else (os.SCHED_OTHER, os.sched_param(0))
        for pid in [*pids, *(monitor.child.pid for monitor in self.monitors)]:
            for thread in os.listdir('/proc/%d/task' % pid):
                os.sched_setscheduler(int(thread), *like)
        return {'priority': like[0] != os.SCHED_OTHER}

    def close(self):
        for one in [*self.servers, *self.rings.values(), *self.logs.values(), *self.monitors]:
            one.close()
        self.rings, self.logs, self.monitors, self.servers = {}, {}, [], []
        mine = own_namespaces()
        if mine:
            self.sh('\n'.join('ip netns del ' + name for name in mine))
        return {'left': own_namespaces()}

    # --- the machine ------------------------------------------------------------------------------------------------------------
    def stamp_when_processed(self):
        """Frames are stamped when the receiver works on them, not when they are queued: else the order between namespaces is
        that of the queue. The old value comes back at the end."""
        with open(PREQUEUE) as file:
            now = file.read().strip()
        if now != '0':
            self.stamped = self.stamped or now
            with open(PREQUEUE, 'w') as file:
                file.write('0')

    def end(self):
        self.close()
        if self.drops:
            self.drops.close()
        if self.stamped:
            with open(PREQUEUE, 'w') as file:
                file.write(self.stamped)


OPERATIONS = ('hello', 'sh', 'watch_drops', 'can_trace', 'open', 'flush', 'flow', 'explain', 'schedule',
              'close')


def main():
    # Ctrl-C goes to the whole process group: the other end decides, by closing our stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    agent = Agent()
    try:
        for line in sys.stdin:
            request = json.loads(line)
            number, name = request.pop('id'), request.pop('do')
            try:
                if name not in OPERATIONS:
                    raise ValueError('no operation ' + name)
                answer = getattr(agent, name)(**request)
            except (OSError, ValueError, TypeError, RuntimeError) as error:
                answer = {'failed': '%s: %s' % (type(error).__name__, error)}
            print(json.dumps({'id': number, **answer}), flush=True)
    except BrokenPipeError:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        agent.end()


if __name__ == '__main__':
    main()
