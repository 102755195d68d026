"""
From the spec as written to the spec with nothing left open.

What was allotted is written into the Topology itself: subnets, gateways, addresses, device names,
MAC addresses, MTUs. The result is a spec again (``netkit render`` prints it), and all that follows
reads it as if the user had said everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Interface, ip_interface, ip_network

from netkit.expand.ipam.addresses import NAME_SERVER, first_host, request_addresses
from netkit.expand.ipam.allotments import Allotments, Seat
from netkit.expand.ipam.devices import request_devices
from netkit.expand.ipam.pools import Holding, request_pools
from netkit.expand.placement import Holders, holders, own_gateways, refinement
from netkit.model.topology import (
    Cable,
    CableEnd,
    Endpoint,
    IPInterface,
    Network,
    Sandbox,
    Topology,
)
from netkit.names import mac_of, mac_of_address
from netkit.value import replace

MTU = 1500


def fill(
    topology: Topology, remembered: Allotments, taken: Iterable[Holding] = ()
) -> tuple[Topology, Allotments]:
    """
    Write into a spec all that it left open.

    Args:
        topology: As checked.
        remembered: What was allotted before; it stays where it still fits.
        taken: Subnets that no pool may overlap, and whose they are.

    Returns:
        The spec with nothing left open, and what was allotted for it.

    Raises:
        NetkitError: A pool or a subnet is exhausted.
    """
    pools = request_pools(topology, remembered.pools, taken)
    networks = tuple(_with_gateways(_network(item, pools)) for item in topology.networks)
    topology = replace(topology, networks=networks)
    addresses, released = request_addresses(topology, remembered)
    devices = request_devices(topology, remembered.devices)
    allotments = Allotments(pools, addresses, devices, released)
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


def _network(network: Network, pools: Mapping[str, tuple[str, ...]]) -> Network:
    allotted = tuple(ip_network(cidr) for cidr in pools.get(network.name, ()))
    subnets = (*(network.subnets or ()), *allotted)
    return replace(network, subnets=subnets, mtu=network.mtu or MTU)


def _with_gateways(network: Network) -> Network:
    if network.gateways is not None or network.driver != "bridge":
        return network
    if network.internal:
        return replace(network, gateways=())
    firsts = tuple(subnet[first_host(subnet)] for subnet in network.subnets or ())
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
    seat = (network.name, sandbox.name)
    allotted = tuple(ip_interface(cidr) for cidr in allotments.addresses.get(seat, ()))
    addresses = (*(endpoint.addresses or ()), *allotted)
    device = endpoint.device or allotments.devices.get(seat)
    refined = refinement(sandbox, device or "")
    return replace(
        endpoint,
        addresses=addresses,
        device=device,
        mac=endpoint.mac or (None if refined.mac else _mac(spec, seat, addresses)),
        mtu=endpoint.mtu or (None if refined.mtu else network.mtu),
    )


def _mac(spec: str, seat: Seat, addresses: tuple[IPInterface, ...]) -> str:
    """Derive a MAC address from the first IPv4 address, as Docker does, or from the seat."""
    for address in addresses:
        if isinstance(address, IPv4Interface):
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
