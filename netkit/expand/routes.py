"""Routes, policy rules and neighbours of a sandbox, and which network gives it its default."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.errors import NetkitError, Problem
from netkit.expand.placement import Site, is_made, is_routed, own_gateways
from netkit.expand.underlay import on_link
from netkit.model.addressing import Neighbor
from netkit.model.object import Object
from netkit.model.routing import DEFAULT_METRIC, EVERYTHING, MAIN_TABLE, NextHop, Route, Rule
from netkit.model.topology import (
    Endpoint,
    Hop,
    IPAddress,
    PolicyRule,
    Sandbox,
    StaticRoute,
)
from netkit.names import HOST, ROUTE_PROTOCOL, bridge_ifname

FIRST_PRIORITY = 1000


def routes(site: Site, sandbox: Sandbox) -> Iterator[Object]:
    """Say where a sandbox sends what is not on its links."""
    for family in (4, 6):
        if not _says_default(sandbox, family):
            yield from _default(site, sandbox, family)
    for item in sandbox.routes:
        yield _static(site, sandbox, item)


def _says_default(sandbox: Sandbox, family: int) -> bool:
    return any(_is_default(item, family) for item in sandbox.routes)


def _is_default(item: StaticRoute, family: int) -> bool:
    return (
        item.to.version == family
        and item.to.prefixlen == 0
        and item.table == MAIN_TABLE
        and item.metric is None
    )


def _default(site: Site, sandbox: Sandbox, family: int) -> Iterator[Object]:
    chosen = _chosen(site, sandbox, family)
    if chosen is not None:
        endpoint, hop = chosen
        yield Route(
            netns=site.netns[sandbox.name],
            family=family,
            to=EVERYTHING[family],
            metric=DEFAULT_METRIC[family],
            nexthops=(hop,),
            protocol=_protocol(sandbox),
            origin=endpoint.pointer,
        )


def _chosen(site: Site, sandbox: Sandbox, family: int) -> tuple[Endpoint, NextHop] | None:
    """Take the gateway of the network with the highest priority, then the first in the spec."""
    for endpoint in sorted(sandbox.endpoints, key=lambda item: -item.priority):
        hop = _way_out(site, sandbox, endpoint, family)
        if hop is not None:
            return endpoint, hop
    return None


def leaves_by(site: Site, sandbox: Sandbox, family: int) -> str | None:
    """Name the device of a sandbox's one default route; None where it has none, or several ways."""
    if not _says_default(sandbox, family):
        chosen = _chosen(site, sandbox, family)
        return None if chosen is None else chosen[0].device
    hops = [
        _hop(site, sandbox, hop, item)
        for item in sandbox.routes
        if _is_default(item, family)
        for hop in item.hops
    ]
    return hops[0].dev if len(hops) == 1 else None


def _way_out(site: Site, sandbox: Sandbox, endpoint: Endpoint, family: int) -> NextHop | None:
    """Say how an endpoint leaves its network: by a gateway, or by its device alone."""
    network = site.networks[endpoint.network]
    if is_routed(network):
        leaves = not network.internal and _has_family(endpoint, family)
        return NextHop(dev=endpoint.device) if leaves else None
    via = gateway(site, sandbox, endpoint, family)
    return None if via is None else NextHop(via=str(via), dev=endpoint.device)


def gateway(site: Site, sandbox: Sandbox, endpoint: Endpoint, family: int) -> IPAddress | None:
    """Give the address by which an endpoint leaves its network, when there is one for it."""
    network = site.networks[endpoint.network]
    own = {address.ip for address in endpoint.addresses or ()}
    if endpoint.tag is not None or endpoint.trunks:
        return None  # the gateway is in no VLAN
    if network.internal or not _has_family(endpoint, family) or sandbox.name == HOST:
        return None
    candidates = [item for item in network.gateways or () if item.version == family]
    if any(item in own for item in candidates):
        return None
    return candidates[0] if candidates else None


def _has_family(endpoint: Endpoint, family: int) -> bool:
    return any(address.version == family for address in endpoint.addresses or ())


def _protocol(sandbox: Sandbox) -> str:
    return "boot" if is_made(sandbox) else ROUTE_PROTOCOL


def _static(site: Site, sandbox: Sandbox, item: StaticRoute) -> Route:
    family = item.to.version
    return Route(
        netns=site.netns[sandbox.name],
        family=family,
        to=str(item.to),
        type=item.type,
        table=item.table,
        metric=DEFAULT_METRIC[family] if item.metric is None else item.metric,
        nexthops=tuple(_hop(site, sandbox, hop, item) for hop in item.hops),
        src=str(item.src) if item.src else None,
        protocol=_protocol(sandbox),
        origin=item.pointer,
    )


def _hop(site: Site, sandbox: Sandbox, hop: Hop, item: StaticRoute) -> NextHop:
    dev = hop.dev
    if dev is None and hop.via is not None:
        dev = on_link(site, sandbox, hop.via) or _bridge_towards(site, sandbox, hop.via)
        if dev is None:
            raise NetkitError.at(
                Problem(item.pointer, f"no device of {sandbox.name} has {hop.via} on its link"),
                hint="name the device: dev",
            )
    return NextHop(dev=dev, via=str(hop.via) if hop.via else None, weight=hop.weight)


def _bridge_towards(site: Site, sandbox: Sandbox, address: IPAddress) -> str | None:
    """Find, for the host, the bridge of a network that an address lies in."""
    if sandbox.name != HOST:
        return None
    for network in site.topology.networks:
        if own_gateways(network, site.held) and any(
            address in subnet for subnet in network.subnets or ()
        ):
            return bridge_ifname(site.spec, network.name)
    return None


def rules(site: Site, sandbox: Sandbox) -> Iterator[Object]:
    """Say which table a sandbox looks routes up in; document order is priority."""
    said = {item.priority for item in sandbox.rules if item.priority is not None}
    free = (number for number in range(FIRST_PRIORITY, 32766) if number not in said)
    for item in sandbox.rules:
        priority = next(free) if item.priority is None else item.priority
        for family in (item.family,) if item.family else (4, 6):
            yield _rule(site, sandbox, item, family=family, priority=priority)


def _rule(site: Site, sandbox: Sandbox, item: PolicyRule, *, family: int, priority: int) -> Rule:
    return Rule(
        netns=site.netns[sandbox.name],
        family=family,
        priority=priority,
        source=str(item.source) if item.source else None,
        destination=str(item.destination) if item.destination else None,
        iif=item.iif,
        oif=item.oif,
        fwmark=item.fwmark,
        table=item.table if item.action == "lookup" else None,
        action=item.action,
        protocol=_protocol(sandbox),
        origin=item.pointer,
    )


def neighbors(site: Site, sandbox: Sandbox) -> Iterator[Object]:
    """Say whom a sandbox knows without asking, and for whom it answers."""
    for item in sandbox.neighbors:
        yield Neighbor(
            netns=site.netns[sandbox.name],
            ifname=item.device,
            address=str(item.address),
            lladdr=item.lladdr,
            protocol=_protocol(sandbox),
            origin=item.pointer,
        )
