"""Published ports: that they can lead somewhere, and that each leads to one place."""

from __future__ import annotations

from netkit.model.topology import Endpoint, Network, Publish, Sandbox, Topology
from netkit.names import HOST
from netkit.spec.check.networks import host_families
from netkit.spec.publish import write_publish
from netkit.spec.report import Report
from netkit.value import Value

FAMILIES = {4: "IPv4", 6: "IPv6"}


class Claim(Value, frozen=True):
    """
    A port of the host that is spoken for.

    Args:
        sandbox: Who wants it.
        families: Of which.
        item: What it says.
    """

    sandbox: str
    families: frozenset[int]
    item: Publish

    @property
    def ports(self) -> tuple[int, int]:
        """Of the host, which it names."""
        assert self.item.host_ports is not None
        return self.item.host_ports


def check_publish(topology: Topology, report: Report) -> None:
    """Check each published port by itself, then those that meet."""
    networks = {network.name: network for network in topology.networks}
    claims: list[Claim] = []
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            if not endpoint.publish:
                continue
            network = networks[endpoint.network]
            if reason := _why_not(topology, network, sandbox, endpoint):
                report.add(f"{endpoint.pointer}/publish", reason[0], hint=reason[1], at_key=True)
                continue
            _check_twice(endpoint, report)
            families = host_families(network, topology)
            for item in endpoint.publish:
                _check_address(network, sandbox, item, families=families, report=report)
                if item.host_ports is None:
                    continue
                hidden = frozenset(each for each in families if network.is_masqueraded(each))
                claims.append(Claim(sandbox.name, hidden & _meant(item), item))
    _check_clashes(claims, report)


def _check_twice(endpoint: Endpoint, report: Report) -> None:
    """Refuse to publish the same without a port of the host twice: which would have which?"""
    known: set[str] = set()
    for item in endpoint.publish:
        if item.host_ports is None:
            said = write_publish(item)
            if said in known:
                report.add(item.pointer, f"{said} is published already: name the ports of the host")
            known.add(said)


def _why_not(
    topology: Topology, network: Network, sandbox: Sandbox, endpoint: Endpoint
) -> tuple[str, str] | None:
    """Say why no port can lead to an endpoint, and the way out."""
    if network.driver not in {"bridge", "ovs"}:
        return (
            f"a network of the driver {network.driver} publishes no ports: bridge and ovs do",
            "its members have addresses on the parent's LAN" if network.parent else "",
        )
    if endpoint.tag is not None or endpoint.trunks:
        return f"no port leads to {sandbox.name}: it is in a VLAN, and the host in none", ""
    if sandbox.name == HOST:
        return "host publishes no ports: its own are the host's already", ""
    if network.internal:
        return f"nothing enters the internal network {network.name}, so no port leads into it", ""
    if not host_families(network, topology):
        return (
            f"no port leads into {network.name}: its bridge is hidden, out of the host's reach",
            "the host must be its gateway: leave gateway out, or name an address no member has",
        )
    if endpoint.addresses == ():
        return f"no port leads to {sandbox.name}: it has no address in {network.name}", ""
    return None


def _meant(item: Publish) -> frozenset[int]:
    """Say of which families a published port speaks."""
    return frozenset(FAMILIES if item.host_address is None else (item.host_address.version,))


def _check_address(
    network: Network,
    sandbox: Sandbox,
    item: Publish,
    *,
    families: frozenset[int],
    report: Report,
) -> None:
    address = item.host_address
    if address is None:
        return
    word = FAMILIES[address.version]
    if address.version not in families:
        report.add(
            item.pointer,
            f"{address} cannot lead to {sandbox.name}: the host is no gateway of {network.name} for"
            f" {word}",
            hint="nothing translates between IPv4 and IPv6",
        )
    elif not network.is_masqueraded(address.version) and not address.is_unspecified:
        report.add(
            item.pointer,
            f"{network.name} is routed for {word}: its members are reached by their own addresses,"
            f" not by {address}",
            hint="leave the address out, which opens the port itself",
        )


def _check_clashes(claims: list[Claim], report: Report) -> None:
    """Refuse two that speak of one port of the host."""
    reach: list[Claim] = []
    for claim in sorted(claims, key=lambda each: each.ports):
        first = claim.ports[0]
        reach = [each for each in reach if each.ports[1] >= first]
        for other in reach:
            if _clash(claim, other):
                one, two = sorted((claim, other), key=claims.index)
                whose = "itself" if one.sandbox == two.sandbox else one.sandbox
                report.add(
                    two.item.pointer,
                    f"{write_publish(two.item)} takes ports of the host that lead to {whose} by"
                    f" {write_publish(one.item)}",
                )
        reach.append(claim)


def _clash(one: Claim, other: Claim) -> bool:
    if one.item.protocol != other.item.protocol or not one.families & other.families:
        return False
    here, there = one.item.host_address, other.item.host_address
    return here is None or there is None or here == there or _is_any(here) or _is_any(there)


def _is_any(address: object) -> bool:
    return str(address) in {"0.0.0.0", "::"}
