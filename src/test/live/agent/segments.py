"""Crafted TCP segments over IPv4 (no options), and the last one that was sent, read back from a frame."""
import socket
import struct

BITS = {'F': 1, 'S': 2, 'R': 4, 'P': 8, 'A': 16, 'U': 32}


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def segment(spec):
    """A whole IP packet, for a socket with IP_HDRINCL. The kernel fills in the IP header's checksum."""
    source, target = (socket.inet_aton(spec[end]) for end in ('src', 'dst'))
    payload = spec['payload'].encode('latin-1', 'replace')
    bits = sum(BITS[letter] for letter in spec['flags'])

    def header(check):
        return struct.pack('!HHIIBBHHH', spec['sport'], spec['dport'], spec['seq'] & 0xffffffff, spec['ack'] & 0xffffffff,
                           5 << 4, bits, 64240, check, 0)

    pseudo = source + target + struct.pack('!BBH', 0, socket.IPPROTO_TCP, 20 + len(payload))
    tcp = header(checksum(pseudo + header(0) + payload)) + payload
    return struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(tcp), 0x4b47, 0x4000, spec['ttl'], socket.IPPROTO_TCP, 0) + source + target + tcp


def last_segment(frames):
    for frame in frames:
        packet = frame[14:]
        if frame[12:14] != b'\x08\0' or packet[0] != 0x45 or packet[9] != socket.IPPROTO_TCP:
            continue
        tcp = packet[20:]
        sport, dport, seq, ack, offset = struct.unpack('!HHIIB', tcp[:13])
        length = struct.unpack('!H', packet[2:4])[0] - 20 - (offset >> 4) * 4
        return {'src': socket.inet_ntoa(packet[12:16]), 'dst': socket.inet_ntoa(packet[16:20]), 'sport': sport, 'dport': dport,
                'end': seq + length, 'ack': ack, 'ttl': 64}
    return None
