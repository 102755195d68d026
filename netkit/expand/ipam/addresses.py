"""
Addresses for endpoints that name none: lowest free first, in document order.

Kept back before anything is allotted: what the document names or reserves, what is remembered, the
gateway, the first host address where a network has no gateway, the network's own address and the
broadcast.

Who leaves and comes back gets the old address, while it is free. To others an address that was
given back is allotted only when no other is free, and of several the one that was given back first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_interface

from netkit.errors import NetkitError, Problem
from netkit.expand.ipam.allotments import Allotments, Seat
from netkit.expand.placement import holders, is_hidden
from netkit.model.subnet import edges, first_host
from netkit.model.topology import Endpoint, IPNetwork, Network, Sandbox, Topology
from netkit.names import HIDDEN_PREFIX, HOST

MOST_RELEASED = 1024
NAME_SERVER = HIDDEN_PREFIX + "dns"
"""Holds the seat of a network's name server; no namespace of a spec can bear this name."""


class Pool:
    """
    The addresses of one subnet, as numbers: which are taken, and which is the next free.

    Args:
        subnet: All of it.
        ranges: The parts from which is allotted; empty: all.
        reserved: The parts from which is not.
    """

    def __init__(
        self, subnet: IPNetwork, ranges: Iterable[IPNetwork], reserved: Iterable[IPNetwork] = ()
    ) -> None:
        self.subnet = subnet
        self.base = int(subnet.network_address)
        self.taken: set[int] = set()
        self.resting: dict[int, None] = {}
        self.spans = tuple(_without(_spans(subnet, ranges), subnet, reserved))
        self._at = 0
        self._next = self.spans[0][0] if self.spans else 0

    def take(self) -> int | None:
        """Take the lowest free address, or of those that rest the oldest; None: all are taken."""
        while self._at < len(self.spans):
            last = self.spans[self._at][1]
            while self._next <= last:
                number = self._next
                self._next += 1
                if number not in self.taken and number not in self.resting:
                    self.taken.add(number)
                    return number
            self._at += 1
            if self._at < len(self.spans):
                self._next = self.spans[self._at][0]
        return self._woken()

    def _woken(self) -> int | None:
        for number in self.resting:
            if number not in self.taken and self.may_allot(number):
                self.taken.add(number)
                return number
        return None

    def may_allot(self, number: int) -> bool:
        """Say whether an address is in the parts from which is allotted."""
        return any(low <= number <= high for low, high in self.spans)


Pools = Mapping[tuple[str, IPNetwork], Pool]


def request_addresses(
    topology: Topology, remembered: Allotments
) -> tuple[dict[Seat, tuple[str, ...]], dict[Seat, tuple[str, ...]]]:
    """
    Choose an address for each endpoint from each subnet of which it names none.

    Args:
        topology: The spec, with every network's subnets filled in.
        remembered: What was chosen before; it stays while it fits its network.

    Returns:
        What is chosen, by seat; and what was given back, the latest last.

    Raises:
        NetkitError: A subnet is exhausted.
    """
    pools = make_pools(topology)
    seats = tuple(_seats(topology))
    whose = holders(topology)
    _reserve(topology, seats, pools)
    known = {**remembered.released, **remembered.addresses}
    kept = _keep(seats, known, pools)
    _rest(remembered, {(network, name, cidr) for (network, name, _), cidr in kept.items()}, pools)
    named = _named(seats)
    chosen: dict[Seat, tuple[str, ...]] = {}
    for network in topology.networks:
        if network.dns is not None and network.dns.addresses is None and is_hidden(network, whose):
            seat = (network.name, NAME_SERVER)
            chosen[seat] = tuple(_served(network, named, known.get(seat, ()), pools))
    for network, sandbox, endpoint in seats:
        if sandbox.name == HOST and not is_hidden(network, whose):
            continue  # there the bridge is its endpoint, and the gateway its address
        got = []
        for subnet in _open_subnets(network, endpoint):
            held = kept.get((network.name, sandbox.name, subnet))
            got.append(held or _taken(pools[network.name, subnet], network, endpoint.pointer))
        if got:
            chosen[network.name, sandbox.name] = tuple(got)
    return chosen, dict(_released(remembered, chosen, pools))


def make_pool(network: Network, subnet: IPNetwork) -> Pool:
    """Give the addresses of a subnet of a network, none of them taken yet."""
    return Pool(subnet, network.ranges, [part for _, part in network.ipam.reserved])


def make_pools(topology: Topology) -> dict[tuple[str, IPNetwork], Pool]:
    """Give the addresses of each subnet of each network, none of them taken yet."""
    return {
        (network.name, subnet): make_pool(network, subnet)
        for network in topology.networks
        for subnet in network.subnets or ()
    }


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
    pools: Pools,
) -> None:
    for network in topology.networks:
        server = (network.dns.addresses or ()) if network.dns is not None else ()
        for subnet in network.subnets or ():
            pool = pools[network.name, subnet]
            named = [int(item) for item in network.gateways or () if item in subnet]
            kept_back = () if network.ipam.is_remote else (int(first_host(subnet)),)
            pool.taken.update(named or kept_back)
            pool.taken.update(int(item) for item in server if item in subnet)
    for network, _, endpoint in seats:
        for address in endpoint.addresses or ():
            for subnet in network.subnets or ():
                if address.ip in subnet:
                    pools[network.name, subnet].taken.add(int(address.ip))


def _keep(
    seats: Iterable[tuple[Network, Sandbox, Endpoint]],
    remembered: Mapping[Seat, tuple[str, ...]],
    pools: Pools,
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


def _rest(remembered: Allotments, kept: set[tuple[str, str, str]], pools: Pools) -> None:
    """Let addresses rest that were given back, the oldest first, and those given back just now."""
    for (network, name), cidrs in (*remembered.released.items(), *remembered.addresses.items()):
        for cidr in cidrs:
            if (network, name, cidr) not in kept and _is_free(network, cidr, pools):
                address = ip_interface(cidr)
                pools[network, address.network].resting[int(address.ip)] = None


def _released(
    remembered: Allotments, chosen: Mapping[Seat, tuple[str, ...]], pools: Pools
) -> Iterator[tuple[Seat, tuple[str, ...]]]:
    """Say what was given back, by whom, and is nobody's now; the latest come last."""
    given: dict[Seat, tuple[str, ...]] = {}
    for seat, cidrs in (*remembered.released.items(), *remembered.addresses.items()):
        if cidrs == chosen.get(seat):
            continue
        if free := tuple(cidr for cidr in cidrs if _is_free(seat[0], cidr, pools)):
            given.pop(seat, None)
            given[seat] = free
    yield from [*given.items()][-MOST_RELEASED:]


def _is_free(network: str, cidr: str, pools: Pools) -> bool:
    address = ip_interface(cidr)
    pool = pools.get((network, address.network))
    return pool is not None and int(address.ip) not in pool.taken


def _named(seats: Iterable[tuple[Network, Sandbox, Endpoint]]) -> set[tuple[str, int]]:
    """Give what endpoints name for themselves, by network."""
    return {
        (network.name, int(address.ip))
        for network, _, endpoint in seats
        for address in endpoint.addresses or ()
    }


def _served(
    network: Network, named: set[tuple[str, int]], held: Iterable[str], pools: Pools
) -> Iterator[str]:
    """Choose the addresses of a name server: the first host's, where nobody else has it."""
    before = [ip_interface(cidr) for cidr in held]
    reserved = [part for _, part in network.ipam.reserved]
    for subnet in network.subnets or ():
        pool = pools[network.name, subnet]
        address = first_host(subnet)
        first = int(address)
        kept = next((int(item.ip) for item in before if item.network == subnet), None)
        given = any(item in subnet for item in network.gateways or ())
        if not (
            given
            or (network.ipam.is_remote and kept is not None)
            or (network.name, first) in named
            or any(address in part for part in reserved)
        ):
            yield _written(pool, first)
        elif kept is not None and kept not in pool.taken:
            pool.taken.add(kept)
            pool.resting.pop(kept, None)
            yield _written(pool, kept)
        else:
            assert network.dns is not None
            yield _taken(pool, network, network.dns.pointer)


def _taken(pool: Pool, network: Network, pointer: str) -> str:
    number = pool.take()
    if number is None:
        where = f"range {', '.join(map(str, network.ranges))}" if network.ranges else "subnet"
        said = f"no address is free in {pool.subnet} of network {network.name}"
        raise NetkitError.at(
            Problem(pointer, f"{said} ({len(pool.taken)} taken)"),
            hint=f"widen the {where}, or give the endpoint an address",
        )
    return _written(pool, number)


def _written(pool: Pool, number: int) -> str:
    return f"{pool.subnet[number - pool.base]}/{pool.subnet.prefixlen}"


def _spans(subnet: IPNetwork, ranges: Iterable[IPNetwork]) -> list[tuple[int, int]]:
    """Give the first and last number of each part of ``subnet`` that may be allotted."""
    low = int(first_host(subnet))
    high = int(subnet.broadcast_address) - (subnet.broadcast_address in edges(subnet))
    inside = [part for part in ranges if part.version == subnet.version and part[0] in subnet]
    if not inside:
        return [(low, high)]
    return [(max(low, int(part[0])), min(high, int(part[-1]))) for part in inside]


Spans = list[tuple[int, int]]


def _without(spans: Spans, subnet: IPNetwork, reserved: Iterable[IPNetwork]) -> Spans:
    """Cut the reserved parts out."""
    for part in reserved:
        if part.version == subnet.version:
            low, high = int(part[0]), int(part[-1])
            spans = [
                (first, last)
                for start, end in spans
                for first, last in ((start, min(end, low - 1)), (max(start, high + 1), end))
                if first <= last
            ]
    return spans
