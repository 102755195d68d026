"""
The vlan driver: one VLAN of a parent, and a hidden bridge that the members' cables end at.

    host            hidden                                   sandbox
    eth0 ══════════ nk-<vlan> ─┐
                               nk-<net> ─── nk-<endpoint> ══ eth0
                                        the gateway is somebody on the VLAN
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netkit.expand.drivers import bridge
from netkit.expand.drivers.bridge import endpoint_state
from netkit.expand.ground import tagged
from netkit.expand.packets import Verdict
from netkit.expand.placement import Site
from netkit.model.object import Object
from netkit.model.topology import Network
from netkit.names import HOST, bridge_ifname, vlan_ifname

__all__ = ["endpoint_state", "network_state", "verdicts"]


def network_state(site: Site, network: Network) -> Iterator[Object]:
    """Say what the network is: a switch, and the tagged way out of it."""
    assert network.parent is not None
    assert network.vid is not None
    yield from bridge.network_state(site, network)
    home = network.parent_netns or HOST
    yield tagged(
        site,
        network,
        netns=site.hidden,
        ifname=vlan_ifname(site.spec, home, network.parent, network.vid),
        master=bridge_ifname(site.spec, network.name),
    )


def verdicts(site: Site, network: Network) -> Iterable[Verdict]:
    """Nothing: frames pass by the host's packet filter."""
    return ()
