"""Which subnets are taken on this host, and by whom: a pool must not overlap them."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface, ip_network

from netkit.apply.ownership.holder import holder, way
from netkit.apply.recall.recall import read_again
from netkit.apply.session import Session
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.pools import Holding, needs_pool
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope
from netkit.model.addressing import Address
from netkit.model.routing import Route
from netkit.model.topology import Topology


def occupied(session: Session, topology: Topology, remembered: Allotments) -> Iterator[Holding]:
    """Name the subnets that no pool may overlap, when a pool is needed."""
    if not any(needs_pool(each, remembered.pools) for each in topology.networks):
        return
    for stored in session.memory.specs():
        if stored.name != topology.name:
            allotted = Allotments.from_json(stored.allotments).pools
            for network in read_again(stored.document).networks:
                subnets = (
                    *(network.subnets or ()),
                    *map(ip_network, allotted.get(network.name, ())),
                )
                for subnet in subnets:
                    yield Holding(subnet, f"spec {stored.name}'s network {network.name}")
    host = read(session.runner, Scope(looks=(Look(None),)))
    for address in host.every(Address):
        whose = holder(host, None, address.ifname)
        yield Holding(ip_interface(address.cidr).network, whose)
    for route in host.every(Route):
        if ip_network(route.to).prefixlen:
            yield Holding(ip_network(route.to), f"a route of {way(host, route)}")
