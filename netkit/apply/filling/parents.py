"""How large a packet may be on a device that a network lies on and that no spec describes."""

from __future__ import annotations

from collections.abc import Mapping

from netkit.apply.session import Session
from netkit.expand.fill import Parent
from netkit.expand.placement import is_made, kernel_netns
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope
from netkit.model.link import Link
from netkit.model.object import Netns
from netkit.model.topology import Topology
from netkit.names import HOST


def parent_mtus(session: Session, topology: Topology) -> Mapping[Parent, int]:
    """
    Read the MTU of the parents of networks that say none themselves.

    Returns:
        MTU by (namespace of the spec, device): ``{("host", "eth0"): 1500}``. A parent that is not
        there is left out, as is one in a namespace that netkit makes.
    """
    wanted: dict[Parent, Netns] = {}
    sandboxes = {item.name: item for item in topology.namespaces}
    for network in topology.networks:
        home = network.parent_netns or HOST
        sandbox = sandboxes.get(home)
        if network.parent is not None and network.mtu is None:
            if sandbox is None:
                wanted[home, network.parent] = None
            elif not is_made(sandbox):
                wanted[home, network.parent] = kernel_netns(sandbox, topology.prefix)
    if not wanted:
        return {}
    looks = tuple(Look(netns, brief=True) for netns in dict.fromkeys(wanted.values()))
    seen = read(session.runner, Scope(looks=looks))
    return {
        parent: found.mtu
        for parent, netns in wanted.items()
        if isinstance(found := seen.get(("link", netns, parent[1])), Link)
    }
