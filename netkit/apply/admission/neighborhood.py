"""
Specs side by side: what two of them cannot both have is refused before anything is changed.

    a thing           that both speak of, where neither made the namespace: an address, a route
    a value           that one wants otherwise than the other
    a VNI             twice in one (namespace of the socket, port): the kernel has one of each
    a parent          macvlan and ipvlan, passthru and others, two modes of ipvlan, a VLAN twice
    a device group    which two names have by chance: neither could tell its devices

What the others want is computed only where there is something to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from netkit.apply.admission.guests import is_gift
from netkit.apply.ownership.holder import holder, where
from netkit.errors import ConflictError, Problem
from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.link import Ipvlan, Link, Macvlan, Vlan, Vxlan
from netkit.model.netns import Namespace
from netkit.model.object import Object
from netkit.model.routing import Route, Rule
from netkit.model.setting import Attribute, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.names import group, mark_owner
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
        if item.group & ~1 == group(name) and (owner := mark_owner(item.alias)) is not None
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
    said: list[Problem] = []
    wishes = any(isinstance(each, Sysctl) and each.origin != BY_ITSELF for each in things.values())
    for owner, state in others(wishes).items():
        said += [
            Problem(things[item.key].origin, f"{_words(item)} is spec {owner}'s")
            for item in _exposed(state)
            if item.key in things and not _agree(things[item.key], item)
        ]
        said += [
            _taken(sockets[_socket(item)], f"{item.ifname} of spec {owner}")
            for item in _tunnels(state)
            if _socket(item) in sockets
        ]
        said += [
            Problem(
                mine.origin,
                f"{item.parent} {where(item.parent_netns)} carries {_kind(item)} of spec {owner},"
                f" which shares it with no {_kind(mine)}",
            )
            for item in _riders(state)
            if (mine := parents.get(_parent(item))) is not None and _repel(mine, item)
        ]
    if said:
        raise ConflictError.at(*said, hint="one of the two specs must give way")


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
        elif isinstance(item, Rule | Attribute | Loan) or (
            isinstance(item, Route) and not is_gift(item)
        ):
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
    return f"{kind} {' '.join(named)} {where(item.netns)}"


def check_sockets(seen: State, own: State, desired: State) -> None:
    """
    Refuse a VNI that somebody has already.

    Raises:
        ConflictError: It names whose they are.
    """
    sockets = {_socket(item): item for item in _tunnels(desired)}
    taken = [
        _taken(sockets[_socket(item)], holder(seen, item.netns, item.ifname))
        for item in seen.every(Vxlan)
        if _socket(item) in sockets and item.key not in own and item.key not in desired
    ]
    if taken:
        raise ConflictError.at(*taken, hint="choose another VNI or dstport")


def _taken(mine: Vxlan, holder: str) -> Problem:
    """Say who has the VNI that is wanted."""
    place = where(mine.socket_netns)
    what = f"VNI {mine.vni} on port {mine.dstport} is taken {place} by {holder}"
    return Problem(mine.origin, what)
