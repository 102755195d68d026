"""
Addresses for endpoints that name none: lowest free first, in document order.

Reserved before anything is allotted: what the document names, what is remembered, the gateway, the
first host address where a network has no gateway, the network's own address and the broadcast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_interface

from netkit.errors import NetkitError
from netkit.expand.ipam.allotments import Seat
from netkit.expand.placement import holders, is_hidden
from netkit.model.topology import Endpoint, IPNetwork, Network, Sandbox, Topology
from netkit.names import HOST

POINT_TO_POINT = {4: 31, 6: 127}


class Pool:
    """The addresses of one subnet, as numbers: which are taken, and which is the next free."""

    def __init__(self, subnet: IPNetwork, ranges: Iterable[IPNetwork]) -> None:
        self.subnet = subnet
        self.base = int(subnet.network_address)
        self.taken: set[int] = set()
        self._spans = _spans(subnet, ranges)
        self._at = 0
        self._next = self._spans[0][0] if self._spans else 0

    def take(self) -> int | None:
        """Take the lowest free address; None when all are taken."""
        while self._at < len(self._spans):
            last = self._spans[self._at][1]
            while self._next <= last:
                number = self._next
                self._next += 1
                if number not in self.taken:
                    self.taken.add(number)
                    return number
            self._at += 1
            if self._at < len(self._spans):
                self._next = self._spans[self._at][0]
        return None


def request_addresses(
    topology: Topology, remembered: Mapping[Seat, tuple[str, ...]]
) -> dict[Seat, tuple[str, ...]]:
    """
    Choose an address for each endpoint from each subnet of which it names none.

    Args:
        topology: The spec, with every network's subnets filled in.
        remembered: What was chosen before; it stays while it fits its network.

    Raises:
        NetkitError: A subnet is exhausted.
    """
    pools = {
        (network.name, subnet): Pool(subnet, network.ranges)
        for network in topology.networks
        for subnet in network.subnets or ()
    }
    seats = tuple(_seats(topology))
    whose = holders(topology)
    _reserve(topology, seats, pools)
    kept = _keep(seats, remembered, pools)
    chosen: dict[Seat, tuple[str, ...]] = {}
    for network, sandbox, endpoint in seats:
        if sandbox.name == HOST and not is_hidden(network, whose):
            continue  # there the bridge is its endpoint, and the gateway its address
        got = []
        for subnet in _open_subnets(network, endpoint):
            held = kept.get((network.name, sandbox.name, subnet))
            got.append(held or _taken(pools[network.name, subnet], network, endpoint))
        if got:
            chosen[network.name, sandbox.name] = tuple(got)
    return chosen


def _seats(topology: Topology) -> Iterator[tuple[Network, Sandbox, Endpoint]]:
    networks = {network.name: network for network in topology.networks}
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            yield networks[endpoint.network], sandbox, endpoint


def _open_subnets(network: Network, endpoint: Endpoint) -> tuple[IPNetwork, ...]:
    """Name the subnets from which an endpoint must be given an address."""
    if endpoint.addresses == ():
        return ()
    named = endpoint.addresses or ()
    return tuple(
        subnet
        for subnet in network.subnets or ()
        if not any(address.ip in subnet for address in named)
    )


def _reserve(
    topology: Topology,
    seats: Iterable[tuple[Network, Sandbox, Endpoint]],
    pools: Mapping[tuple[str, IPNetwork], Pool],
) -> None:
    for network in topology.networks:
        for subnet in network.subnets or ():
            pool = pools[network.name, subnet]
            named = [int(item) for item in network.gateways or () if item in subnet]
            pool.taken.update(named or [pool.base + first_host(subnet)])
    for network, _, endpoint in seats:
        for address in endpoint.addresses or ():
            for subnet in network.subnets or ():
                if address.ip in subnet:
                    pools[network.name, subnet].taken.add(int(address.ip))


def _keep(
    seats: Iterable[tuple[Network, Sandbox, Endpoint]],
    remembered: Mapping[Seat, tuple[str, ...]],
    pools: Mapping[tuple[str, IPNetwork], Pool],
) -> dict[tuple[str, str, IPNetwork], str]:
    """Give back what endpoints had, where nobody was promised it meanwhile."""
    kept: dict[tuple[str, str, IPNetwork], str] = {}
    if not remembered:
        return kept
    for network, sandbox, endpoint in seats:
        held = [ip_interface(cidr) for cidr in remembered.get((network.name, sandbox.name), ())]
        for subnet in _open_subnets(network, endpoint):
            address = next((item for item in held if item.network == subnet), None)
            taken = pools[network.name, subnet].taken
            if address is not None and int(address.ip) not in taken:
                taken.add(int(address.ip))
                kept[network.name, sandbox.name, subnet] = str(address)
    return kept


def _taken(pool: Pool, network: Network, endpoint: Endpoint) -> str:
    number = pool.take()
    if number is None:
        where = f"range {', '.join(map(str, network.ranges))}" if network.ranges else "subnet"
        raise NetkitError(
            f"{endpoint.pointer}: no address is free in {pool.subnet} of network {network.name}"
            f" ({len(pool.taken)} taken)",
            hint=f"widen the {where}, or give the endpoint an address",
        )
    address = pool.subnet[number - pool.base]
    return f"{address}/{pool.subnet.prefixlen}"


def first_host(subnet: IPNetwork) -> int:
    """Give the offset of the first address a host may have: 1, or 0 in a /31, /32, /127, /128."""
    return 0 if subnet.prefixlen >= POINT_TO_POINT[subnet.version] else 1


def _spans(subnet: IPNetwork, ranges: Iterable[IPNetwork]) -> list[tuple[int, int]]:
    """Give the first and last number of each part of ``subnet`` that may be allotted."""
    low = int(subnet.network_address) + first_host(subnet)
    high = int(subnet.broadcast_address)
    if subnet.version == 4 and first_host(subnet):
        high -= 1
    inside = [part for part in ranges if part.version == subnet.version and part[0] in subnet]
    if not inside:
        return [(low, high)]
    return [(max(low, int(part[0])), min(high, int(part[-1]))) for part in inside]
