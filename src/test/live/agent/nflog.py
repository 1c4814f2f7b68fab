"""What the TRACE target says, through nfnetlink_log: one message for each rule, in order. linux/netfilter/nfnetlink_log.h"""
import errno
import socket
import struct

from places import inside

NETLINK_NETFILTER, NFNL_SUBSYS_ULOG = 12, 4
MSG_PACKET, MSG_CONFIG = 0, 1
REQUEST_ACK, NLMSG_ERROR = 5, 2
CFG_CMD, CFG_MODE, CFG_QTHRESH = 1, 2, 5
BIND, PF_BIND, PF_UNBIND, COPY_PACKET = 1, 3, 4, 2
SO_RCVBUFFORCE = 33
FAMILIES = {'ipv4': 2, 'ipv6': 10}
HOOKS = ('PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING')
DEVICES = {4: 'in', 5: 'out', 6: 'physin', 7: 'physout'}


def attribute(kind, value):
    return struct.pack('HH', 4 + len(value), kind) + value + b'\0' * (-len(value) % 4)


class Nflog:
    def __init__(self, namespace, families):
        with inside(namespace):
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
            self.devices = dict(socket.if_nameindex())
        self.socket.bind((0, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        for family in families:
            for command in (PF_UNBIND, PF_BIND):
                self.configure(FAMILIES[family], attribute(CFG_CMD, bytes([command])))
        self.configure(0, attribute(CFG_CMD, bytes([BIND])))
        self.configure(0, attribute(CFG_MODE, struct.pack('!IBB', 0xffff, COPY_PACKET, 0)))
        self.configure(0, attribute(CFG_QTHRESH, struct.pack('!I', 1)))
        self.socket.setblocking(False)
        self.lines = []

    def configure(self, family, attributes):
        body = struct.pack('!BBH', family, 0, 0) + attributes
        self.socket.send(struct.pack('IHHII', 16 + len(body), NFNL_SUBSYS_ULOG << 8 | MSG_CONFIG, REQUEST_ACK, 1, 0) + body)
        while True:
            answer = self.socket.recv(1 << 16)
            if struct.unpack_from('H', answer, 4)[0] == NLMSG_ERROR:
                break
        code = -struct.unpack_from('i', answer, 16)[0]
        if code not in (0, errno.EOPNOTSUPP):
            raise OSError(code, 'nfnetlink_log')

    def drain(self):
        while True:
            try:
                data = self.socket.recv(1 << 18)
            except BlockingIOError:
                return
            except OSError as error:
                # Room ran out: lines are missing, and their absence will be seen.
                if error.errno == errno.ENOBUFS:
                    continue
                raise
            at = 0
            while at + 16 <= len(data):
                length, kind = struct.unpack_from('IH', data, at)
                if length < 16:
                    break
                if kind == NFNL_SUBSYS_ULOG << 8 | MSG_PACKET:
                    self.note(data[at + 20:at + length])
                at += (length + 3) & ~3

    def note(self, data):
        said = {'mark': 0}
        at = 0
        while at + 4 <= len(data):
            length, kind = struct.unpack_from('HH', data, at)
            if length < 4:
                break
            value, kind = data[at + 4:at + length], kind & 0x3fff
            if kind == 1:
                said['hook'] = HOOKS[value[2]]
            elif kind == 2:
                said['mark'] = struct.unpack('!I', value)[0]
            elif kind in DEVICES:
                index = struct.unpack('!I', value)[0]
                said[DEVICES[kind]] = self.devices.get(index, '#%d' % index)
            elif kind == 9:
                said['packet'] = value.hex()
            elif kind == 10:
                said['prefix'] = value.rstrip(b'\0').decode(errors='replace')
            at += (length + 3) & ~3
        if said.get('prefix', '').startswith('TRACE: '):
            said['prefix'] = said['prefix'][7:].strip()
            self.lines.append(said)

    def flush(self):
        self.drain()
        self.lines = []

    def taken(self):
        lines, self.lines = self.lines, []
        return lines

    def close(self):
        self.socket.close()
