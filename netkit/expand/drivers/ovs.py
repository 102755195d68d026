"""
The ovs driver: a switch of Open vSwitch, and internal ports that move into the sandboxes.

    host                                          sandbox
    nk-<net> ─── nk-<endpoint> ══════════════════ eth0       the port keeps its name in the switch
       │                                                     tag: an access port; trunks: tagged
       └── nk-<net>, the local port: the gateway's, in no VLAN; rules of the host as for a bridge

The switch is in the host, whose program it is, also where there is no gateway: then its local port
is down, and nothing of the host is in the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netkit.expand.dressing import dressed, endpoint_fields
from netkit.expand.drivers.bridge import in_host, verdicts
from netkit.expand.placement import Site, refinement
from netkit.model.link import Internal
from netkit.model.object import Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.topology import Endpoint, Network, Sandbox
from netkit.names import bridge_ifname, device_alias, endpoint_ifname, mac_of

__all__ = ["endpoint_state", "network_state", "verdicts"]

MTU = 1500


def network_state(site: Site, network: Network) -> Iterator[Object]:
    """Say what a network is: a switch, its local port, and the gateway's addresses on that."""
    ifname = bridge_ifname(site.spec, network.name)
    mac = mac_of(site.spec, network.name)
    has_gateway = not site.is_hidden(network)
    mtu = network.mtu or MTU
    yield OvsBridge(ifname=ifname, mac=mac, mtu=mtu, owner=site.spec, origin=network.pointer)
    yield Internal(
        ifname=ifname,
        port=ifname,
        mtu=mtu,
        mac=mac,
        up=has_gateway,
        alias=device_alias(site.spec, network.name, "ovs"),
        group=site.group,
        origin=network.pointer,
    )
    if has_gateway:
        yield from in_host(site, network)


def endpoint_state(
    site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint
) -> Iterable[Object]:
    """Say what ties a sandbox to the switch: a port, and its device in the sandbox."""
    refined = refinement(sandbox, endpoint.device or "")
    port = endpoint_ifname(site.spec, network.name, sandbox.name)
    yield OvsPort(
        ifname=port,
        bridge=bridge_ifname(site.spec, network.name),
        tag=endpoint.tag,
        trunks=endpoint.trunks,
        isolated=network.isolate,
        owner=site.spec,
        origin=endpoint.pointer,
    )
    yield Internal(
        **endpoint_fields(site, network, sandbox, endpoint),
        port=port,
        mac=refined.mac or endpoint.mac,
    )
    yield from dressed(site, sandbox, endpoint)
