"""Networks and their members: subnets, gateways, ranges, addresses, room."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.model.subnet import contains, edges, first_host
from netkit.model.topology import (
    Endpoint,
    IPAddress,
    IPNetwork,
    Network,
    Sandbox,
    Topology,
)
from netkit.names import HOST
from netkit.spec.check import ipam
from netkit.spec.report import Report, counted, listed
from netkit.spec.subnets import overlapping, refuse_edges

MOST_PORTS = 1023  # BR_MAX_PORTS of the kernel, less one
SMALLEST_IPV6_MTU = 1280

Member = tuple[Sandbox, Endpoint]
MOST_NAMED = 16


def check_networks(topology: Topology, report: Report) -> None:
    """Check each network by itself with its members, then those that meet."""
    members: dict[str, list[Member]] = {network.name: [] for network in topology.networks}
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            members[endpoint.network].append((sandbox, endpoint))
    for network in topology.networks:
        if network.driver not in {"host", "null"}:
            _check_network(network, report)
            _check_members(network, members[network.name], report)
            ipam.check(network, members[network.name], report)
    _check_overlaps(topology, report)
    for sandbox in topology.namespaces:
        _check_lone(
            sandbox,
            {network.name: network.driver for network in topology.networks},
            topology,
            report,
        )


def _check_network(network: Network, report: Report) -> None:
    subnets = network.subnets
    for one, two in overlapping([(net, index, index) for index, net in enumerate(subnets or ())]):
        report.add(
            f"{network.pointer}/subnets/{two[2]}", f"{two[0]} overlaps {one[0]}, entry {one[2]}"
        )
    if any(subnet.version == 6 for subnet in subnets or ()):
        check_mtu(network.mtu, network.pointer, report)
    _check_gateways(network, report)
    _check_ranges(network, report)


def check_mtu(mtu: int | None, pointer: str, report: Report) -> None:
    """Refuse an MTU at which the kernel switches IPv6 off."""
    if mtu is not None and mtu < SMALLEST_IPV6_MTU:
        report.add(
            f"{pointer}/mtu", f"an MTU of {mtu} is too small for IPv6: at least {SMALLEST_IPV6_MTU}"
        )


def _check_gateways(network: Network, report: Report) -> None:
    where = f"{network.pointer}/gateway"
    taken: dict[IPNetwork, IPAddress] = {}
    for gateway in network.gateways or ():
        subnet = next((net for net in network.subnets or () if gateway in net), None)
        if subnet is None:
            report.add(where, f"the gateway {gateway} is outside of {ipam.described(network)}")
            continue
        if subnet in taken:
            report.add(
                where, f"{gateway} and {taken[subnet]} are both gateways of {subnet}: one a subnet"
            )
        taken[subnet] = gateway
        try:
            refuse_edges(gateway, subnet)
        except ValueError as error:
            report.add(where, str(error))


def _check_ranges(network: Network, report: Report) -> None:
    taken: set[IPNetwork] = set()
    for part in network.ranges:
        subnet = next((net for net in network.subnets or () if contains(net, part)), None)
        if subnet is None:
            report.add(
                f"{network.pointer}/range",
                f"the range {part} is outside of {ipam.described(network)}",
            )
        elif subnet in taken:
            report.add(f"{network.pointer}/range", f"two ranges in {subnet}: one a subnet")
        else:
            taken.add(subnet)


def _check_members(network: Network, members: list[Member], report: Report) -> None:
    if len(members) > MOST_PORTS and network.driver in {"bridge", "vlan"}:
        report.add(
            network.pointer,
            f"{len(members):,} members: a bridge has at most {MOST_PORTS:,} ports",
            hint="spread them over several networks",
            at_key=True,
        )
    _check_duplicates(network, members, report)
    for _, endpoint in members:
        if endpoint.mtu is not None and endpoint.mtu > (network.mtu or endpoint.mtu):
            report.add(
                f"{endpoint.pointer}/mtu",
                f"an MTU of {endpoint.mtu} is more than the network's {network.mtu}",
            )
        elif _has_ipv6(network, endpoint):
            check_mtu(endpoint.mtu, endpoint.pointer, report)
    _check_room(network, members, report)


def _has_ipv6(network: Network, endpoint: Endpoint) -> bool:
    if endpoint.addresses == ():
        return False
    return any(subnet.version == 6 for subnet in network.subnets or ()) or any(
        address.version == 6 for address in endpoint.addresses or ()
    )


def _check_duplicates(network: Network, members: list[Member], report: Report) -> None:
    addresses: dict[IPAddress, str] = dict(_own_gateways(network))
    macs: dict[str, str] = {}
    for sandbox, endpoint in members:
        for index, address in enumerate(endpoint.addresses or ()):
            holder = addresses.setdefault(address.ip, sandbox.name)
            if holder is not sandbox.name:
                report.add(
                    f"{endpoint.pointer}/addresses/{index}",
                    f"{address.ip} is taken by {holder} in {network.name}",
                    hint=_gateway_hint(network, address.ip, holder),
                )
        if endpoint.mac is not None:
            holder = macs.setdefault(endpoint.mac, sandbox.name)
            if holder is not sandbox.name:
                report.add(
                    f"{endpoint.pointer}/mac",
                    f"{endpoint.mac} is taken by {holder} in {network.name}",
                )


GATEWAY = "the gateway"


def is_routed(network: Network) -> bool:
    """Say whether members leave a network by their device alone, without a gateway."""
    return network.mode in {"l3", "l3s"}


def _gateway_hint(network: Network, address: IPAddress, holder: str) -> str:
    if holder != GATEWAY:
        return ""
    return (
        f'for a router of your own write "gateway": "{address}" in networks.{network.name}; '
        "for none, false"
    )


def _own_gateways(network: Network) -> Iterator[tuple[IPAddress, str]]:
    """Give the addresses of the gateway where nobody said otherwise."""
    if network.gateways is None and not network.internal and not is_routed(network):
        for subnet in network.subnets or ():
            yield first_host(subnet), GATEWAY


def _check_room(network: Network, members: list[Member], report: Report) -> None:
    """See whether all members that are allotted an address can get one."""
    named = {address.ip for _, endpoint in members for address in endpoint.addresses or ()} | {
        *(network.gateways or ()),
        *((network.dns.addresses or ()) if network.dns else ()),
    }
    for subnet in network.subnets or ():
        part = next((item for item in network.ranges if contains(subnet, item)), subnet)
        asking = [sandbox.name for sandbox, endpoint in members if _asks(endpoint, subnet)]
        kept = set(named)
        if not any(gateway in subnet for gateway in network.gateways or ()):
            kept.add(first_host(subnet))
        room = _usable(subnet, part) - sum(
            1 for address in kept if address in part and ipam.reserved_at(network, address) is None
        )
        if network.ipam.reserved:
            room -= ipam.kept_back(network, subnet, part)
        if asking and len(asking) > room:
            report.add(
                f"{network.pointer}/{'range' if part is not subnet else 'subnets'}",
                f"{part} has room for {max(room, 0):,} more, and "
                f"{counted(len(asking), 'member')} {'is' if len(asking) == 1 else 'are'} to be "
                f"allotted an address: {', '.join(asking[:MOST_NAMED])}"
                f"{', ...' if len(asking) > MOST_NAMED else ''}",
                hint=ipam.told(network, members, part),
            )


def _asks(endpoint: Endpoint, subnet: IPNetwork) -> bool:
    if endpoint.addresses == ():
        return False
    return all(address not in subnet for address in endpoint.addresses or ())


def _usable(subnet: IPNetwork, part: IPNetwork) -> int:
    return part.num_addresses - sum(1 for edge in edges(subnet) if edge in part)


def _check_overlaps(topology: Topology, report: Report) -> None:
    """Refuse overlapping subnets where one namespace would hold both."""
    by_name = {network.name: network for network in topology.networks}
    reach = {
        sandbox.name: [by_name[endpoint.network] for endpoint in sandbox.endpoints]
        for sandbox in topology.namespaces
    }
    reach[HOST] = [
        *reach.get(HOST, []),
        *(net for net in topology.networks if is_in_host(net, topology)),
    ]
    reach["the namespace of hidden bridges"] = [
        net
        for net in topology.networks
        if net.dns is not None and net.driver == "bridge" and not is_in_host(net, topology)
    ]
    told: set[tuple[str, int, IPNetwork]] = set()
    for namespace, networks in reach.items():
        distinct = {network.name: network for network in networks}.values()
        subnets = [
            (subnet, order, (network, index))
            for order, network in enumerate(distinct)
            for index, subnet in enumerate(network.subnets or ())
        ]
        for (one, _, (first, _)), (two, _, (second, index)) in overlapping(subnets):
            if first is not second and (second.name, index, one) not in told:
                told.add((second.name, index, one))
                report.add(
                    f"{second.pointer}/subnets/{index}",
                    f"{two} overlaps {one} of {first.name}, and {namespace} would hold both",
                )


def is_in_host(network: Network, topology: Topology) -> bool:
    """Say whether a network's bridge stands in the host, where its subnets are on a link."""
    return bool(host_families(network, topology))


def host_families(network: Network, topology: Topology) -> frozenset[int]:
    """Say for which families the host is a network's gateway."""
    if network.driver not in {"bridge", "ovs"} or network.subnets == () or network.gateways == ():
        return frozenset()
    if network.gateways is None:
        if network.internal:
            return frozenset()
        named = {4} if network.subnets is None else {item.version for item in network.subnets}
        return frozenset({*named, 6} if network.ipv6 else named)
    held = {
        address.ip
        for sandbox in topology.namespaces
        if sandbox.name != HOST  # what the host holds is the bridge's
        for endpoint in sandbox.endpoints
        if endpoint.network == network.name
        for address in endpoint.addresses or ()
    }
    own = {gateway.version for gateway in network.gateways if gateway not in held}
    return frozenset({*own, 6} if own and network.ipv6 else own)


def _check_lone(
    sandbox: Sandbox, drivers: dict[str, str], topology: Topology, report: Report
) -> None:
    """See that a member of a host or null network is nothing else."""
    special = [
        endpoint for endpoint in sandbox.endpoints if drivers[endpoint.network] in {"host", "null"}
    ]
    if not special:
        return
    driver = drivers[special[0].network]
    where = special[0].pointer
    if len(sandbox.endpoints) > 1:
        report.add(where, f"a member of a network of the driver {driver} is in no other network")
    if any(end.namespace == sandbox.name for cable in topology.links for end in cable.ends):
        report.add(where, f"a member of a network of the driver {driver} has no links")
    if sandbox.name == HOST:
        report.add(where, f"host is no member of a network of the driver {driver}")
    extra = _extras(sandbox, driver)
    if extra:
        report.add(where, f"a member of a network of the driver {driver} has no {listed(extra)}")


def _extras(sandbox: Sandbox, driver: str) -> list[str]:
    devices = [device for device in sandbox.devices if driver == "host" or device.ifname != "lo"]
    said: dict[str, object] = {
        "netns": sandbox.netns,
        "devices": devices,
        "routes": sandbox.routes,
        "neighbors": sandbox.neighbors,
        "rules": sandbox.rules,
        "nat": sandbox.nat,
        "firewall": sandbox.firewall,
    }
    if driver == "host":
        said |= {
            "sysctls": sandbox.sysctls,
            "dns": sandbox.dns,
            "dad": sandbox.dad,
            "forwarding": sandbox.forwarding != (None, None),
        }
    return [key for key, value in said.items() if value]
