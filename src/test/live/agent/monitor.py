"""What xtables-monitor prints of the rules of iptables-nft that a packet met: each with its text, in order."""
import contextlib
import os
import signal
import subprocess
import time

from places import file_of


ROOM, ROOM_FOR_ALL = 8 << 20, '/proc/sys/net/core/rmem_default'
# Until it listens, in s.
STARTING = 0.5


@contextlib.contextmanager
def room():
    """It asks the kernel for the text of each rule, is slower than the packets, and ends when its socket is full. The room of a socket
    is the machine's default when it is made; the old value comes back at once."""
    with open(ROOM_FOR_ALL) as file:
        before = file.read()
    with open(ROOM_FOR_ALL, 'w') as file:
        file.write(str(ROOM))
    try:
        yield
    finally:
        with open(ROOM_FOR_ALL, 'w') as file:
            file.write(before)


def start_monitors(namespaces, prepare):
    if not namespaces:
        return []
    with room():
        monitors = [Monitor(one, prepare) for one in namespaces]
        time.sleep(STARTING)
    return monitors


class Monitor:
    def __init__(self, namespace, prepare):
        self.child = subprocess.Popen(
            ['ip', 'netns', 'exec', file_of(namespace), 'xtables-monitor', '--trace'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=prepare)
        self.socket = self.child.stdout
        os.set_blocking(self.socket.fileno(), False)
        self.rest, self.lines = b'', []

    def drain(self):
        while True:
            try:
                data = os.read(self.socket.fileno(), 1 << 16)
            except BlockingIOError:
                return
            if not data:
                raise OSError('xtables-monitor ended')
            *whole, self.rest = (self.rest + data).split(b'\n')
            self.lines += [line.decode(errors='replace') for line in whole if line.startswith(b' TRACE:')]

    def flush(self):
        self.drain()
        self.lines = []

    def close(self):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait()
        self.socket.close()
