#!/usr/bin/env python3
"""A network between a runner and its forge that can be cut, for tests.

usage: parting_proxy.py PORT_FILE HOST:PORT CUT_FILE

It passes connections on to HOST:PORT. While CUT_FILE exists nothing passes in
either direction and nobody is told, as when a cable is out: connections stay
open, new ones get no answer, and what was said meanwhile arrives when the file
is gone.
"""
import os
import socket
import sys

ROOM = 65536


class Way:
    """One direction of a connection."""

    def __init__(self, source, sink):
        self.source, self.sink, self.waiting = source, sink, b""

    def move(self):
        """Passes on what there is; says whether the direction goes on."""
        try:
            if not self.waiting:
                self.waiting = self.source.recv(ROOM)
                if not self.waiting:
                    self.sink.shutdown(socket.SHUT_WR)
                    return False
            self.waiting = self.waiting[self.sink.send(self.waiting) :]
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True

    def close(self):
        self.source.close()
        self.sink.close()


def connection(client):
    forge = socket.create_connection((host, int(port)))
    for end in client, forge:
        end.setblocking(False)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return [Way(client, forge), Way(forge, client)]


def move(ways):
    """Gives the directions that go on; without any the connection is closed."""
    going = [way for way in ways if way.move()]
    if not going:
        ways[0].close()
    return going


host, port = sys.argv[2].rsplit(":", 1)
listener = socket.create_server(("127.0.0.1", 0), backlog=128)
listener.settimeout(0.01)
with open(sys.argv[1] + ".part", "w") as f:
    f.write(str(listener.getsockname()[1]))
os.rename(sys.argv[1] + ".part", sys.argv[1])
connections = []
while True:
    try:
        connections.append(connection(listener.accept()[0]))
    except OSError:
        pass
    if not os.path.exists(sys.argv[3]):
        connections = [left for left in map(move, connections) if left]
