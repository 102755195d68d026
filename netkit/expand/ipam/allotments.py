"""What was chosen for a spec that left it open; kept in netkit's memory, so nobody moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netkit.value import Value, field

Seat = tuple[str, str]
"""A network and a namespace."""


class Allotments(Value, frozen=True):
    """
    All that was chosen for one spec.

    Args:
        pools: Subnets by network.
        addresses: Addresses with prefix by (network, namespace).
        devices: Device name by (network, namespace).
    """

    pools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    addresses: Mapping[Seat, tuple[str, ...]] = field(default_factory=dict)
    devices: Mapping[Seat, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give plain values; a seat becomes ``[network, namespace]``."""
        return {
            "pools": {name: list(cidrs) for name, cidrs in self.pools.items()},
            "addresses": [[*seat, list(cidrs)] for seat, cidrs in self.addresses.items()],
            "devices": [[*seat, ifname] for seat, ifname in self.devices.items()],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Allotments:
        """Take back what ``to_json`` gave."""
        return cls(
            {name: tuple(cidrs) for name, cidrs in data["pools"].items()},
            {(network, name): tuple(cidrs) for network, name, cidrs in data["addresses"]},
            {(network, name): ifname for network, name, ifname in data["devices"]},
        )
