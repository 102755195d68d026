"""
The bridge driver.

    host                                          sandbox
    nk-<net> ─── nk-<endpoint> ═══════════════════ eth0      gateway on the bridge, NAT, FORWARD
    hidden
    nk-<net> ─── nk-<endpoint> ═══════════════════ eth0      no address of netkit's: out of reach

The rules of the host are in ``bridge_rules``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_interface

from netkit.expand.cables import End, pair
from netkit.expand.dressing import addresses, at_once
from netkit.expand.drivers.bridge_rules import by_loopback, verdicts
from netkit.expand.placement import HAVE_GATEWAYS, Site, own_gateways, refinement
from netkit.expand.published import openings
from netkit.model.link import Bridge
from netkit.model.object import Object
from netkit.model.setting import Sysctl
from netkit.model.topology import Endpoint, IPInterface, Network, Sandbox
from netkit.names import HOST, bridge_ifname, device_alias, endpoint_ifname, mac_of

__all__ = ["endpoint_state", "forwards", "network_state", "verdicts"]

MTU = 1500


def network_state(site: Site, network: Network) -> Iterator[Object]:
    """Say what a network is: its bridge, and the gateway's addresses on it."""
    ifname = bridge_ifname(site.spec, network.name)
    netns = site.bridge_netns(network)
    yield Bridge(
        netns=netns,
        ifname=ifname,
        mtu=network.mtu or MTU,
        mac=mac_of(site.spec, network.name),
        alias=device_alias(site.spec, network.name, "bridge"),
        group=site.group,
        origin=network.pointer,
    )
    if netns is None:
        yield from in_host(site, network)


def in_host(site: Site, network: Network) -> Iterator[Object]:
    """Say what the device of a network carries where it is the host's: addresses, parameters."""
    ifname = bridge_ifname(site.spec, network.name)
    yield from at_once(None, ifname, None, network.pointer)
    yield from addresses(None, ifname, _own_addresses(site, network), network.pointer)
    if by_loopback(openings(site, network)):
        name = f"net/ipv4/conf/{ifname}/route_localnet"
        yield Sysctl(name=name, value="1", origin=network.pointer)


def _own_addresses(site: Site, network: Network) -> Iterator[IPInterface]:
    """Give what stands on the bridge: the gateways, and what the host asks for itself."""
    given = dict.fromkeys(own_gateways(network, site.held))
    host = site.sandboxes.get(HOST)
    for endpoint in host.endpoints if host else ():
        if endpoint.network == network.name:
            given |= dict.fromkeys(each.ip for each in endpoint.addresses or ())
    for address in given:
        for subnet in network.subnets or ():
            if address in subnet:
                yield ip_interface((address, subnet.prefixlen))


def endpoint_state(
    site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint
) -> Iterator[Object]:
    """Say what ties a sandbox to a bridge: a cable. The host in a network of its own has one."""
    netns = site.netns[sandbox.name]
    bridge_netns = site.bridge_netns(network)
    if sandbox.name == HOST and bridge_netns is None:
        return
    assert endpoint.device is not None
    refined = refinement(sandbox, endpoint.device)
    alias = device_alias(site.spec, sandbox.name, endpoint.device)
    mtu = network.mtu or MTU
    near = End(
        netns=bridge_netns,
        ifname=endpoint_ifname(site.spec, network.name, sandbox.name),
        alias=alias,
        mtu=mtu,
        mac=mac_of("port", site.spec, network.name, sandbox.name),
        master=bridge_ifname(site.spec, network.name),
        isolated=network.isolate,
        hairpin=bool(endpoint.publish),
        silent=bridge_netns is None,
    )
    far = End(
        netns=netns,
        ifname=endpoint.device,
        alias=alias,
        mtu=refined.mtu or endpoint.mtu or mtu,
        mac=refined.mac or endpoint.mac,
        sandbox=sandbox.name,
        up=refined.up is not False,
        master=refined.master,
        addresses=(*(endpoint.addresses or ()), *refined.addresses),
        shaping=refined.shaping or endpoint.shaping,
    )
    yield from pair(site, near, far, endpoint.pointer)


def forwards(site: Site, networks: Iterable[Network]) -> frozenset[int]:
    """Say for which families the host must pass packets on."""
    return frozenset(
        subnet.version
        for network in networks
        if network.driver in HAVE_GATEWAYS and not network.internal and not site.is_hidden(network)
        for subnet in network.subnets or ()
    )
