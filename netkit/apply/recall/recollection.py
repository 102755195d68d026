"""
What was allotted, read back from the devices themselves when the memory of it is lost.

    a network's bridge       its addresses: the pool; its MTU
    an endpoint's near end   its alias, netkit:<spec>/<namespace>/<device>: the device's name
    that device              its addresses
    a device without one     of macvlan, ipvlan or Open vSwitch: its alias, and of several the one
                             that has an address of the network, or comes first
    a hidden bridge          its addresses: the name server's
    a rule that leads to it  the port of the host
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_interface

from netkit.apply.session import Session
from netkit.expand.fill import leaves_the_host
from netkit.expand.ipam.addresses import NAME_SERVER
from netkit.expand.ipam.allotments import Allotments, Seat
from netkit.expand.ipam.ports import unsaid
from netkit.expand.placement import is_made, kernel_netns
from netkit.facts import netns
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope
from netkit.model.addressing import Address
from netkit.model.firewall import Chain
from netkit.model.link import Ipvlan, Link, Macvlan, OtherLink, Tuntap
from netkit.model.object import Netns
from netkit.model.state import State
from netkit.model.topology import Network, Publish, Topology
from netkit.names import (
    bridge_ifname,
    chain,
    device_alias,
    endpoint_ifname,
    group,
    hidden_netns,
    mark_owner,
)
from netkit.spec.publish import write_publish

SINGLE: Mapping[str, tuple[type[Link], ...]] = {
    "macvlan": (Macvlan,),
    "ipvlan": (Ipvlan,),
    "ovs": (Tuntap, OtherLink),
}
"""What an endpoint's device looks like to whoever knows nothing, by driver."""


def recollected(session: Session, topology: Topology) -> Allotments:
    """
    Read back what was allotted for a spec that nobody remembers.

    Returns:
        Nothing when nothing of the spec is there, which is the usual case and costs no process.
    """
    places = {
        item.name: kernel_netns(item, topology.prefix)
        for item in topology.namespaces
        if is_made(item)
    }
    there = frozenset(netns.names())
    present = [place for place in places.values() if place in there]
    if not present or not topology.networks:
        return Allotments()
    looks = [Look(place, brief=True) for place in (None, hidden_netns(topology.name), *present)]
    seen = read(session.runner, Scope(looks=tuple(looks)))
    devices = dict((*_devices(topology, seen), *_single(topology, seen, places)))
    addresses = {
        seat: found
        for seat, ifname in devices.items()
        if (found := _addresses(seen, places.get(seat[1]), ifname))
    }
    pools = dict(_pools(topology, seen, addresses))
    addresses |= dict(_name_servers(topology, seen))
    return Allotments(
        pools,
        addresses,
        devices,
        mtus=dict(_mtus(topology, seen)),
        ports=_ports(session, topology, addresses),
    )


def _ports(
    session: Session, topology: Topology, addresses: Mapping[Seat, tuple[str, ...]]
) -> Mapping[Seat, Mapping[str, int]]:
    """Give the ports of the host that were chosen, as the rules lead them to endpoints."""
    wanted = tuple(unsaid(topology))
    if not wanted:
        return {}
    from netkit.plan.redirect import redirects  # few specs leave such a port open

    host = read(session.runner, Scope(looks=(Look(None, families=(4, 6)),)))
    name = chain("OUTPUT", topology.name)
    led = [each for item in host.every(Chain) if item.name == name for each in redirects(item)]
    found: dict[Seat, dict[str, int]] = {}
    for seat, item in wanted:
        own = {ip_interface(cidr).ip for cidr in addresses.get(seat, ())}
        said = {each.host_ports for each in _published(topology, seat)}
        where = item.host_address
        where = None if where is None or where.is_unspecified else where
        for each in led:
            if (
                each.to in own
                and each.ports not in said
                and (each.protocol, each.address, each.port)
                == (item.protocol, where, item.ports[0])
                and each.ports[1] - each.ports[0] == item.ports[1] - item.ports[0]
            ):
                found.setdefault(seat, {}).setdefault(write_publish(item), each.ports[0])
    return found


def _published(topology: Topology, seat: Seat) -> Iterator[Publish]:
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            if (endpoint.network, sandbox.name) == seat:
                yield from endpoint.publish


def _mtus(topology: Topology, seen: State) -> Iterator[tuple[str, int]]:
    """Give the MTU of each bridge of the host's."""
    for network in topology.networks:
        bridge = seen.get(("link", None, bridge_ifname(topology.name, network.name)))
        if isinstance(bridge, Link) and leaves_the_host(network):
            yield network.name, bridge.mtu


def _devices(topology: Topology, seen: State) -> Iterator[tuple[Seat, str]]:
    """Give the device of each endpoint, as the mark of its cable says."""
    marked = {item.ifname: item for item in seen.every(Link) if _is_marked(item, topology.name)}
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            near = marked.get(endpoint_ifname(topology.name, endpoint.network, sandbox.name))
            if near is not None and near.alias is not None:
                ifname = near.alias.rpartition("/")[2]
                if near.alias == device_alias(topology.name, sandbox.name, ifname):
                    yield (endpoint.network, sandbox.name), ifname


def _single(
    topology: Topology, seen: State, places: Mapping[str, Netns]
) -> Iterator[tuple[Seat, str]]:
    """Give the device of each endpoint that is no cable."""
    networks = {item.name: item for item in topology.networks if item.driver in SINGLE}
    for sandbox in topology.namespaces if networks else ():
        place = places.get(sandbox.name)
        named = {item.ifname for item in sandbox.devices if item.detail is not None}
        left = [
            item
            for item in seen.every(Link)
            if item.netns == place is not None
            and item.ifname not in named
            and item.alias == device_alias(topology.name, sandbox.name, item.ifname)
        ]
        for endpoint in sandbox.endpoints:
            if (network := networks.get(endpoint.network)) is None:
                continue
            fitting = [item for item in left if isinstance(item, SINGLE[network.driver])]
            fitting.sort(key=lambda item: not _is_within(seen, item, network))
            if fitting:
                left.remove(fitting[0])
                yield (network.name, sandbox.name), fitting[0].ifname


def _is_within(seen: State, link: Link, network: Network) -> bool:
    addresses = [ip_interface(cidr) for cidr in _addresses(seen, link.netns, link.ifname)]
    return any(each.network == subnet for each in addresses for subnet in network.subnets or ())


def _pools(
    topology: Topology, seen: State, addresses: dict[Seat, tuple[str, ...]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the subnets of each network: of its bridge's addresses, or of its members'."""
    for network in topology.networks:
        on_bridge = _addresses(seen, None, bridge_ifname(topology.name, network.name))
        of_members = [cidrs for (name, _), cidrs in addresses.items() if name == network.name]
        cidrs = on_bridge or next(iter(of_members), ())
        subnets = dict.fromkeys(str(ip_interface(cidr).network) for cidr in cidrs)
        if subnets:
            yield network.name, tuple(subnets)


def _name_servers(topology: Topology, seen: State) -> Iterator[tuple[Seat, tuple[str, ...]]]:
    """Give the addresses of name servers that have one of their own, on a hidden bridge."""
    for network in topology.networks:
        if network.dns is not None:
            bridge = bridge_ifname(topology.name, network.name)
            if found := _addresses(seen, hidden_netns(topology.name), bridge):
                yield (network.name, NAME_SERVER), found


def _addresses(seen: State, place: Netns, ifname: str) -> tuple[str, ...]:
    return tuple(
        item.cidr
        for item in seen.every(Address)
        if item.netns == place and item.ifname == ifname and not item.cidr.startswith("fe80:")
    )


def _is_marked(link: Link, spec: str) -> bool:
    return link.group == group(spec) and mark_owner(link.alias) == spec
