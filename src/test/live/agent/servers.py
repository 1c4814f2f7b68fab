"""Servers: a TCP one that answers a request once it is whole, and a UDP one that answers each datagram. They think for a while, so that
acknowledgements travel alone and in order."""
import errno
import re
import select
import socket
import threading
import time

from places import inside

IDLE = 5
IPPROTO_TCP, TCP_QUICKACK = 6, 12


class Pace:
    """Pauses, in s: before an answer, before a server closes, and after all."""
    think, close, rest = 0.03, 0.008, 0.11

    @classmethod
    def set(cls, think, close, rest):
        before = cls.think, cls.close, cls.rest
        cls.think, cls.close, cls.rest = think, close, rest
        return before


def quickack(sock):
    """Acknowledge at once. The kernel takes it back by itself, so it is said again after each call."""
    try:
        sock.setsockopt(IPPROTO_TCP, TCP_QUICKACK, 1)
    except OSError:
        pass


def is_whole(request):
    promised = re.match(rb'LEN (\d+)\n', request)
    return len(request) >= int(promised.group(1)) if promised else b'\r\n\r\n' in request


class Server:
    def __init__(self, spec):
        self.spec = spec
        self.name = spec.get('name') or spec['ns']
        self.answered = []
        self.open = True
        address = spec.get('addr') or '0.0.0.0'
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        tcp = spec['proto'] == 'tcp'
        with inside(spec['ns']):
            self.socket = socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.socket.bind((address, spec['port']))
        if tcp:
            self.socket.listen(16)
        threading.Thread(target=self.serve, args=(self.accept if tcp else self.datagram,), daemon=True).start()

    def serve(self, one):
        while self.open:
            try:
                ready, _, _ = select.select([self.socket], [], [], 0.2)
                if ready:
                    one()
            except (OSError, ValueError):
                # Closed under us, or one client's error: the next call tells which.
                continue

    def accept(self):
        connection, _ = self.socket.accept()
        threading.Thread(target=self.converse, args=(connection,), daemon=True).start()

    def converse(self, connection):
        request, answered = b'', False
        try:
            quickack(connection)
            connection.settimeout(IDLE)
            while piece := connection.recv(1 << 16):
                request += piece
                if answered or not is_whole(request):
                    continue
                answered = True
                time.sleep(Pace.think)
                connection.sendall(self.answer())
                quickack(connection)
            time.sleep(Pace.close)
        except OSError:
            # Reset or timed out: what the network did is on the wire.
            pass
        finally:
            connection.close()

    def answer(self):
        head = (self.spec.get('response') or 'OK %s\n' % self.name).encode('latin-1', 'replace')
        self.answered.append(self.name)
        return head.ljust(self.spec.get('response_bytes') or 64, b'.')

    def datagram(self):
        question, client = self.socket.recvfrom(1 << 16)
        time.sleep(Pace.think)
        head = b'R' + question[1:24] + (' OK %s' % self.name).encode()
        self.answered.append(self.name)
        try:
            self.socket.sendto(head.ljust(self.spec.get('response_bytes') or 64, b'.'), client)
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise

    def close(self):
        self.open = False
        self.socket.close()
