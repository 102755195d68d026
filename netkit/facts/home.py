"""
What hangs on devices at home: the answers about addresses and routes, read in full.

    {"local": "10.7.0.1", "prefixlen": 24, "broadcast": "10.7.0.255", "scope": "0", "label": "l0"}
    {"dst": "10.8.0.0/16", "gateway": "10.7.0.9", "dev": "l0", "flags": ["onlink"],
     "metrics": [{"mtu": 1400}]}

Other facts read of these only what netkit itself would say. Here it is somebody else's, and must
come back as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from netkit.command import route
from netkit.command.command import Command, command
from netkit.facts import address, link
from netkit.facts import route as routes
from netkit.facts.document import Json, Said, host_or_none, prefix, question
from netkit.model.home import HomeAddress, HomeRoute
from netkit.model.object import Netns

PROTOCOLS = ("boot", "static")
"""What people put there; a daemon, or the kernel, puts its own back by itself."""
ADDRESSES = link.QUESTION
ROUTES = {protocol: routes.QUESTIONS[protocol] for protocol in PROTOCOLS}
SCOPES = {"0": "global", "253": "link", "254": "host"}


class Given(link.Given, frozen=True):
    """An address, in full."""

    address: str | None = None
    broadcast: str | None = None
    scope: str = "0"
    label: str | None = None
    metric: int | None = None
    noprefixroute: bool = False
    deprecated: bool = False
    nodad: bool = False


class Bearer(Said, frozen=True):
    """A device with its addresses."""

    ifname: str
    link_type: str
    addr_info: tuple[Given, ...] = ()


class Metrics(Said, frozen=True):
    """What a route says of the connections by it."""

    mtu: int | None = None


class Way(routes.Entry, frozen=True):
    """A route, in full."""

    scope: str = "0"
    flags: tuple[str, ...] = ()
    metrics: tuple[Metrics, ...] = ()
    encap: str | None = None
    protocol: str = ""


BEARERS = Json("ip address show", Bearer)
WAYS = Json("ip route show table all", Way)


def addresses(said: str, netns: Netns, ifnames: Collection[str]) -> Iterator[HomeAddress]:
    """
    Read the answer to ``ADDRESSES``: what somebody gave these devices for good.

    Returns:
        In the order in which they can be given again for the kernel to have them in its order: of
        IPv4 the first of a prefix is the one it prefers, of IPv6 the last.
    """
    with BEARERS:
        for entry in BEARERS.entries(said):
            if entry.ifname in ifnames:
                found = tuple(_addresses(entry, netns))
                yield from (item for item in found if ":" not in item.cidr)
                yield from (item for item in reversed(found) if ":" in item.cidr)


def _addresses(entry: Bearer, netns: Netns) -> Iterator[HomeAddress]:
    for given in entry.addr_info:
        cidr = prefix(given.local, given.prefixlen)
        is_ipv6 = ":" in cidr
        if given.dynamic or (is_ipv6 and address.is_kernels(entry.link_type, given, cidr)):
            continue
        scope = None if is_ipv6 else SCOPES.get(given.scope, given.scope)
        yield HomeAddress(
            netns=netns,
            ifname=entry.ifname,
            cidr=cidr,
            peer=None if given.address is None else prefix(given.address, given.prefixlen),
            broadcast=host_or_none(given.broadcast),
            scope=None if scope == "global" else scope,
            label=None if given.label == entry.ifname else given.label,
            metric=given.metric,
            noprefixroute=given.noprefixroute,
            deprecated=given.deprecated,
            nodad=given.nodad,
        )


def ways(
    said: str, netns: Netns, ifnames: Collection[str], *, protocol: str
) -> Iterator[HomeRoute]:
    """Read the answer to one of ``ROUTES``: those that lead out of one of these devices alone."""
    with WAYS:
        for entry in WAYS.entries(said):
            devices = {entry.dev} if entry.nexthops is None else {h.dev for h in entry.nexthops}
            (ifname,) = devices if len(devices) == 1 else (None,)
            if ifname is None or ifname not in ifnames or entry.encap is not None:
                continue
            for found in routes.read((entry,), netns, protocol):
                if found.type == "unicast":
                    via = any(hop.via is not None for hop in found.nexthops)
                    scope = SCOPES.get(entry.scope, entry.scope)
                    follows = found.family == 6 or scope == ("global" if via else "link")
                    yield HomeRoute(
                        netns=netns,
                        ifname=ifname,
                        family=found.family,
                        to=found.to,
                        table=found.table,
                        metric=found.metric,
                        tos=found.tos,
                        nexthops=found.nexthops,
                        src=found.src,
                        scope=None if follows else scope,
                        mtu=next((each.mtu for each in entry.metrics if each.mtu), None),
                        onlink="onlink" in entry.flags,
                        protocol=protocol,
                    )


def rivals(found: HomeRoute) -> Command:
    """Give the question for all routes to where one leads, whoever gave them."""
    return question(command("ip", *route.show(table="all").args, "exact", found.to))


def rival(said: str, found: HomeRoute) -> str | None:
    """
    Read the answer to ``rivals``: by what the place of a route is taken.

    Returns:
        The device of the one that has it, ``another`` for one of several or none; None where
        nothing has it.
    """
    with WAYS:
        for entry in WAYS.entries(said):
            for other in routes.read((entry,), found.netns, entry.protocol):
                if found.place == (other.family, other.table, other.to, other.metric, other.tos):
                    return entry.dev or "another"
    return None
