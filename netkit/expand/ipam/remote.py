"""
What a plugin is asked for, and what follows from its answers.

For each subnet of a network whose addresses a plugin allots, in this order: the subnet; the
gateway; what is reserved, one address at a time; the name server; each member. What was given is a
Lease; whoever has one is not asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_interface, ip_network

from netkit.expand.ipam.addresses import NAME_SERVER
from netkit.expand.ipam.allotments import Allotments, Seat
from netkit.expand.ipam.pools import open_families
from netkit.expand.placement import Holders, holders, is_hidden, is_routed
from netkit.model.lease import Lease, LeaseKey
from netkit.model.topology import (
    Endpoint,
    IPAddress,
    IPNetwork,
    NameServer,
    Network,
    Sandbox,
    Topology,
)
from netkit.names import HIDDEN_PREFIX, HOST
from netkit.value import Value, replace

POOL = ""
GATEWAY = HIDDEN_PREFIX + "gateway"
RESERVED = HIDDEN_PREFIX + "reserved"
OPEN = {4: "ipv4", 6: "ipv6"}


class Wish(Value, frozen=True):
    """
    Something to ask a plugin for.

    Args:
        network: Whose.
        plugin: Which plugin.
        slot: Which subnet of it: ``10.1.0.0/24``, or ``ipv4`` or ``ipv6`` for one that it chooses.
        holder: Who gets it: a namespace, or one of the words of this room.
        address: The one that is wanted; None: the plugin chooses. For the subnet itself: no matter.
        part: The range of it from which is allotted.
        pointer: Where in the spec that comes from.
    """

    network: str
    plugin: str
    slot: str
    holder: str
    address: IPAddress | None = None
    part: IPNetwork | None = None
    pointer: str = ""

    @property
    def key(self) -> LeaseKey:
        """What tells it from its like."""
        said = self.address if self.holder != POOL else self.part
        return (self.network, self.plugin, self.slot, self.holder, str(said or ""))

    @property
    def pool(self) -> tuple[str, str, str, str]:
        """What tells the subnet that it is in, whatever part of it."""
        return (self.network, self.plugin, self.slot, POOL)

    @property
    def is_open(self) -> bool:
        """Say whether the plugin chooses the subnet."""
        return self.slot in OPEN.values()

    @property
    def family(self) -> int:
        """4 or 6."""
        words = {word: family for family, word in OPEN.items()}
        return words.get(self.slot) or ip_network(self.slot).version


def wishes(topology: Topology) -> Iterator[Wish]:
    """
    Say what plugins are to be asked for.

    Args:
        topology: As written, nothing filled in.
    """
    if not any(network.ipam.is_remote for network in topology.networks):
        return
    held = holders(topology)
    for network in topology.networks:
        if network.ipam.is_remote:
            for slot, subnet in _slots(network):
                driver = network.ipam.driver
                base = Wish(network.name, driver, slot, POOL, pointer=network.pointer)
                yield from _Slot(topology, network, subnet, held, base).wishes()


def _slots(network: Network) -> Iterator[tuple[str, IPNetwork | None]]:
    for subnet in network.subnets or ():
        yield str(subnet), subnet
    for family in open_families(network):
        yield OPEN[family], None


class _Slot(Value, frozen=True):
    """A subnet of a network of a spec, and the wish that all of it have in common."""

    topology: Topology
    network: Network
    subnet: IPNetwork | None
    held: Holders
    base: Wish

    def has(self, address: IPAddress) -> bool:
        """Say whether an address that the spec names is of this subnet."""
        return self.subnet is not None and address in self.subnet

    def wishes(self) -> Iterator[Wish]:
        """Give them in the order in which they are put."""
        parts = [part for part in self.network.ranges if self.has(part[0])]
        yield replace(self.base, part=parts[0] if parts else None)
        yield from self._gateways()
        for _, part in self.network.ipam.reserved:
            if part.prefixlen == part.max_prefixlen and self.has(part[0]):
                yield replace(self.base, holder=RESERVED, address=part[0])
        if self.network.dns is not None:
            yield from self._name_server(self.network.dns)
        yield from self._members()

    def _gateways(self) -> Iterator[Wish]:
        network, wish = self.network, replace(self.base, holder=GATEWAY)
        if network.gateways is None and not network.internal and not is_routed(network):
            yield wish
        for gateway in network.gateways or ():
            if self.has(gateway) and (network.name, gateway) not in self.held:
                yield replace(wish, address=gateway)

    def _name_server(self, server: NameServer) -> Iterator[Wish]:
        wish = replace(self.base, holder=NAME_SERVER)
        for address in server.addresses or ():
            if self.has(address) and address not in (self.network.gateways or ()):
                yield replace(wish, address=address)
        if server.addresses is None and _has_no_gateway(self.network, self.held):
            yield wish

    def _members(self) -> Iterator[Wish]:
        for sandbox, endpoint in _members(self.topology, self.network):
            if endpoint.addresses == ():
                continue
            if sandbox.name == HOST and not _has_no_gateway(self.network, self.held):
                continue  # there the bridge is its endpoint, and the gateway its address
            wish = replace(self.base, holder=sandbox.name, pointer=endpoint.pointer)
            named = [each.ip for each in endpoint.addresses or () if self.has(each.ip)]
            yield from (replace(wish, address=address) for address in named)
            if not named:
                yield wish


def _members(topology: Topology, network: Network) -> Iterator[tuple[Sandbox, Endpoint]]:
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            if endpoint.network == network.name:
                yield sandbox, endpoint


def _has_no_gateway(network: Network, held: Holders) -> bool:
    if network.gateways is None:
        return network.internal
    return is_hidden(network, held)


def leased(allotments: Allotments, leases: Iterable[Lease]) -> Allotments:
    """Lay what plugins gave over what was allotted."""
    pools: dict[str, tuple[str, ...]] = {}
    gateways: dict[str, tuple[str, ...]] = {}
    addresses: dict[Seat, tuple[str, ...]] = {}
    for lease in leases:
        network, _, slot, holder, asked = lease.key
        if holder == POOL and slot in OPEN.values():
            pools[network] = (*pools.get(network, ()), lease.cidr)
        elif holder == GATEWAY:
            address = str(ip_interface(lease.cidr).ip)
            gateways[network] = (*gateways.get(network, ()), address)
        elif holder not in (POOL, RESERVED) and not asked:
            seat = (network, holder)
            addresses[seat] = (*addresses.get(seat, ()), lease.cidr)
    return allotments.merged(Allotments(pools, addresses, gateways=gateways))


def guesses(topology: Topology, open_wishes: Iterable[Wish]) -> frozenset[str]:
    """
    Name the addresses and subnets that only stand for what a plugin will say.

    Args:
        topology: With nothing left open, by guesses where nothing was given yet.
        open_wishes: What is still to be asked for.
    """
    found: set[str] = set()
    networks = {network.name: network for network in topology.networks}
    for wish in open_wishes:
        network = networks[wish.network]
        if wish.address is not None:
            continue
        subnets = [
            subnet
            for subnet in network.subnets or ()
            if wish.slot in {str(subnet), OPEN[subnet.version]}
        ]
        if wish.holder == POOL:
            found |= {str(subnet) for subnet in subnets if str(subnet) != wish.slot}
        found |= {
            str(address)
            for address in _held(topology, network, wish.holder)
            if any(address in subnet for subnet in subnets)
        }
    return frozenset(found)


def _held(topology: Topology, network: Network, holder: str) -> Iterator[IPAddress]:
    if holder == GATEWAY:
        yield from network.gateways or ()
    elif holder == NAME_SERVER and network.dns is not None:
        yield from network.dns.addresses or ()
    for sandbox, endpoint in _members(topology, network):
        if sandbox.name == holder:
            yield from (each.ip for each in endpoint.addresses or ())
