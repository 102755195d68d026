"""
Ports of the host for what is published without one: the first that are free, as many as it takes.

    80/tcp              any address of the host's
    127.0.0.1::80/tcp   this one

What was chosen before stays, but where the spec itself says now that somebody else has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netkit.errors import NetkitError
from netkit.expand.ipam.allotments import Seat
from netkit.model.topology import Endpoint, Network, Publish, Sandbox, Topology
from netkit.spec.publish import write_publish
from netkit.value import Value, replace

Chosen = Mapping[Seat, Mapping[str, int]]
"""The first port of the host, by seat and by what is published there, as it is written."""


class Doors(Value, frozen=True):
    """
    Which ports of the host may be chosen.

    Args:
        first: Of them.
        last: Of them.
        taken: (protocol, port) of those that others have.
    """

    first: int = 32768
    last: int = 60999
    taken: frozenset[tuple[str, int]] = frozenset()


DOORS = Doors()
"""As the kernel has it, and Docker, where nobody says otherwise."""


def unsaid(topology: Topology) -> Iterator[tuple[Seat, Publish]]:
    """Give what is published without a port of the host, and needs one."""
    networks = {network.name: network for network in topology.networks}
    for sandbox, endpoint in _publishing(topology):
        for item in endpoint.publish:
            if item.host_ports is None and _leads(networks[endpoint.network], item):
                yield (endpoint.network, sandbox.name), item


def _publishing(topology: Topology) -> Iterator[tuple[Sandbox, Endpoint]]:
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            if endpoint.publish:
                yield sandbox, endpoint


def _leads(network: Network, item: Publish) -> bool:
    """Say whether a port of the host leads there; where the network is routed none is needed."""
    said = item.host_address
    families = {each.version for each in network.subnets or ()}
    families |= {4} if network.subnets is None else set()
    families |= {6} if network.ipv6 else set()
    return any(
        network.is_masqueraded(family)
        for family in families
        if said is None or said.version == family
    )


def request_ports(topology: Topology, remembered: Chosen, doors: Doors) -> Chosen:
    """
    Choose ports of the host for what is published without one.

    Args:
        topology: The spec, with its subnets.
        remembered: What was chosen before.
        doors: What may be chosen.

    Raises:
        NetkitError: There are not as many free ports in a row.
    """
    wanted = list(unsaid(topology))
    if not wanted:
        return {}
    said = {
        (item.protocol, port)
        for _, endpoint in _publishing(topology)
        for item in endpoint.publish
        if item.host_ports is not None
        for port in range(item.host_ports[0], item.host_ports[1] + 1)
    }
    chosen: dict[Seat, dict[str, int]] = {}
    for seat, item in wanted:
        first = remembered.get(seat, {}).get(write_publish(item))
        if first is not None and said.isdisjoint(block := _block(item, first)):
            chosen.setdefault(seat, {})[write_publish(item)] = first
            said |= block
    starts: dict[tuple[str, int], int] = {}  # below these no such row is free any more
    for seat, item in wanted:
        if write_publish(item) not in chosen.get(seat, {}):
            kind = (item.protocol, _more(item))
            first = starts[kind] = _free(item, doors, said, starts.get(kind, 0))
            chosen.setdefault(seat, {})[write_publish(item)] = first
            said |= _block(item, first)
    return {seat: chosen[seat] for seat, _ in wanted}


def with_ports(seat: Seat, endpoint: Endpoint, chosen: Chosen) -> tuple[Publish, ...]:
    """Give what an endpoint publishes, with the ports of the host that were chosen."""
    found = chosen.get(seat)
    if not found:
        return endpoint.publish
    return tuple(
        replace(item, host_ports=_span(item, found[name]))
        if item.host_ports is None and (name := write_publish(item)) in found
        else item
        for item in endpoint.publish
    )


def opened(before: Chosen, after: Chosen) -> Iterator[str]:
    """Tell of what was chosen now, a line each."""
    for (network, name), found in after.items():
        for said, first in found.items():
            if before.get((network, name), {}).get(said) != first:
                yield f"{name}: {said} of network {network} is published at port {first}"


def _free(item: Publish, doors: Doors, said: set[tuple[str, int]], start: int) -> int:
    """Find as many free ports in a row as it takes, from ``start`` on."""
    first = max(doors.first, start)
    while first + _more(item) <= doors.last:
        block = _block(item, first)
        busy = (block & said) | (block & doors.taken)
        if not busy:
            return first
        first = max(port for _, port in busy) + 1
    count = _more(item) + 1
    raise NetkitError(
        f"{item.pointer}: of the ports {doors.first} to {doors.last} of the host"
        f" {'none is' if count == 1 else f'no {count} in a row are'} free",
        hint="name one of the host's: HOST_PORT:PORT (these are net/ipv4/ip_local_port_range)",
    )


def _more(item: Publish) -> int:
    return item.ports[1] - item.ports[0]


def _span(item: Publish, first: int) -> tuple[int, int]:
    return first, first + _more(item)


def _block(item: Publish, first: int) -> set[tuple[str, int]]:
    return {(item.protocol, first + more) for more in range(_more(item) + 1)}
