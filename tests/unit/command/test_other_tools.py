"""Each builder of ping and conntrack gives exactly the words that one would type."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netkit.command import conntrack
from netkit.command.command import Command
from netkit.command.ping import ping
from netkit.errors import UsageError

ALL_OPTIONS = {"protocol": "udp", "orig_src": "10.0.0.1", "orig_dst": "10.0.0.2", "dport": 53}
ALL_WORDS = "-f ipv4 -p udp --orig-src 10.0.0.1 --orig-dst 10.0.0.2 --dport 53"

CASES = {
    "a ping": (ping("10.0.0.1"), "ping -n 10.0.0.1"),
    "a ping with all options": (
        ping(
            "con1",
            count=3,
            interval=0.2,
            deadline=5,
            timeout=1.5,
            interface="eth0",
            source="10.0.0.1",
            size=1472,
            ttl=3,
            df=True,
            family=6,
        ),
        "ping -6 -n -i 0.2 -c 3 -w 5 -W 1.5 -I eth0 -I 10.0.0.1 -s 1472 -t 3 -M do con1",
    ),
    "the question for all connections": (conntrack.list(), "conntrack -L -o xml"),
    "the question for some connections": (
        conntrack.list(**ALL_OPTIONS),  # type: ignore[arg-type]
        f"conntrack -L -o xml {ALL_WORDS}",
    ),
    "connections forgotten": (
        conntrack.delete(**ALL_OPTIONS),  # type: ignore[arg-type]
        f"conntrack -D {ALL_WORDS}",
    ),
    "connections to an IPv6 address forgotten": (
        conntrack.delete(orig_dst="fd00::1"),
        "conntrack -D -f ipv6 --orig-dst fd00::1",
    ),
    "connections of a family forgotten": (
        conntrack.delete(family=6),
        "conntrack -D -f ipv6",
    ),
    "all connections forgotten": (conntrack.flush(), "conntrack -F"),
}


@pytest.mark.parametrize(("command", "typed"), CASES.values(), ids=CASES)
def test_it_is_built_as_one_would_type_it(command: Command, typed: str) -> None:
    assert command.argv == tuple(typed.split())


@pytest.mark.parametrize("build", [conntrack.list, conntrack.delete])
def test_a_port_alone_is_refused(build: Callable[..., object]) -> None:
    with pytest.raises(UsageError, match="needs a protocol"):
        build(dport=80)


def test_a_ping_of_no_family_is_refused() -> None:
    with pytest.raises(UsageError, match="family 5"):
        ping("192.0.2.1", family=5)
