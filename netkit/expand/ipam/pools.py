"""
Subnets for networks that name none.

Docker's default pools and order: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in /20s; the
first that overlaps neither a network of netkit's nor a route of the host.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from netkit.errors import NetkitError
from netkit.model.topology import IPNetwork, Network, Topology

POOLS: tuple[IPv4Network, ...] = (
    *(IPv4Network(f"172.{second}.0.0/16") for second in range(17, 32)),
    *IPv4Network("192.168.0.0/16").subnets(new_prefix=20),
)


def request_pools(
    topology: Topology, remembered: dict[str, tuple[str, ...]], taken: Iterable[IPNetwork]
) -> dict[str, tuple[str, ...]]:
    """
    Choose a subnet for each network that left it open.

    Args:
        topology: The spec.
        remembered: What was chosen before; it stays while nothing overlaps it.
        taken: Subnets of other specs and routes of the host.

    Raises:
        NetkitError: All pools are taken.
    """
    busy: list[IPNetwork] = [*taken]
    busy += [subnet for network in topology.networks for subnet in network.subnets or ()]
    open_networks = [item for item in topology.networks if needs_pool(item)]
    chosen: dict[str, tuple[str, ...]] = {}
    for network in open_networks:
        kept = tuple(ip_network(cidr) for cidr in remembered.get(network.name, ()))
        if kept:
            chosen[network.name] = remembered[network.name]
            busy += kept
    for network in open_networks:
        if network.name not in chosen:
            pool = next(_free(busy), None)
            if pool is None:
                raise NetkitError(
                    f"{network.pointer}: all {len(POOLS)} default pools are taken",
                    hint="give the network subnets of its own, or destroy a spec",
                )
            chosen[network.name] = (str(pool),)
            busy.append(pool)
    return chosen


def needs_pool(network: Network) -> bool:
    """Say whether a network left its subnets open; host and null have none."""
    return network.subnets is None and network.driver not in ("host", "null")


def _free(busy: list[IPNetwork]) -> Iterator[IPv4Network]:
    for pool in POOLS:
        if not any(overlap(pool, other) for other in busy):
            yield pool


def overlap(one: IPNetwork, other: IPNetwork) -> bool:
    """Say whether two subnets share an address; those of two families never do."""
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return one.overlaps(other)
    if isinstance(one, IPv6Network) and isinstance(other, IPv6Network):
        return one.overlaps(other)
    return False
