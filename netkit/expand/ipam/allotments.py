"""What was chosen for a spec that left it open; kept in netkit's memory, so nobody moves."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from netkit.errors import NetkitError
from netkit.names import IFNAME
from netkit.value import Value, field

LEAST_MTU, MOST_MTU = 68, 65535
MOST_PORT = 65535
Seat = tuple[str, str]
"""A network and a namespace."""
FOREIGN = "foreign"


class Sighting(Value, frozen=True):
    """
    A namespace that netkit did not make, as it was when it was seen.

    Args:
        place: Its name or path.
        pid: Of the process that it is known by; 0: it is known by its place.
        started: When that process was, in clock ticks since the boot.
        inode: Of the namespace.
    """

    place: str
    pid: int
    started: int
    inode: int


class Allotments(Value, frozen=True):
    """
    All that was chosen for one spec.

    Args:
        pools: Subnets by network.
        addresses: Addresses with prefix by (network, namespace).
        devices: Device name by (network, namespace).
        released: Addresses that were given back, by who had them; the latest come last.
        foreign: Namespaces that netkit did not make, by their names in the spec.
        mtus: What leaves the host in one piece, by network.
        gateways: Addresses that a plugin gave the gateways, by network.
        ports: The first port of the host by (network, namespace), and by what is published there.
    """

    pools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    addresses: Mapping[Seat, tuple[str, ...]] = field(default_factory=dict)
    devices: Mapping[Seat, str] = field(default_factory=dict)
    released: Mapping[Seat, tuple[str, ...]] = field(default_factory=dict)
    foreign: Mapping[str, Sighting] = field(default_factory=dict)
    mtus: Mapping[str, int] = field(default_factory=dict)
    gateways: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ports: Mapping[Seat, Mapping[str, int]] = field(default_factory=dict)

    def merged(self, other: Allotments) -> Allotments:
        """Lay ``other`` over this: what it says stands where both say something."""
        return Allotments(
            {**self.pools, **other.pools},
            {**self.addresses, **other.addresses},
            {**self.devices, **other.devices},
            {**self.released, **other.released},
            {**self.foreign, **other.foreign},
            {**self.mtus, **other.mtus},
            {**self.gateways, **other.gateways},
            {**self.ports, **other.ports},
        )

    def to_json(self) -> dict[str, Any]:
        """Give plain values; a seat becomes ``[network, namespace]``."""
        return {
            "pools": {name: list(cidrs) for name, cidrs in self.pools.items()},
            "addresses": [[*seat, list(cidrs)] for seat, cidrs in self.addresses.items()],
            "devices": [[*seat, ifname] for seat, ifname in self.devices.items()],
            "released": [[*seat, list(cidrs)] for seat, cidrs in self.released.items()],
            FOREIGN: {
                name: [seen.place, seen.pid, seen.started, seen.inode]
                for name, seen in self.foreign.items()
            },
            "mtus": dict(self.mtus),
            "gateways": {name: list(given) for name, given in self.gateways.items()},
            "ports": [[*seat, dict(found)] for seat, found in self.ports.items()],
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
                {name: _sighting(*seen) for name, seen in data.get(FOREIGN, {}).items()},
                {str(name): _mtu(size) for name, size in data.get("mtus", {}).items()},
                {name: _hosts(given) for name, given in data.get("gateways", {}).items()},
                ports_by_seat(data.get("ports", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NetkitError(
                f"what was allotted cannot be read: {error}",
                hint="netkit destroy --all removes what netkit made, by its marks",
            ) from error


def _by_seat(rows: Any) -> dict[Seat, tuple[str, ...]]:
    return {(network, name): _addresses(cidrs) for network, name, cidrs in rows}


def ports_by_seat(rows: Any) -> dict[Seat, Mapping[str, int]]:
    """
    Take back the ports of what ``to_json`` gave.

    Raises:
        ValueError: They are something else.
    """
    return {
        (network, name): {str(said): _port(first) for said, first in found.items()}
        for network, name, found in rows
    }


def about(data: Mapping[str, Any], networks: Container[str]) -> dict[str, Any]:
    """Keep of what ``to_json`` gave what was chosen in some networks."""
    return _chosen(data, lambda network: network in networks)


def replaced(
    data: Mapping[str, Any], networks: Container[str], by: Mapping[str, Any]
) -> dict[str, Any]:
    """Put other choices in the place of those that were made in some networks."""
    rest = _chosen(data, lambda network: network not in networks)
    return {
        key: {**found, **by[key]} if isinstance(found, dict) else [*found, *by[key]]
        for key, found in rest.items()
    }


def _chosen(data: Mapping[str, Any], wanted: Callable[[str], bool]) -> dict[str, Any]:
    """Keep what is kept by network, as a key or at the head of a list; and all of no network."""
    return {
        key: found
        if key == FOREIGN
        else {name: item for name, item in found.items() if wanted(name)}
        if isinstance(found, Mapping)
        else [item for item in found if wanted(item[0])]
        for key, found in data.items()
    }


def _sighting(place: Any, pid: Any, started: Any, inode: Any) -> Sighting:
    if not isinstance(place, str) or not all(type(each) is int for each in (pid, started, inode)):
        raise TypeError(f"{place!r} is not the place of a namespace")
    return Sighting(place, pid, started, inode)


def _addresses(cidrs: Any) -> tuple[str, ...]:
    return tuple(str(ip_interface(cidr)) for cidr in cidrs)


def _hosts(addresses: Any) -> tuple[str, ...]:
    return tuple(str(ip_address(address)) for address in addresses)


def _networks(cidrs: Any) -> tuple[str, ...]:
    return tuple(str(ip_network(cidr)) for cidr in cidrs)


def _port(first: Any) -> int:
    if type(first) is not int or not 0 < first <= MOST_PORT:
        raise ValueError(f"{first!r} is not a port")
    return first


def _mtu(size: Any) -> int:
    if not isinstance(size, int) or not LEAST_MTU <= size <= MOST_MTU:
        raise ValueError(f"{size!r} is not an MTU")
    return size


def _ifname(ifname: Any) -> str:
    if not isinstance(ifname, str) or not IFNAME.fullmatch(ifname):
        raise ValueError(f"{ifname!r} is not a device")
    return ifname
