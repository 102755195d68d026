"""
Subnets for networks that name none.

    IPv4   Docker's default pools and order: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in
           /20s
    IPv6   the /64s, in order, of a /48 of fd00::/8 that is computed from the spec's name (RFC 4193)

Of each the first that overlaps neither a network of netkit's nor a route of the host.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import islice

from netkit.errors import NetkitError, Problem
from netkit.model.topology import IPNetwork, Network, Topology
from netkit.names import digest
from netkit.value import Value

POOLS: tuple[IPv4Network, ...] = (
    *(IPv4Network(f"172.{second}.0.0/16") for second in range(17, 32)),
    *IPv4Network("192.168.0.0/16").subnets(new_prefix=20),
)
UNIQUE_LOCAL = 0xFD << 120
MOST_TRIED = 4096
SUBNETLESS = ("host", "null")
MOST_NAMED = 8


class Holding(Value, frozen=True):
    """A subnet that somebody has, and who: ``Docker's docker0``, ``network x of spec shop``."""

    subnet: IPNetwork
    holder: str


def request_pools(
    topology: Topology, remembered: Mapping[str, tuple[str, ...]], taken: Iterable[Holding]
) -> dict[str, tuple[str, ...]]:
    """
    Choose a subnet for each network that left it open.

    Args:
        topology: The spec.
        remembered: What was chosen before; it stays while nothing overlaps it.
        taken: Subnets of other specs and routes of the host.

    Raises:
        NetkitError: All pools are taken; it says by whom.
    """
    busy = [*taken]
    busy += [
        Holding(subnet, f"network {network.name}")
        for network in topology.networks
        for subnet in network.subnets or ()
    ]
    chosen: dict[str, dict[int, IPNetwork]] = {}
    for network in topology.networks:
        kept = [ip_network(cidr) for cidr in remembered.get(network.name, ())]
        families = open_families(network)
        chosen[network.name] = {each.version: each for each in kept if each.version in families}
        busy += [Holding(each, f"network {network.name}") for each in chosen[network.name].values()]
    for network in topology.networks:
        for family in open_families(network):
            if family not in chosen[network.name]:
                pool = _first_free(topology.name, family, busy)
                if pool is None:
                    raise _exhausted(network, family, busy)
                chosen[network.name][family] = pool
                busy.append(Holding(pool, f"network {network.name}"))
    return {
        name: tuple(str(pools[family]) for family in sorted(pools))
        for name, pools in chosen.items()
        if pools
    }


def open_families(network: Network) -> tuple[int, ...]:
    """Name the families, 4 and 6, of which a network must be given a subnet."""
    if network.driver in SUBNETLESS:
        return ()
    has = {subnet.version for subnet in network.subnets or ()}
    open4 = network.subnets is None
    return (*((4,) if open4 else ()), *((6,) if network.ipv6 and 6 not in has else ()))


def needs_pool(network: Network, remembered: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether a pool must be found for a network that was not found before."""
    has = {ip_network(cidr).version for cidr in remembered.get(network.name, ())}
    return not has.issuperset(open_families(network))


def _first_free(spec: str, family: int, busy: list[Holding]) -> IPNetwork | None:
    pools = POOLS if family == 4 else islice(_local(spec), MOST_TRIED)
    for pool in pools:
        if not any(pool.overlaps(other.subnet) for other in busy):
            return pool
    return None


def _local(spec: str) -> Iterator[IPv6Network]:
    """Give the /64s of a spec's own part of fd00::/8."""
    base = UNIQUE_LOCAL | int(digest("pool", spec)[:10], 16) << 80
    for number in range(1 << 16):
        yield IPv6Network((base + (number << 64), 64))


def _exhausted(network: Network, family: int, busy: list[Holding]) -> NetkitError:
    """Say that all pools are taken, and by whom."""
    pools = POOLS if family == 4 else (next(_local(network.name)).supernet(new_prefix=8),)
    count = (
        f"all {len(POOLS)} default pools are" if family == 4 else "the first of fd00::/8 are all"
    )
    found = [each for each in busy if any(each.subnet.overlaps(pool) for pool in pools)]
    lines = [f"  {each.subnet}: {each.holder}" for each in found[:MOST_NAMED]]
    if len(found) > MOST_NAMED:
        lines.append(f"  and {len(found) - MOST_NAMED} more")
    return NetkitError.at(
        Problem(network.pointer, "\n".join((f"{count} taken", *lines))),
        hint="give the network subnets of its own, or destroy a spec",
    )
