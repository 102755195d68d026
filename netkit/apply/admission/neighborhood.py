"""
Specs side by side: what two of them cannot both have is refused before anything is changed.

    a subnet          where one namespace would hold both: its routes could lead to one only; a
                      route of the host's to the same or to a part of it counts as one
    a thing           that both speak of, where neither made the namespace: an address, a route
    a value           that one wants otherwise than the other
    a VNI             twice in one (namespace of the socket, port): the kernel has one of each
    a parent          macvlan and ipvlan, passthru and others, two modes of ipvlan, a VLAN twice
    a device group    which two names have by chance: neither could tell its devices

Two networks of one subnet that never meet are fine, in two hidden bridges for example. What the
others want is computed only where there is something to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_interface, ip_network

from netkit.apply.ownership.holder import holder, way
from netkit.errors import ConflictError
from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.link import Bridge, Ipvlan, Link, Macvlan, Vlan, Vxlan
from netkit.model.netns import Namespace
from netkit.model.object import Object
from netkit.model.ovs import OvsBridge
from netkit.model.routing import MAIN_TABLE, Route, Rule
from netkit.model.setting import Attribute, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.model.topology import IPNetwork
from netkit.names import alias_owner, group
from netkit.plan.world import device_of

Rider = Vlan | Macvlan | Ipvlan
Others = Callable[[bool], Mapping[str, State]]
"""Gives what other specs want, by name; without True only of those that speak of foreign places."""

ON_DEVICES = (Address, Neighbor, FdbEntry, Qdisc)
VALUES = (Attribute, Sysctl)
BY_ITSELF = "/networks"
"""The origin of what netkit wants by itself, for any spec that has a network on the host."""


def check_name(name: str, others: Iterable[str], seen: State) -> None:
    """
    Refuse a name whose mark is another spec's.

    Args:
        name: Of the spec.
        others: Names of specs that are applied, or were about to be.
        seen: What is there.

    Raises:
        ConflictError: It names the other.
    """
    owners = {
        owner
        for item in seen.every(Link)
        if item.group & ~1 == group(name) and (owner := alias_owner(item.alias)) is not None
    }
    owners |= {other for other in others if group(other) == group(name)}
    owners.discard(name)
    if owners:
        raise ConflictError(
            f"the name {name} gives devices the same group, {group(name):#x}, as spec"
            f" {', '.join(sorted(owners))}",
            hint="choose another name (--name)",
        )


def check_claims(desired: State, others: Others) -> None:
    """
    Refuse what another spec has a claim to.

    Raises:
        ConflictError: It names the things, and whose they are.
    """
    things = {item.key: item for item in _exposed(desired)}
    sockets = {_socket(item): item for item in _tunnels(desired)}
    parents = {_parent(item): item for item in _riders(desired)}
    if not things and not sockets and not parents:
        return
    said: list[str] = []
    wishes = any(isinstance(each, Sysctl) and each.origin != BY_ITSELF for each in things.values())
    for owner, state in others(wishes).items():
        said += [
            f"{things[item.key].origin}: {_words(item)} is spec {owner}'s"
            for item in _exposed(state)
            if item.key in things and not _agree(things[item.key], item)
        ]
        said += [
            f"{sockets[_socket(item)].origin}: VNI {item.vni} on port {item.dstport} is taken"
            f" {_where(item.socket_netns)} by {item.ifname} of spec {owner}"
            for item in _tunnels(state)
            if _socket(item) in sockets
        ]
        said += [
            f"{mine.origin}: {item.parent} {_where(item.parent_netns)} carries {_kind(item)} of"
            f" spec {owner}, which shares it with no {_kind(mine)}"
            for item in _riders(state)
            if (mine := parents.get(_parent(item))) is not None and _repel(mine, item)
        ]
    if said:
        raise ConflictError("\n".join(said), hint="one of the two specs must give way")


def _exposed(state: State) -> Iterator[Object]:
    """Give what lies in namespaces, and on devices, that a spec did not make."""
    places = {item.netns for item in state.every(Namespace)}
    devices = {(item.netns, item.ifname) for item in state.every(Link)}
    for item in state:
        if item.netns in places:
            continue
        if isinstance(item, ON_DEVICES):
            if (item.netns, item.ifname) not in devices:
                yield item
        elif isinstance(item, Sysctl):
            if (item.netns, device_of(item.name)) not in devices:
                yield item
        elif isinstance(item, Route | Rule | Attribute | Loan):
            yield item


def _agree(one: Object, other: Object) -> bool:
    """Say whether two specs can both have it: the same value for the same parameter."""
    return isinstance(one, VALUES) and one == other


def _tunnels(state: State) -> Iterator[Vxlan]:
    """Give the VXLANs whose socket is in a namespace that the spec did not make."""
    places = {item.netns for item in state.every(Namespace)}
    for item in state.every(Vxlan):
        if item.socket_netns not in places:
            yield item


def _socket(item: Vxlan) -> tuple[object, ...]:
    return (item.socket_netns, item.dstport, item.vni)


def _riders(state: State) -> Iterator[Rider]:
    """Give what lies on devices that the spec did not make."""
    for item in state.every(Link):
        if (
            isinstance(item, Vlan | Macvlan | Ipvlan)
            and ("link", item.parent_netns, item.parent) not in state
        ):
            yield item


def _parent(item: Rider) -> tuple[object, ...]:
    return (item.parent_netns, item.parent, item.vid if isinstance(item, Vlan) else None)


def _repel(one: Rider, other: Rider) -> bool:
    """Say whether the kernel has no place for both on one device."""
    if isinstance(one, Vlan) or isinstance(other, Vlan) or type(one) is not type(other):
        return True
    if isinstance(one, Ipvlan):
        return one.mode != other.mode
    return "passthru" in {one.mode, other.mode}


def _kind(item: Rider) -> str:
    return f"{item.KIND} {item.vid if isinstance(item, Vlan) else item.mode}"


def _words(item: Object) -> str:
    kind, *rest = item.key
    named = [str(word) for word in rest if word not in {None, "", item.netns}]
    return f"{kind} {' '.join(named)} {_where(item.netns)}"


def _where(netns: str | None) -> str:
    return f"in namespace {netns}" if netns else "on the host"


def check_neighbors(seen: State, own: State, desired: State) -> None:
    """
    Refuse what does not go together with what is there: a subnet on the host, a VNI.

    Raises:
        ConflictError: It names whose they are.
    """
    sockets = {_socket(item): item for item in _tunnels(desired)}
    taken = [
        f"{sockets[_socket(item)].origin}: VNI {item.vni} on port {item.dstport} is taken"
        f" {_where(item.socket_netns)} by {holder(seen, item.netns, item.ifname)}"
        for item in seen.every(Vxlan)
        if _socket(item) in sockets and item.key not in own and item.key not in desired
    ]
    if taken:
        raise ConflictError("\n".join(taken), hint="choose another VNI or dstport")
    _check_subnets(seen, own, desired)


def _check_subnets(seen: State, own: State, desired: State) -> None:
    wanted = _subnets(desired)
    if not wanted:
        return
    foreign = seen.where(
        lambda item: item.netns is None and item.key not in own and item.key not in desired
    )
    clashes = [
        f"{item.origin}: subnet {subnet} overlaps {other.cidr} of"
        f" {holder(seen, None, other.ifname)}"
        for item, subnet in wanted
        for other in foreign.every(Address)
        if subnet.overlaps(ip_interface(other.cidr).network)
    ]
    clashes += [
        f"{item.origin}: subnet {subnet} overlaps the route {route.to} of {way(seen, route)}"
        for item, subnet in wanted
        for route in _routes(foreign)
        if subnet.overlaps(ip_network(route.to)) and not _is_wider(route, subnet)
    ]
    if clashes:
        raise ConflictError("\n".join(clashes), hint="give the network other subnets")


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
