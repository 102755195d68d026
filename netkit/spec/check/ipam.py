"""What a network keeps back: reserved parts, and the addresses of its name server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netkit.model.subnet import contains, edges, first_host
from netkit.model.topology import Endpoint, IPAddress, IPNetwork, Network, Sandbox
from netkit.spec.report import Report, escape, listed
from netkit.spec.subnets import refuse_edges

Member = tuple[Sandbox, Endpoint]
MOST_TOLD = 8


def check(network: Network, members: Iterable[Member], report: Report) -> None:
    """Check what is kept back against the subnets, and against who has it all the same."""
    _check_reserved(network, members, report)
    if network.dns is not None:
        _check_name_server(network, members, report)


def reserved_at(network: Network, address: IPAddress) -> str | None:
    """Say what an address is reserved for, in words; None when it is not reserved."""
    for name, part in network.ipam.reserved:
        if address in part:
            return f"reserved for {name}" if name else f"reserved ({written(part)})"
    return None


def kept_back(network: Network, subnet: IPNetwork, part: IPNetwork) -> int:
    """Count the addresses of a part of a subnet that hosts could have and that are reserved."""
    count = 0
    for _, each in network.ipam.reserved:
        if each.overlaps(part):
            both = each if each.prefixlen >= part.prefixlen else part
            count += both.num_addresses - sum(1 for edge in edges(subnet) if edge in both)
    return count


def told(network: Network, members: Iterable[Member], part: IPNetwork) -> str:
    """Say who has what of a part of a subnet, as far as the document names it; shortened."""
    held = [
        (f"{address}", sandbox.name)
        for sandbox, endpoint in members
        for address in (each.ip for each in endpoint.addresses or ())
        if address in part
    ]
    held += [(f"{each}", "the gateway") for each in network.gateways or () if each in part]
    held += [
        (written(each), name or "reserved")
        for name, each in network.ipam.reserved
        if each.overlaps(part)
    ]
    if not held:
        return ""
    more = f" and {len(held) - MOST_TOLD} more" if len(held) > MOST_TOLD else ""
    said = (f"{address} ({who})" for address, who in held[:MOST_TOLD])
    return f"taken are {', '.join(said)}{more}"


def written(part: IPNetwork) -> str:
    """Write a reserved part as a document does: a single address without a prefix length."""
    return str(part.network_address) if part.prefixlen == part.max_prefixlen else str(part)


def _check_reserved(network: Network, members: Iterable[Member], report: Report) -> None:
    seen: list[IPNetwork] = []
    for index, (name, part) in enumerate(network.ipam.reserved):
        where = f"{network.ipam.pointer}/reserved/{escape(name or index)}"
        if not any(contains(subnet, part) for subnet in network.subnets or ()):
            report.add(where, f"{written(part)} is outside of {described(network)}")
        twice = next((each for each in seen if each.overlaps(part)), None)
        if twice is not None:
            report.add(
                where, f"{written(part)} overlaps {written(twice)}, which is reserved already"
            )
        seen.append(part)
    for where, address in _holdings(network, members):
        if (why := reserved_at(network, address)) is not None:
            report.add(where, f"{address} is {why} in {network.name}")


def _holdings(network: Network, members: Iterable[Member]) -> Iterator[tuple[str, IPAddress]]:
    """Give the addresses that somebody has all the same, and where that is said."""
    for gateway in network.gateways or ():
        yield f"{network.pointer}/gateway", gateway
    if network.gateways is None and not network.internal:
        for subnet in network.subnets or ():
            yield f"{network.ipam.pointer}/reserved", first_host(subnet)  # the gateway
    for _, endpoint in members:
        for index, address in enumerate(endpoint.addresses or ()):
            yield f"{endpoint.pointer}/addresses/{index}", address.ip


def described(network: Network) -> str:
    """Name the subnets of a network, in words."""
    if network.subnets is None:
        return "a network whose subnet is allotted: give it subnets"
    if not network.subnets:
        return "a network without subnets"
    return listed([str(subnet) for subnet in network.subnets])


def _check_name_server(network: Network, members: Iterable[Member], report: Report) -> None:
    assert network.dns is not None
    where = network.dns.pointer
    if network.subnets == ():
        report.add(where, "a network without subnets has no address for a name server")
        return
    held = {
        address.ip: sandbox.name
        for sandbox, endpoint in members
        for address in endpoint.addresses or ()
    }
    taken: dict[IPNetwork, IPAddress] = {}
    for address in network.dns.addresses or ():
        subnet = next((net for net in network.subnets or () if address in net), None)
        if subnet is None:
            report.add(where, f"the name server's {address} is outside of {described(network)}")
            continue
        if subnet in taken:
            report.add(where, f"{address} and {taken[subnet]} are both of {subnet}: one a subnet")
        taken[subnet] = address
        for objection in _objections(network, address, subnet, held):
            report.add(where, objection)


def _objections(
    network: Network, address: IPAddress, subnet: IPNetwork, held: dict[IPAddress, str]
) -> Iterator[str]:
    try:
        refuse_edges(address, subnet)
    except ValueError as error:
        yield str(error)
    if address in held:
        yield f"{address} is taken by {held[address]} in {network.name}"
    if (why := reserved_at(network, address)) is not None:
        yield f"{address} is {why}"
