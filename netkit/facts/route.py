"""
Routes of both families: what ``ip route show table all protocol P`` says.

    {"type": "1", "dst": "default", "gateway": "10.1.0.1", "dev": "eth0", "table": "254",
     "scope": "0", "flags": []}

One question for each protocol that may be netkit's: the kernel sorts out the rest, nine routes of
ten in a small namespace and a million on a router.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netkit.command import route
from netkit.command.command import command
from netkit.facts.document import LONGEST, Json, Said, host_or_none, numeral, prefix, question
from netkit.model.object import Netns
from netkit.model.routing import EVERYTHING, NextHop, Route
from netkit.names import ROUTE_PROTOCOL


class Via(Said, frozen=True):
    """A gateway of the other family."""

    host: str


class Hop(Said, frozen=True):
    """One way out of several."""

    gateway: str | None = None
    via: Via | None = None
    dev: str | None = None
    weight: int = 1


class Entry(Said, frozen=True):
    """A route."""

    type: str
    dst: str
    table: str
    metric: int = 0
    tos: str = "0"
    gateway: str | None = None
    via: Via | None = None
    dev: str | None = None
    prefsrc: str | None = None
    pref: str | None = None
    nexthops: tuple[Hop, ...] | None = None


# What people and netkit add; a routing daemon has a protocol of its own, and so has the kernel.
PROTOCOLS = {"boot": 3, "static": 4, ROUTE_PROTOCOL: int(ROUTE_PROTOCOL)}
QUESTIONS = {
    name: question(command("ip", *route.show(table="all").args, "protocol", number))
    for name, number in PROTOCOLS.items()
}
SAYS = Json("ip route show table all", Entry)

TYPES = {"1": "unicast", "6": "blackhole", "7": "unreachable", "8": "prohibit", "9": "throw"}
TYPES |= {name: name for name in TYPES.values()}
TABLES = {"unspec": 0, "default": 253, "main": 254, "local": 255}
LOCAL_TABLE = 255
MULTICAST = "ff00::/8"


def parse(said: str, netns: Netns = None, *, protocol: str = "boot") -> tuple[Route, ...]:
    """
    Read the answer to one of ``QUESTIONS``.

    Args:
        said: The answer.
        netns: Whose.
        protocol: Which was asked for; ip does not repeat it.

    Returns:
        E.g. ``(Route(netns="con1", family=4, to="0.0.0.0/0",
        nexthops=(NextHop(dev="eth0", via="10.1.0.1"),)),)``

    Raises:
        NetkitError: It is not what ip answers.
    """
    with SAYS:
        return tuple(read(SAYS.entries(said), netns, protocol))


def read(found: Iterable[Entry], netns: Netns, protocol: str) -> Iterator[Route]:
    """Read the entries of an answer."""
    for entry in found:
        type, table = TYPES.get(entry.type), numeral(entry.table, TABLES)
        if type is None or table == LOCAL_TABLE or entry.dst == MULTICAST:
            continue
        # Every IPv6 route has a preference, which is all that tells a default from IPv4's.
        family = 6 if ":" in entry.dst or entry.pref is not None else 4
        yield Route(
            netns=netns,
            family=family,
            to=_to(entry.dst, family),
            type=type,
            table=table,
            metric=entry.metric,
            tos=numeral(entry.tos, {}),
            nexthops=_nexthops(entry) if type == "unicast" else (),
            src=host_or_none(entry.prefsrc),
            protocol=protocol,
        )


def _to(dst: str, family: int) -> str:
    if dst == "default":
        return EVERYTHING[family]
    address, slash, length = dst.partition("/")
    return prefix(address, numeral(length, {}) if slash else LONGEST[family])


def _nexthops(entry: Entry) -> tuple[NextHop, ...]:
    if entry.nexthops is None:
        return (NextHop(dev=entry.dev, via=_via(entry)),)
    return tuple([NextHop(dev=hop.dev, via=_via(hop), weight=hop.weight) for hop in entry.nexthops])


def _via(hop: Entry | Hop) -> str | None:
    return host_or_none(hop.gateway if hop.via is None else hop.via.host)
