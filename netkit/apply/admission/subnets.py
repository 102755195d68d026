"""
Subnets on the host, beside those that are there: its routes could lead to one of them only.

A route to the same or to a part of it counts as a subnet; one to more, by a gateway, goes on, and
what is in the subnet is reached first. Two networks of one subnet that never meet are fine, in two
hidden bridges for example.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface, ip_network

from netkit.apply.ownership.holder import holder, way
from netkit.errors import ConflictError, Problem
from netkit.model.addressing import Address
from netkit.model.link import Bridge
from netkit.model.ovs import OvsBridge
from netkit.model.routing import MAIN_TABLE, Route
from netkit.model.state import State
from netkit.model.topology import IPNetwork


def check_subnets(seen: State, own: State, desired: State) -> None:
    """
    Refuse a subnet on the host that overlaps one that is there.

    Raises:
        ConflictError: It names whose they are.
    """
    wanted = _subnets(desired)
    if not wanted:
        return
    foreign = seen.where(
        lambda item: item.netns is None and item.key not in own and item.key not in desired
    )
    clashes = [
        Problem(
            item.origin,
            f"subnet {subnet} overlaps {other.cidr} of {holder(seen, None, other.ifname)}",
        )
        for item, subnet in wanted
        for other in foreign.every(Address)
        if subnet.overlaps(ip_interface(other.cidr).network)
    ]
    clashes += [
        Problem(item.origin, f"subnet {subnet} overlaps the route {route.to} of {way(seen, route)}")
        for item, subnet in wanted
        for route in _routes(foreign)
        if subnet.overlaps(ip_network(route.to)) and not _is_wider(route, subnet)
    ]
    if clashes:
        raise ConflictError.at(*clashes, hint="give the network other subnets")


def shadowed(seen: State, own: State, desired: State) -> tuple[str, ...]:
    """Tell of routes to wider prefixes, of which a subnet takes a part: it comes first."""
    wanted = _subnets(desired)
    return tuple(
        f"subnet {subnet} takes its part of the route {route.to} of {way(seen, route)}"
        for item, subnet in wanted
        if item.key not in own
        for route in _routes(seen)
        if route.key not in own
        and subnet.overlaps(ip_network(route.to))
        and _is_wider(route, subnet)
    )


def _subnets(desired: State) -> list[tuple[Address, IPNetwork]]:
    """Give the subnets that are to be on the host's bridges of netkit's, one each."""
    bridges = {item.ifname for item in desired.every(Bridge) if item.netns is None}
    bridges |= {item.ifname for item in desired.every(OvsBridge)}
    found = {
        (item.ifname, network): (item, network)
        for item in desired.every(Address)
        if item.netns is None and item.ifname in bridges
        for network in (ip_interface(item.cidr).network,)
    }
    return [*found.values()]


def _routes(state: State) -> Iterator[Route]:
    """Give the host's routes to parts of the world."""
    for route in state.every(Route):
        if route.netns is None and route.table == MAIN_TABLE and ip_network(route.to).prefixlen:
            yield route


def _is_wider(route: Route, subnet: IPNetwork) -> bool:
    """Say whether a route leads to more than a subnet, by a gateway: both can be then."""
    through = any(hop.via is not None for hop in route.nexthops)
    return through and ip_network(route.to).prefixlen < subnet.prefixlen
