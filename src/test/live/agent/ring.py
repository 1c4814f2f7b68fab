"""Every frame on every device of a namespace, in the kernel's order: a packet socket with a receive ring (packet_mmap, TPACKET_V2),
bound to no device. A ring, because the kernel copies the frame into it at once: read with recvmsg(), a frame is a reference to a
buffer that the kernel still rewrites in place (fragments in passing, DNAT on a bridge), so that the capture would show its future.
"""
import ctypes
import mmap
import socket
import struct

from places import LIBC, inside

SOL_PACKET, PACKET_RX_RING, PACKET_VERSION, TPACKET_V2 = 263, 5, 10, 1
ETH_P_ALL = 3
FRAME, FRAMES, BLOCK = 2048, 4096, 1 << 17
READY, LOSING = 1, 4
# struct tpacket2_hdr, and behind it, aligned to 16, struct sockaddr_ll.
HEADER = struct.Struct('IIIHHII')
ADDRESS = struct.Struct('HHiHBB')
ADDRESS_AT = 32
KINDS = ('host', 'broadcast', 'multicast', 'otherhost', 'out')


def bind_to_all(sock):
    """Index 0 is every device; socket.bind() would insist on a name. struct sockaddr_ll"""
    address = struct.pack('HHiHBB8s', socket.AF_PACKET, socket.htons(ETH_P_ALL), 0, 0, 0, 0, b'')
    if LIBC.bind(sock.fileno(), address, len(address)):
        raise OSError(ctypes.get_errno(), 'bind')


class Ring:
    def __init__(self, namespace):
        with inside(namespace):
            # Protocol 0 hears nothing until it is bound.
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
            self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack('IIII', BLOCK, FRAME * FRAMES // BLOCK, FRAME, FRAMES))
            self.memory = mmap.mmap(self.socket.fileno(), FRAME * FRAMES)
            self.devices = dict(socket.if_nameindex())
            bind_to_all(self.socket)
        self.next = 0
        self.frames = []

    def drain(self):
        """Takes what came; the number of times that the kernel had no room."""
        lost = 0
        while True:
            at = self.next * FRAME
            status, length, captured, start, _, seconds, nanoseconds = HEADER.unpack_from(self.memory, at)
            if not status & READY:
                return lost
            lost += 1 if status & LOSING else 0
            _, _, device, _, kind, _ = ADDRESS.unpack_from(self.memory, at + ADDRESS_AT)
            data = bytes(self.memory[at + start:at + start + captured])
            name = self.devices.get(device, '#%d' % device)
            # `kind` beyond the list is loop back of multicast and the like: not a crossing.
            if kind < len(KINDS):
                self.frames.append((seconds * 10**9 + nanoseconds, name, KINDS[kind], length, data))
            struct.pack_into('I', self.memory, at, 0)
            self.next = (self.next + 1) % FRAMES

    def flush(self):
        """When the last frame came, in ns."""
        self.drain()
        newest = self.frames[-1][0] if self.frames else 0
        self.frames = []
        return newest

    def last_sent(self, device):
        """Frames sent on a device, newest first."""
        self.drain()
        return [data for _, name, kind, _, data in reversed(self.frames) if kind == 'out' and name == device]

    def taken(self, since):
        """[ns since then, device, kind, length, bytes in hex]"""
        frames, self.frames = self.frames, []
        return [[frame[0] - since, *frame[1:4], frame[4].hex()] for frame in frames]

    def close(self):
        self.memory.close()
        self.socket.close()
