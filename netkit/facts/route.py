"""
Routes of both families: what ``ip route show table all protocol P`` says.

    {"type": "1", "dst": "default", "gateway": "10.1.0.1", "dev": "eth0", "table": "254",
     "scope": "0", "flags": []}

One question for each protocol that may be netkit's: the kernel sorts out the rest, nine routes of
ten in a small namespace and a million on a router.
"""

from __future__ import annotations

from collections.abc import Iterator

from netkit.command import route
from netkit.command.command import command
from netkit.facts.document import (
    Entry,
    Says,
    entries,
    host,
    number,
    numeral,
    objects,
    part,
    question,
    text,
    text_or_none,
)
from netkit.model.object import Netns
from netkit.model.routing import NextHop, Route
from netkit.names import ROUTE_PROTOCOL

# What people and netkit add; a routing daemon has a protocol of its own, and so has the kernel.
PROTOCOLS = {"boot": 3, "static": 4, "200": ROUTE_PROTOCOL}
QUESTIONS = {
    name: question(command("ip", *route.show(table="all").args, "protocol", number))
    for name, number in PROTOCOLS.items()
}
SAYS = Says("ip route show table all")

TYPES = {"1": "unicast", "6": "blackhole", "7": "unreachable", "8": "prohibit", "9": "throw"}
TYPES |= {name: name for name in TYPES.values()}
TABLES = {"unspec": 0, "default": 253, "main": 254, "local": 255}
LOCAL_TABLE = 255
EVERYWHERE = {4: "0.0.0.0/0", 6: "::/0"}
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
        return tuple(_routes(entries(said), netns, protocol))


def _routes(found: list[Entry], netns: Netns, protocol: str) -> Iterator[Route]:
    for entry in found:
        type = TYPES.get(text(entry, "type"))
        dst, table = text(entry, "dst"), numeral(entry, "table", TABLES)
        if type is None or table == LOCAL_TABLE or dst == MULTICAST:
            continue
        # Every IPv6 route has a preference, which is all that tells a default from IPv4's.
        family = 6 if ":" in dst or "pref" in entry else 4
        yield Route(
            netns=netns,
            family=family,
            to=_to(dst, family),
            type=type,
            table=table,
            metric=number(entry, "metric", 0),
            tos=numeral(entry, "tos", {}) if "tos" in entry else 0,
            nexthops=_nexthops(entry) if type == "unicast" else (),
            src=_host(text_or_none(entry, "prefsrc")),
            protocol=protocol,
        )


def _to(dst: str, family: int) -> str:
    if dst == "default":
        return EVERYWHERE[family]
    address, slash, length = dst.partition("/")
    return f"{host(address)}/{length if slash else (32 if family == 4 else 128)}"


def _nexthops(entry: Entry) -> tuple[NextHop, ...]:
    if "nexthops" not in entry:
        return (_nexthop(entry),)
    return tuple([_nexthop(hop) for hop in objects(entry["nexthops"], "nexthops")])


def _nexthop(hop: Entry) -> NextHop:
    via = text_or_none(hop, "gateway")
    if via is None and "via" in hop:  # the gateway is of the other family
        via = text(part(hop, "via"), "host")
    return NextHop(dev=text_or_none(hop, "dev"), via=_host(via), weight=number(hop, "weight", 1))


def _host(address: str | None) -> str | None:
    return None if address is None else host(address)
