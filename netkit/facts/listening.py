"""At which ports of the host programs listen, and which programs they are."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from netkit.errors import NetkitError
from netkit.model.topology import IPAddress
from netkit.value import Value

TABLES = (("tcp", 4), ("tcp", 6), ("udp", 4), ("udp", 6))
LISTENS = {"tcp": "0A", "udp": "07"}
"""TCP_LISTEN; an unconnected socket of UDP is closed (TCP_CLOSE)."""
WORDS = 10  # of a line that has an inode
INODE = 9


class Listener(Value, frozen=True):
    """
    A socket that takes what comes.

    Args:
        family: 4 or 6; one of IPv6 at any address may take IPv4 as well.
        protocol: tcp or udp.
        address: None is any.
        port: Its port.
        inode: By which a process holds it.
    """

    family: int
    protocol: str
    address: IPAddress | None
    port: int
    inode: int


def read() -> tuple[Listener, ...]:
    """
    Look at the sockets of the namespace that netkit runs in.

    Source: proc(5), "/proc/net/tcp".
    """
    found: list[Listener] = []
    for protocol, family in TABLES:
        try:
            with open(f"/proc/self/net/{protocol}{'6' if family == 6 else ''}") as table:
                found += parse(table.read(), protocol, family)
        except FileNotFoundError:
            continue  # this kernel has no such protocol
    return tuple(found)


def parse(said: str, protocol: str, family: int) -> Iterator[Listener]:
    """
    Read a table of sockets.

    Raises:
        NetkitError: It is none.
    """
    for line in said.splitlines()[1:]:
        words = line.split()
        if len(words) < WORDS:
            raise NetkitError(f"/proc/net/{protocol} has an odd line: {line[:80]!r}")
        if words[3] == LISTENS[protocol]:
            where, port = words[1].split(":")
            address = _address(bytes.fromhex(where), family)
            bound = None if address.is_unspecified else address
            yield Listener(family, protocol, bound, int(port, 16), int(words[INODE]))


def _address(packed: bytes, family: int) -> IPAddress:
    """Turn 32-bit words of this machine's order into an address."""
    if sys.byteorder == "little":
        packed = b"".join(packed[at : at + 4][::-1] for at in range(0, len(packed), 4))
    return IPv4Address(packed) if family == 4 else IPv6Address(packed)


def own_range() -> tuple[int, int]:
    """
    Give the ports that the kernel itself takes for who names none: first and last.

    Source: the kernel's Documentation/networking/ip-sysctl.rst, "ip_local_port_range".
    """
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first, last = file.read().split()
    return int(first), int(last)


def holder(inode: int) -> str:
    """Name the process that holds a socket: ``4711 (nginx)``; empty when it cannot be told."""
    wanted = f"socket:[{inode}]"
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for number in os.listdir(f"/proc/{pid}/fd"):
                if os.readlink(f"/proc/{pid}/fd/{number}") == wanted:
                    with open(f"/proc/{pid}/comm", errors="replace") as comm:
                        return f"{pid} ({comm.read().strip()})"
        except OSError:
            continue
    return ""


def takes(listener: Listener, family: int) -> bool:
    """Say whether a socket takes what comes over a family."""
    return family == listener.family or (
        listener.family == 6 and listener.address is None and socket.has_ipv6
    )
