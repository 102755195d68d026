"""What was chosen for a spec that left it open; kept in netkit's memory, so nobody moves."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_interface, ip_network
from typing import Any

from netkit.errors import NetkitError
from netkit.names import IFNAME
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
        released: Addresses that were given back, by who had them; the latest come last.
    """

    pools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    addresses: Mapping[Seat, tuple[str, ...]] = field(default_factory=dict)
    devices: Mapping[Seat, str] = field(default_factory=dict)
    released: Mapping[Seat, tuple[str, ...]] = field(default_factory=dict)

    def merged(self, other: Allotments) -> Allotments:
        """Lay ``other`` over this: what it says stands where both say something."""
        return Allotments(
            {**self.pools, **other.pools},
            {**self.addresses, **other.addresses},
            {**self.devices, **other.devices},
            {**self.released, **other.released},
        )

    def to_json(self) -> dict[str, Any]:
        """Give plain values; a seat becomes ``[network, namespace]``."""
        return {
            "pools": {name: list(cidrs) for name, cidrs in self.pools.items()},
            "addresses": [[*seat, list(cidrs)] for seat, cidrs in self.addresses.items()],
            "devices": [[*seat, ifname] for seat, ifname in self.devices.items()],
            "released": [[*seat, list(cidrs)] for seat, cidrs in self.released.items()],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Allotments:
        """
        Take back what ``to_json`` gave.

        Raises:
            NetkitError: It is something else.
        """
        try:
            return cls(
                {name: _networks(cidrs) for name, cidrs in data["pools"].items()},
                _by_seat(data["addresses"]),
                {(network, name): _ifname(ifname) for network, name, ifname in data["devices"]},
                _by_seat(data.get("released", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NetkitError(
                f"what was allotted cannot be read: {error}",
                hint="netkit destroy --all removes what netkit made, by its marks",
            ) from error


def _by_seat(rows: Any) -> dict[Seat, tuple[str, ...]]:
    return {(network, name): _addresses(cidrs) for network, name, cidrs in rows}


def _addresses(cidrs: Any) -> tuple[str, ...]:
    return tuple(str(ip_interface(cidr)) for cidr in cidrs)


def _networks(cidrs: Any) -> tuple[str, ...]:
    return tuple(str(ip_network(cidr)) for cidr in cidrs)


def _ifname(ifname: Any) -> str:
    if not isinstance(ifname, str) or not IFNAME.fullmatch(ifname):
        raise ValueError(f"{ifname!r} is not a device")
    return ifname
