"""Clients: one for each kind of flow of src/network/types.ts (FlowSpec). Each ends with what the process saw, as a FlowResult."""
import errno
import re
import select
import socket
import struct
import threading
import time

from places import inside
from segments import checksum, last_segment, segment
from servers import Pace, quickack

IP_MTU_DISCOVER = 10


def name_of(error):
    return 'timeout' if isinstance(error, TimeoutError) else errno.errorcode.get(error.errno, str(error))


def failed(error, stage):
    return {'result': 'error', 'error': name_of(error), 'stage': stage}


def is_v6(spec):
    return ':' in spec['dst']


def timeout_of(spec):
    return spec.get('timeout_ms', 600) / 1000


def open_socket(spec, kind, protocol=0):
    v6 = is_v6(spec)
    with inside(spec['ns']):
        sock = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if spec.get('ttl') is not None:
        level, name = (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS) if v6 else (socket.IPPROTO_IP, socket.IP_TTL)
        sock.setsockopt(level, name, spec['ttl'])
    if spec.get('pmtudisc') is not None and not v6:
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, spec['pmtudisc'])
    source, port = spec.get('src'), spec.get('sport', 0)
    if kind == socket.SOCK_RAW:
        port = 0
    if source or port:
        sock.bind((source or ('::' if v6 else '0.0.0.0'), port))
    return sock


def bytes_wanted(spec, answer):
    """As told, as HTTP says, or 64."""
    if spec.get('expect_bytes') is not None:
        return spec['expect_bytes']
    if not answer.startswith(b'HTTP/'):
        return 64
    header, end, _ = answer.partition(b'\r\n\r\n')
    length = re.search(rb'content-length: *(\d+)', header, re.IGNORECASE)
    return len(header) + 4 + int(length.group(1) if length else 0) if end else float('inf')


def tcp(spec, agent):
    stage, done = 'socket', False
    sock = None
    try:
        sock = open_socket(spec, socket.SOCK_STREAM)
        sock.settimeout(timeout_of(spec))
        stage = 'connect'
        sock.connect((spec['dst'], spec['dport']))
        quickack(sock)
        time.sleep(Pace.think)
        stage = 'send'
        size = spec.get('request_bytes') or max(64, len(spec.get('request') or ''))
        head = spec.get('request') or 'LEN %d\nGET / HTTP/1.0\r\n\r\n' % size
        sock.sendall(head.encode('latin-1', 'replace').ljust(size, b'.'))
        quickack(sock)
        stage, answer = 'recv', b''
        while len(answer) < bytes_wanted(spec, answer):
            piece = sock.recv(1 << 16)
            if not piece:
                break
            answer += piece
            quickack(sock)
        served = re.match(rb'OK ([^\n]+)\n', answer)
        result = {'result': 'ok', 'served_by': served.group(1).decode() if served else only_server(agent),
                  'response_bytes': len(answer)}
        inject(spec, sock, agent)
        time.sleep(Pace.think)
        done = True
        return result
    except OSError as error:
        return failed(error, stage)
    finally:
        if sock:
            sock.close()
        if done:
            time.sleep(Pace.rest)


def only_server(agent):
    """The server of an answer that does not name it, where just one answered."""
    names = {name for server in agent.servers for name in server.answered}
    return names.pop() if len(names) == 1 else None


def inject(spec, sock, agent):
    """Extra segments from nowhere: the last one that a namespace sent on a device, shifted."""
    for extra in spec.get('inject', []):
        time.sleep(Pace.think)
        last = last_segment(agent.rings[extra['ns']].last_sent(extra.get('dev', 'eth0')))
        if last:
            raw(extra['ns'], last['dst'], segment(
                {**last, 'seq': last['end'] + extra.get('seq_delta', 0), 'ack': last['ack'] + extra.get('ack_delta', 0),
                 'flags': extra['flags'], 'payload': extra.get('payload', '')}))
        time.sleep(0.08)
    if spec.get('inject'):
        sock.settimeout(0.05)
        try:
            sock.recv(10)
        except OSError:
            # Alive (nothing to read) or reset: both are on the wire.
            pass


def raw(namespace, address, packet):
    with inside(namespace):
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with sock:
        sock.sendto(packet, (address, 0))


def raw_tcp(spec, _agent):
    try:
        raw(spec['ns'], spec['dst'], segment({'seq': 1000, 'ack': 5000, 'payload': '', 'ttl': 64, **spec}))
    except OSError as error:
        return failed(error, 'send')
    time.sleep(spec.get('timeout_ms', 200) / 1000)
    return {'result': 'sent'}


def udp(spec, _agent):
    result, stage, sock = {}, 'socket', None
    try:
        sock = open_socket(spec, socket.SOCK_DGRAM)
        sock.settimeout(timeout_of(spec))
        target = (spec['dst'], spec['dport'])
        connected = spec.get('connect', True)
        if connected:
            sock.connect(target)
        for turn in range(spec.get('count', 1)):
            head = spec.get('request') or 'Q%-22s;' % ('%s#%d' % (spec['id'], turn))
            question = head.encode('latin-1', 'replace').ljust(spec.get('request_bytes', 64), b'.')
            stage = 'send'
            try:
                sock.send(question) if connected else sock.sendto(question, target)
                stage = 'recv'
                answer, sender = sock.recvfrom(1 << 16)
                served = re.search(rb'OK ([^.]+)', answer)
                result = {'result': 'ok', 'served_by': served.group(1).decode() if served else None,
                          'response_bytes': len(answer), 'answer_from': sender[0]}
            except OSError as error:
                result = failed(error, stage)
        return result
    except OSError as error:
        return failed(error, stage)
    finally:
        if sock:
            sock.close()


def icmp(spec, _agent):
    v6 = is_v6(spec)
    stage, sock = 'socket', None
    try:
        sock = open_socket(spec, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP)
        number = spec.get('icmp_id', 4660)
        text = ('pj %-13s' % spec['id'])[:16].encode('latin-1', 'replace')
        size = spec.get('request_bytes', 56)
        echo = struct.pack('!BBHHH', 128 if v6 else 8, 0, 0, number, 1) + text.ljust(size, b'.')[:size]
        if not v6:
            echo = echo[:2] + struct.pack('!H', checksum(echo)) + echo[4:]
        stage = 'send'
        sock.sendto(echo, (spec['dst'], 0))
        result = echo_answer(sock, v6, number, time.monotonic() + timeout_of(spec))
    except OSError as error:
        return failed(error, stage)
    finally:
        if sock:
            sock.close()
    time.sleep(0.02)
    return result


def echo_answer(sock, v6, number, end):
    while (left := end - time.monotonic()) > 0 and select.select([sock], [], [], left)[0]:
        data, sender = sock.recvfrom(1 << 16)
        message = data if v6 else data[(data[0] & 15) * 4:]
        kind, code = message[0], message[1]
        if kind == (129 if v6 else 0) and struct.unpack('!H', message[4:6])[0] == number:
            return {'result': 'ok', 'answer_from': sender[0]}
        if (1 <= kind <= 4) if v6 else kind in (3, 11):
            return {'result': 'icmp-error', 'answer_from': sender[0], 'icmp_type': kind, 'icmp_code': code}
    return {'result': 'error', 'error': 'timeout', 'stage': 'recv'}


CLIENTS = {'tcp': tcp, 'udp': udp, 'icmp': icmp, 'raw-tcp': raw_tcp}


def run_flows(flows, stagger_ms, agent):
    results = [None] * len(flows)

    def one(i):
        results[i] = CLIENTS[flows[i]['proto']](flows[i], agent)

    if len(flows) == 1:
        one(0)
        return results
    threads = []
    for i in range(len(flows)):
        threads.append(threading.Thread(target=one, args=(i,)))
        threads[-1].start()
        time.sleep(stagger_ms / 1000)
    for thread in threads:
        thread.join()
    return results
