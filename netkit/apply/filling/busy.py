"""Names of devices that others have in namespaces of theirs: a device without one gets another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netkit.apply.session import Session
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.placement import is_made, kernel_netns
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope
from netkit.model.link import Link
from netkit.model.topology import Topology
from netkit.names import HOST, group, mark_owner


def busy(
    session: Session, topology: Topology, remembered: Allotments
) -> Mapping[str, Iterable[str]]:
    """Name the devices of others in foreign namespaces where a name must be chosen."""
    places = {
        sandbox.name: kernel_netns(sandbox, topology.prefix)
        for sandbox in topology.namespaces
        if not is_made(sandbox)
        and not sandbox.shares_host
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
        if item.group & ~1 != group(topology.name) or mark_owner(item.alias) != topology.name
    ]
    return {
        name: [item.ifname for item in seen if item.netns == netns]
        for name, netns in places.items()
    }
