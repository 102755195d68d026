"""A question to a name server, put as any program does: a packet, and another back (RFC 1035)."""

from __future__ import annotations

import socket
import struct
import threading
from ipaddress import ip_address
from typing import NamedTuple

from netkit.run.enter import enter, home

TYPES = {"A": 1, "PTR": 12, "AAAA": 28}
STATUS = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}
HEADER = struct.Struct(">HHHHHH")
IDENTITY = 0x6E6B
RECURSE = 0x0100
INTERNET = 1


class Answer(NamedTuple):
    """What came back; no answer at all is ``SILENCE``."""

    status: str
    addresses: tuple[str, ...] = ()


def ask(server: str, name: str, kind: str = "A", *, within: float = 2.0) -> Answer:
    """Ask from the namespace of this thread."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    question = _name(name) + struct.pack(">HH", TYPES[kind], INTERNET)
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(within)
        client.sendto(HEADER.pack(IDENTITY, RECURSE, 1, 0, 0, 0) + question, (server, 53))
        try:
            said = client.recv(4096)
        except (TimeoutError, ConnectionRefusedError):
            return Answer("SILENCE")
    return _read(said, HEADER.size + len(question), TYPES[kind])


def ask_inside(netns: str, server: str, name: str, kind: str = "A") -> Answer:
    """Ask from a namespace."""
    found: list[Answer] = []

    def inside() -> None:
        assert enter(netns, home())
        found.append(ask(server, name, kind))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    return found[0]


def _name(name: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def _read(said: bytes, at: int, kind: int) -> Answer:
    identity, flags, _, count, _, _ = HEADER.unpack_from(said)
    assert identity == IDENTITY
    found = []
    for _ in range(count):
        _, at = _word(said, at)
        got, _, _, length = struct.unpack_from(">HHIH", said, at)
        at += 10
        if got == kind:
            data = said[at : at + length]
            is_name = kind == TYPES["PTR"]
            found.append(_word(said, at)[0] if is_name else str(ip_address(data)))
        at += length
    return Answer(STATUS[flags & 15], tuple(found))


def _word(said: bytes, at: int) -> tuple[str, int]:
    """Read a name, which may go on where another one is."""
    parts: list[str] = []
    while length := said[at]:
        if length >= 0xC0:
            rest, _ = _word(said, struct.unpack_from(">H", said, at)[0] & 0x3FFF)
            return ".".join((*parts, rest)), at + 2
        parts.append(said[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(parts), at + 1
