"""
From the spec as written to the spec with nothing left open.

What was allotted is written into the Topology itself: subnets, gateways, addresses, device names,
MAC addresses, MTUs. The result is a spec again (``netkit render`` prints it), and all that follows
reads it as if the user had said everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Interface, ip_address, ip_interface, ip_network

from netkit.expand.ipam.addresses import NAME_SERVER, request_addresses
from netkit.expand.ipam.allotments import Allotments, Seat
from netkit.expand.ipam.devices import DEVICELESS, request_devices
from netkit.expand.ipam.pools import Holding, request_pools
from netkit.expand.ipam.ports import DOORS, Doors, request_ports, with_ports
from netkit.expand.placement import (
    Holders,
    Site,
    holders,
    is_routed,
    own_gateways,
    refinement,
)
from netkit.expand.underlay import devices_of, mtu_of
from netkit.model.subnet import first_host
from netkit.model.topology import (
    Cable,
    CableEnd,
    Endpoint,
    ExistingDetail,
    IPInterface,
    Network,
    Sandbox,
    Topology,
)
from netkit.names import HOST, mac_of, mac_of_address
from netkit.value import replace

MTU = 1500
LEAST_MTU = 68
LEAST_IPV6_MTU = 1280
Parent = tuple[str, str]
"""A namespace of the spec, or host, and a device there that networks lie on."""
NO_PARENTS: Mapping[Parent, int] = {}
NOT_BUSY: Mapping[str, Iterable[str]] = {}


def fill(
    topology: Topology,
    remembered: Allotments,
    taken: Iterable[Holding] = (),
    parents: Mapping[Parent, int] = NO_PARENTS,
    *,
    busy: Mapping[str, Iterable[str]] = NOT_BUSY,
    uplink: int = MTU,
    doors: Doors = DOORS,
) -> tuple[Topology, Allotments]:
    """
    Write into a spec all that it left open.

    Args:
        topology: As checked.
        remembered: What was allotted before; it stays where it still fits.
        taken: Subnets that no pool may overlap, and whose they are.
        parents: MTU of devices that networks lie on and that the spec does not bring.
        busy: Device names that others have taken, by namespace.
        uplink: MTU of the host's way out, which networks that say none are given.
        doors: Ports of the host for what is published without one.

    Returns:
        The spec with nothing left open, and what was allotted for it.

    Raises:
        NetkitError: A pool, a subnet or the ports of the host are exhausted.
    """
    pools = request_pools(topology, remembered.pools, taken)
    mtus = _mtus(topology, remembered.mtus, uplink)
    below = {**_below(topology, parents), **mtus}
    held = holders(topology)
    networks = tuple(
        _with_gateways(_network(item, pools, below.get(item.name, MTU)), remembered, pools, held)
        for item in topology.networks
    )
    topology = replace(topology, networks=networks)
    addresses, released = request_addresses(topology, remembered)
    devices = request_devices(topology, remembered.devices, busy)
    given = {item.name for item in networks if item.ipam.is_remote}
    allotments = Allotments(
        pools=pools,
        addresses=addresses,
        devices=devices,
        released=released,
        foreign=remembered.foreign,
        mtus=mtus,
        gateways={name: told for name, told in remembered.gateways.items() if name in given},
        ports=request_ports(topology, remembered.ports, doors),
    )
    if any(network.dns is not None for network in networks):
        held = holders(topology)
        networks = tuple(_with_name_server(item, allotments, held) for item in networks)
        topology = replace(topology, networks=networks)
    by_name = {network.name: network for network in networks}
    namespaces = tuple(
        _sandbox(topology.name, item, by_name, allotments) for item in topology.namespaces
    )
    sandboxes = {item.name: item for item in namespaces}
    links = tuple(_cable(topology.name, item, sandboxes) for item in topology.links)
    return replace(topology, namespaces=namespaces, links=links), allotments


def leaves_the_host(network: Network) -> bool:
    """Say whether a network's size is that of the host's uplink: it is routed there, and open."""
    by_host = network.driver == "bridge" and not network.internal and network.gateways != ()
    return by_host and network.mtu is None and network.subnets != ()


def _mtus(topology: Topology, remembered: Mapping[str, int], uplink: int) -> dict[str, int]:
    """
    Give the MTU of networks that leave the host: never more than usual.

    A larger one must be said: others on the way may not take it.
    """
    return {
        network.name: remembered.get(network.name)
        or max(min(uplink, MTU), LEAST_IPV6_MTU if _has_ipv6(network) else LEAST_MTU)
        for network in topology.networks
        if leaves_the_host(network)
    }


def _has_ipv6(network: Network) -> bool:
    return network.ipv6 or any(subnet.version == 6 for subnet in network.subnets or ())


def _below(topology: Topology, parents: Mapping[Parent, int]) -> dict[str, int]:
    """Give the MTU of what networks lie on, by network."""
    found: dict[str, int] = {}
    lying = [item for item in topology.networks if item.parent is not None and item.mtu is None]
    if not lying:
        return found
    site = Site.of(topology)
    for network in lying:
        assert network.parent is not None
        home = network.parent_netns or HOST
        sandbox = site.sandboxes.get(home)
        seen = parents.get((home, network.parent))
        if seen is None or _is_brought(site, sandbox, network.parent):
            found[network.name] = mtu_of(site, sandbox, network.parent)
        else:
            found[network.name] = seen
    return found


def _is_brought(site: Site, sandbox: Sandbox | None, ifname: str) -> bool:
    """Say whether a spec fixes the MTU of a device: it brings the device, or says so."""
    if sandbox is None:
        return False
    refined = refinement(sandbox, ifname)
    if isinstance(refined.detail, ExistingDetail):
        return refined.mtu is not None
    return any(name == ifname for name, _ in devices_of(site, sandbox))


def _network(network: Network, pools: Mapping[str, tuple[str, ...]], mtu: int) -> Network:
    allotted = tuple(ip_network(cidr) for cidr in pools.get(network.name, ()))
    subnets = (*(network.subnets or ()), *allotted)
    return replace(network, subnets=subnets, mtu=network.mtu or mtu)


def _with_gateways(
    network: Network, remembered: Allotments, pools: Mapping[str, tuple[str, ...]], held: Holders
) -> Network:
    if network.driver in DEVICELESS:
        return network
    if network.gateways is not None:
        own = own_gateways(network, held)  # beside them, that of a pool, which nobody can name
        allotted = map(ip_network, pools.get(network.name, ()) if own else ())
        beside = (first_host(subnet) for subnet in allotted)
        return replace(network, gateways=(*network.gateways, *beside))
    if network.internal or is_routed(network):
        return replace(network, gateways=())
    given = remembered.gateways.get(network.name, ()) if network.ipam.is_remote else ()
    if given:
        return replace(network, gateways=tuple(ip_address(address) for address in given))
    firsts = tuple(first_host(subnet) for subnet in network.subnets or ())
    return replace(network, gateways=firsts)


def _with_name_server(network: Network, allotments: Allotments, held: Holders) -> Network:
    """Say where a name server listens: at netkit's own gateways, or where it was allotted."""
    if network.dns is None or network.dns.addresses is not None:
        return network
    cidrs = allotments.addresses.get((network.name, NAME_SERVER), ())
    addresses = tuple(ip_interface(cidr).ip for cidr in cidrs)
    return replace(
        network, dns=replace(network.dns, addresses=addresses or own_gateways(network, held))
    )


def _sandbox(
    spec: str, sandbox: Sandbox, networks: Mapping[str, Network], allotments: Allotments
) -> Sandbox:
    endpoints = tuple(
        _endpoint(spec, sandbox, item, networks[item.network], allotments)
        for item in sandbox.endpoints
    )
    return replace(sandbox, endpoints=endpoints) if endpoints else sandbox


def _endpoint(  # noqa: PLR0917 - the five things an endpoint lies between
    spec: str, sandbox: Sandbox, endpoint: Endpoint, network: Network, allotments: Allotments
) -> Endpoint:
    if network.driver in DEVICELESS:
        return endpoint
    seat = (network.name, sandbox.name)
    allotted = tuple(ip_interface(cidr) for cidr in allotments.addresses.get(seat, ()))
    addresses = (*(endpoint.addresses or ()), *allotted)
    device = endpoint.device or allotments.devices.get(seat)
    refined = refinement(sandbox, device or "")
    return replace(
        endpoint,
        addresses=addresses,
        device=device,
        publish=endpoint.publish and with_ports(seat, endpoint, allotments.ports),
        mac=endpoint.mac
        or (None if refined.mac or _borrows(network) else _mac(spec, seat, network, addresses)),
        mtu=endpoint.mtu or (None if refined.mtu else network.mtu),
    )


def _borrows(network: Network) -> bool:
    """Say whether members have the MAC address of what the network lies on."""
    return network.driver == "ipvlan" or network.mode == "passthru"


def _mac(spec: str, seat: Seat, network: Network, addresses: tuple[IPInterface, ...]) -> str:
    """
    Derive a MAC address from the first IPv4 address, as Docker does, or from the seat.

    A plugin may allot by MAC address, so there that comes first.
    """
    for address in addresses:
        if isinstance(address, IPv4Interface) and not network.ipam.is_remote:
            return mac_of_address(address.ip)
    return mac_of(spec, *seat)


def _cable(spec: str, cable: Cable, sandboxes: Mapping[str, Sandbox]) -> Cable:
    one, other = (_end(spec, end, sandboxes.get(end.namespace)) for end in cable.ends)
    refined = any(refinement(sandboxes.get(end.namespace), end.device).mtu for end in cable.ends)
    return replace(cable, ends=(one, other), mtu=cable.mtu or (None if refined else MTU))


def _end(spec: str, end: CableEnd, sandbox: Sandbox | None) -> CableEnd:
    if end.mac is not None or refinement(sandbox, end.device).mac is not None:
        return end
    return replace(end, mac=mac_of(spec, end.namespace, end.device))
