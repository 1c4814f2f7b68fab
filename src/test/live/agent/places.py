"""Network namespaces of this run: pj-<process id>-<name>. Nothing else on the machine is entered or removed."""
import ctypes
import os
import re
import subprocess

PREFIX = 'pj-%d-' % os.getpid()
FOLDER = '/run/netns'
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL('libc.so.6', use_errno=True)
HOME = os.open('/proc/self/ns/net', os.O_RDONLY)


def file_of(name):
    """As netnsName of src/network/script.ts."""
    return PREFIX + re.sub(r'[^\w.-]', '-', name, flags=re.ASCII)


def path_of(name):
    return os.path.join(FOLDER, file_of(name))


def enter(fd, what):
    if LIBC.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'setns: ' + what)


class inside:
    """`with inside(name):` sockets made here belong to that namespace for ever. It moves the calling thread only."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        fd = os.open(path_of(self.name), os.O_RDONLY)
        try:
            enter(fd, self.name)
        finally:
            os.close(fd)

    def __exit__(self, *_):
        enter(HOME, 'home')


def named():
    return sorted(os.listdir(FOLDER)) if os.path.isdir(FOLDER) else []


def own_namespaces():
    return [name for name in named() if name.startswith(PREFIX)]


def remove_stale():
    """Namespaces of a run that was killed: its process is gone."""
    for name in named():
        owner = re.match(r'pj-(\d+)-', name)
        if owner and not os.path.exists('/proc/' + owner.group(1)):
            subprocess.run(['ip', 'netns', 'del', name], check=False)
