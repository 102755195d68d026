"""What of a network's subnets is free, and who has the rest: for who looks at a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_interface

from netkit.expand.ipam.addresses import Pool, make_pool
from netkit.expand.ipam.allotments import Allotments
from netkit.model.subnet import edges, first_host
from netkit.model.topology import IPAddress, IPNetwork, Network, Topology
from netkit.value import Value

MOST_RANGES = 8


class Room(Value, frozen=True):
    """
    The room in one subnet.

    Args:
        subnet: Which.
        size: How many addresses a host could have in it.
        allottable: How many of them netkit may allot: within ``range``, and not reserved.
        held: Who has which, by address: ``(10.1.0.1, gateway)``.
        reserved: Parts that are not allotted, and what for.
        free: How many netkit could allot now.
        next: What it would allot next to who is new; None when nothing is free.
        ranges: The first parts, as first and last address, that are free.
        resting: Addresses that were given back, which are allotted last.
    """

    subnet: IPNetwork
    size: int
    allottable: int
    held: tuple[tuple[IPAddress, str], ...]
    reserved: tuple[tuple[IPNetwork, str], ...]
    free: int
    next: IPAddress | None
    ranges: tuple[tuple[IPAddress, IPAddress], ...]
    resting: int

    @property
    def used(self) -> int:
        """How many addresses somebody has."""
        return len(self.held)


def rooms(topology: Topology, network: Network, allotments: Allotments) -> tuple[Room, ...]:
    """
    Say what is free in each subnet of a network.

    Args:
        topology: With nothing left open: what ``fill`` gives.
        network: One of it.
        allotments: What was chosen for it.

    Returns:
        One for each subnet, in their order; empty for a network without any.
    """
    holders = tuple(_holders(topology, network))
    resting = [
        ip_interface(cidr)
        for (name, _), cidrs in allotments.released.items()
        if name == network.name
        for cidr in cidrs
    ]
    return tuple(
        _room(network, subnet, holders, [each.ip for each in resting if each.ip in subnet])
        for subnet in network.subnets or ()
    )


def _holders(topology: Topology, network: Network) -> Iterator[tuple[IPAddress, str]]:
    """Say who has which address; a gateway that is a namespace is that namespace's."""
    named: dict[IPAddress, str] = {address: "gateway" for address in network.gateways or ()}
    for address in (network.dns.addresses or ()) if network.dns is not None else ():
        named.setdefault(address, "name server")
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            if endpoint.network == network.name:
                named |= {each.ip: sandbox.name for each in endpoint.addresses or ()}
    yield from named.items()


def _room(
    network: Network,
    subnet: IPNetwork,
    holders: Iterable[tuple[IPAddress, str]],
    resting: Iterable[IPAddress],
) -> Room:
    pool = make_pool(network, subnet)
    held = sorted((int(address), address, who) for address, who in holders if address in subnet)
    pool.taken.update(number for number, _, _ in held)
    if not any(gateway in subnet for gateway in network.gateways or ()):
        pool.taken.add(int(first_host(subnet)))
    rests = {int(each) for each in resting} - pool.taken
    pool.resting.update(dict.fromkeys(rests))
    taken = sorted(number for number in pool.taken if pool.may_allot(number))
    allottable = sum(high - low + 1 for low, high in pool.spans)
    following = pool.take()
    return Room(
        subnet=subnet,
        size=subnet.num_addresses - len(edges(subnet)),
        allottable=allottable,
        held=tuple((address, who) for _, address, who in held),
        reserved=tuple(
            (part, name) for name, part in network.ipam.reserved if part.overlaps(subnet)
        ),
        free=allottable - len(taken),
        next=None if following is None else _address(pool, following),
        ranges=tuple(_gaps(pool, taken)),
        resting=sum(1 for number in rests if pool.may_allot(number)),
    )


def _gaps(pool: Pool, taken: list[int]) -> Iterator[tuple[IPAddress, IPAddress]]:
    """Give the first free parts."""
    count = 0
    for low, high in pool.spans:
        start = low
        for number in (*(each for each in taken if low <= each <= high), high + 1):
            if number > start and count < MOST_RANGES:
                count += 1
                yield _address(pool, start), _address(pool, number - 1)
            start = number + 1


def _address(pool: Pool, number: int) -> IPAddress:
    return pool.subnet[number - pool.base]
