"""Why the kernel freed packets: the tracepoint skb:kfree_skb, read with bpftrace, for the namespaces that it is told about."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from places import LIBC

PR_SET_PDEATHSIG = 1

# A dropped packet has a device, or it was still in the hands of a socket. `type` tells multicast listener reports and router
# solicitations, which are not of the flow, from the rest of ICMPv6.
FREED = '''
tracepoint:skb:kfree_skb {
  $skb = (struct sk_buff *)args->skbaddr;
  $sk = $skb->sk;
  $header = (uint64)$skb->head + $skb->network_header;
  $next = args->protocol == 0x86dd ? *(uint8 *)($header + 6) : 255;
  $type = $next == 58 ? *(uint8 *)($header + 40) : ($next == 0 ? *(uint8 *)($header + 48) : 0);
  if ($skb->dev != 0) {
    printf("D %llu %u %s %s %u %u\\n", nsecs, $skb->dev->nd_net.net->ns.inum, $skb->dev->name, ksym(args->location), args->reason, $type);
  } else {
    if ($sk != 0) {
      printf("D %llu %u - %s %u %u\\n", nsecs, $sk->__sk_common.skc_net.net->ns.inum, ksym(args->location), args->reason, $type);
    }
  }
}
'''
NOISE = {130, 131, 132, 133, 134, 143}


class Drops:
    def __init__(self):
        self.process, self.names, self.rest = None, {}, ''

    def start(self, spread):
        if not shutil.which('bpftrace'):
            raise OSError('bpftrace is not installed')
        folder = tempfile.mkdtemp(prefix='pj-drops-')
        try:
            self.attach(folder, spread)
        finally:
            shutil.rmtree(folder)

    def attach(self, folder, spread):
        program, form, out = (os.path.join(folder, name) for name in ('drops.bt', 'format', 'out'))
        with open(program, 'w') as file:
            file.write(FREED)
        # A mount of its own: nothing of it stays.
        script = ('mount -t tracefs none /sys/kernel/tracing && cat /sys/kernel/tracing/events/skb/kfree_skb/format > %s'
                  ' && exec env BPFTRACE_STRLEN=32 bpftrace -B line %s' % (form, program))

        def child():
            # It ends with us, however we end.
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            spread()

        with open(out, 'w') as file, open(out + '.err', 'w') as errors:
            self.process = subprocess.Popen(['unshare', '-m', 'bash', '-c', script], stdin=subprocess.DEVNULL, stdout=file,
                                            stderr=errors, start_new_session=True, preexec_fn=child)
        self.out = open(out, errors='replace')
        end, said = time.monotonic() + 20, ''
        while 'Attaching' not in said:
            if self.process.poll() is not None or time.monotonic() > end:
                self.close()
                with open(out + '.err') as errors:
                    raise OSError('bpftrace: ' + errors.read().strip()[-300:])
            time.sleep(0.1)
            said += self.out.read()
        time.sleep(1)
        with open(form) as file:
            self.reasons = {int(n): name for n, name in re.findall(r'\{ (\d+), "(\w+)" \}', file.read())}

    def know(self, names):
        """inode number of a namespace -> its name"""
        self.names = names
        self.read()

    def read(self, until=None):
        """`until`: time.monotonic_ns() at the end of the flow; what comes later is no part of it."""
        found = []
        *lines, self.rest = (self.rest + self.out.read()).split('\n')
        for line in lines:
            words = line.split()
            if len(words) != 7 or words[0] != 'D' or (until and int(words[1]) > until):
                continue
            number, device, place, reason, kind = words[2:]
            if int(number) not in self.names or int(kind) in NOISE:
                continue
            reason = self.reasons.get(int(reason), reason)
            # A closing socket's own queue is no loss on the way.
            if reason != 'QUEUE_PURGE':
                found.append({'ns': self.names[int(number)], 'dev': device, 'reason': reason, 'at': place.split('+')[0]})
        return found

    def close(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
