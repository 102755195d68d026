"""
What a spec has in namespaces of others, and how it gives way to what they have themselves.

    a device without a name    gets one that nobody has there
    a default route            only where there is none; one that the spec spells out is no gift
    a hosts file               only where there is none; one that was not written for that reason
                               is not missed when the other goes
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netkit.apply.session import Session
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.placement import is_made, kernel_netns
from netkit.expand.routes import EVERYTHING
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope
from netkit.model.link import Link
from netkit.model.object import Object
from netkit.model.routing import MAIN_TABLE, Route
from netkit.model.setting import File
from netkit.model.state import State
from netkit.model.topology import Topology
from netkit.names import HOST, ROUTE_PROTOCOL, alias_owner, group
from netkit.value import Value


class Given(Value, frozen=True):
    """
    What is left of what is desired.

    Args:
        desired: Without what others have there themselves.
        notes: What was left out, a line each.
    """

    desired: State
    notes: tuple[str, ...] = ()


def busy(
    session: Session, topology: Topology, remembered: Allotments
) -> Mapping[str, Iterable[str]]:
    """Name the devices of others in foreign namespaces where a name must be chosen."""
    places = {
        sandbox.name: kernel_netns(sandbox, topology.prefix)
        for sandbox in topology.namespaces
        if not is_made(sandbox)
        and sandbox.name != HOST
        and any(
            endpoint.device is None and (endpoint.network, sandbox.name) not in remembered.devices
            for endpoint in sandbox.endpoints
        )
    }
    if not places:
        return {}
    looks = tuple(Look(netns, brief=True) for netns in dict.fromkeys(places.values()))
    seen = [
        item
        for item in read(session.runner, Scope(looks=looks)).every(Link)
        if item.group & ~1 != group(topology.name) or alias_owner(item.alias) != topology.name
    ]
    return {
        name: [item.ifname for item in seen if item.netns == netns]
        for name, netns in places.items()
    }


def yielded(seen: State, own: State, desired: State, former: State) -> Given:
    """
    Leave out of what is desired what others have in namespaces of theirs.

    Args:
        seen: All that is there.
        own: What of it is the spec's.
        desired: What it asks for.
        former: What it asked for when it was last applied.
    """
    defaults = {
        (item.netns, item.family)
        for item in seen.every(Route)
        if item.to == EVERYTHING.get(item.family)
        and item.table == MAIN_TABLE
        and item.key not in own
    }
    left = {item.key: _said(item) for item in desired if _yields(item, seen, own, defaults)}
    unmissed = {
        item.key
        for item in desired.every(File)
        if item.gift and item.key in former and item.key not in seen
    }
    if not left and not unmissed:
        return Given(desired)
    kept = desired.where(lambda item: item.key not in left and item.key not in unmissed)
    return Given(kept, tuple(left.values()))


def _yields(item: Object, seen: State, own: State, defaults: set[tuple[str | None, int]]) -> bool:
    if isinstance(item, Route):
        is_gift = item.protocol == str(ROUTE_PROTOCOL) and "/networks/" in item.origin
        return is_gift and (item.netns, item.family) in defaults
    return isinstance(item, File) and item.gift and item.key in seen and item.key not in own


def _said(item: Object) -> str:
    if isinstance(item, Route):
        return f"{item.netns} has a default route of its own: it stays the only one"
    assert isinstance(item, File)
    return f"{item.path} is somebody else's: it stays, without the names of the network"
