"""Why the kernel freed packets: the tracepoint skb:kfree_skb, read with bpftrace, for the namespaces that it is told about."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

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
        self.process, self.names, self.folder = None, {}, None

    def start(self, spread):
        if not shutil.which('bpftrace'):
            raise OSError('bpftrace is not installed')
        self.folder = tempfile.mkdtemp(prefix='pj-drops-')
        program, form = os.path.join(self.folder, 'drops.bt'), os.path.join(self.folder, 'format')
        with open(program, 'w') as file:
            file.write(FREED)
        # A mount of its own: nothing of it stays.
        script = ('mount -t tracefs none /sys/kernel/tracing && cat /sys/kernel/tracing/events/skb/kfree_skb/format > %s'
                  ' && exec env BPFTRACE_STRLEN=32 bpftrace -B line %s' % (form, program))
        self.path = os.path.join(self.folder, 'out')
        with open(self.path, 'w') as out, open(self.path + '.err', 'w') as err:
            self.process = subprocess.Popen(['unshare', '-m', 'bash', '-c', script], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                            start_new_session=True, preexec_fn=spread)
        self.out = open(self.path, errors='replace')
        end = time.monotonic() + 20
        while 'Attaching' not in self.text():
            if self.process.poll() is not None or time.monotonic() > end:
                with open(self.path + '.err') as err:
                    why = err.read().strip()[-300:]
                self.close()
                raise OSError('bpftrace: ' + why)
            time.sleep(0.1)
        time.sleep(1)
        with open(form) as file:
            self.reasons = {int(n): name for n, name in re.findall(r'\{ (\d+), "(\w+)" \}', file.read())}

    def text(self):
        with open(self.path, errors='replace') as file:
            return file.read()

    def know(self, names):
        """inode number of a namespace -> its name"""
        self.names = names
        self.read()

    def read(self, until=None):
        """`until`: time.monotonic_ns() at the end of the flow; what comes later is no part of it."""
        found = []
        for line in self.out.read().splitlines():
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
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
