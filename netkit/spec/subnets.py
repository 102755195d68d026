"""Subnets beside each other, and the addresses in them that nobody can have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from netkit.model.subnet import edges
from netkit.model.topology import IPAddress, IPNetwork

T = TypeVar("T")
Spot = tuple[IPNetwork, int, T]


def overlapping(spots: list[Spot[T]]) -> Iterator[tuple[Spot[T], Spot[T]]]:
    """
    Find the prefixes that lie within one of the others.

    Args:
        spots: Prefix, place in the document, and what it belongs to.

    Returns:
        Pairs, of each the one first that the document says first.
    """
    outer: Spot[T] | None = None
    for spot in sorted(spots, key=lambda spot: (spot[0].version, spot[0], spot[1])):
        if outer is not None and outer[0].overlaps(spot[0]):
            yield (outer, spot) if outer[1] <= spot[1] else (spot, outer)
        else:
            outer = spot


def refuse_edges(address: IPAddress, subnet: IPNetwork) -> None:
    """Refuse the network and the broadcast address."""
    if address in edges(subnet):
        what = (
            f"the address of the subnet {subnet} itself"
            if address == subnet.network_address
            else f"the broadcast address of the subnet {subnet}"
        )
        raise ValueError(f"{address} is {what}")
