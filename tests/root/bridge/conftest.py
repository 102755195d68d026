"""
The host with an uplink, and who asks and answers there.

    far (foreign namespace)                     host
      eth0 192.0.2.2, 2001:db8::2 ───────────── up0 192.0.2.1, 2001:db8::1
           routes to what netkit builds

``ground`` and what it knows of a host are those of ``tests/root/apply``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from netkit.model.object import Netns
from tests.root.apply.conftest import Ground, ground, nothing_is_left, snapshot, tools

__all__ = ["Talk", "ground", "nothing_is_left", "snapshot", "talk", "tools", "uplink"]

FAR = "far"
UPLINK = """
ip netns add far
ip -n far link set dev lo up
ip link add name up0 type veth peer name eth0 netns far
sysctl -qw net.ipv6.conf.up0.accept_dad=0
ip netns exec far sysctl -qw net.ipv6.conf.eth0.accept_dad=0
ip address add 192.0.2.1/24 dev up0
ip address add 2001:db8::1/64 dev up0
ip -n far address add 192.0.2.2/24 dev eth0
ip -n far address add 2001:db8::2/64 dev eth0
ip link set dev up0 up
ip -n far link set dev eth0 up
ip link show dev up0
ip -n far link show dev eth0
ip -n far route add default via 192.0.2.1
ip -n far -6 route add default via 2001:db8::1
"""

# Each answer is the address that the question seemed to come from.
SERVER = """
import socket, sys, threading
def tcp(near):
    while True:
        far, peer = near.accept()
        far.sendall(peer[0].encode())
        far.close()
def udp(near):
    while True:
        _, peer = near.recvfrom(100)
        near.sendto(peer[0].encode(), peer)
for port in map(int, sys.argv[1:]):
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        for kind, serve in ((socket.SOCK_STREAM, tcp), (socket.SOCK_DGRAM, udp)):
            near = socket.socket(family, kind)
            near.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                near.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            near.bind((address, port))
            if kind == socket.SOCK_STREAM:
                near.listen()
            threading.Thread(target=serve, args=(near,)).start()
print("ready", flush=True)
"""
CLIENT = """
import json, socket, sys
said = []
for protocol, host, port, limit in json.loads(sys.argv[1]):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    near = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    near.settimeout(limit)
    try:
        near.connect((host, port))
        near.send(b"?")
        said.append(near.recv(100).decode())
    except OSError as error:
        said.append(type(error).__name__)
    near.close()
print(json.dumps(said))
"""


class Question(NamedTuple):
    """What a client asks: over which protocol, at which address and port."""

    protocol: str
    host: str
    port: int


class Talk:
    """Servers that say whom they see, and clients that ask them."""

    def __init__(self, place: Ground) -> None:
        self.place = place

    def serve(self, netns: Netns, *ports: int) -> None:
        """Listen in a namespace, at all addresses of both families, tcp and udp."""
        child = subprocess.Popen(
            (*self.place.inside(netns), sys.executable, "-c", SERVER, *map(str, ports)),
            stdout=subprocess.PIPE,
        )
        self.place.children.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.stdout.close()

    def ask(
        self, netns: Netns, questions: Iterable[tuple[str, str, int]], *, limit: float = 1
    ) -> list[str]:
        """Ask from a namespace; of each question give whom the server saw, or the error."""
        asked = json.dumps([(*question, limit) for question in questions])
        argv = (*self.place.inside(netns), sys.executable, "-c", CLIENT, asked)
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        answers: list[str] = json.loads(done.stdout)
        return answers


@pytest.fixture
def uplink(ground: Ground) -> Ground:
    """Give the host a way to another one, with routes there to whatever the host has."""
    ground.undo("conntrack -F")
    ground.undo("ip netns delete far; while ip link show dev up0; do sleep 0.02; done")
    ground.sh(UPLINK)
    return ground


@pytest.fixture
def talk(ground: Ground) -> Talk:
    """Give servers and clients; the servers end with the test."""
    return Talk(ground)


def write(name: str, value: str) -> None:
    """Set a parameter of the host."""
    Path("/proc/sys", name).write_text(value)
