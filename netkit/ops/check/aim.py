"""
What a check aims at: the addresses that its target stands for, seen from where it starts.

    con1 ── backend ── con2 ── frontend ── con3
                       10.1.0.20, fd00:1::20     (backend, shared with con1: first)
                       10.2.0.3                  (frontend)

A target that is a namespace stands for its addresses, those on a network or a link that the source
shares first, then in document order. Left out are the kernel's link-local ones; those that the
source has as well, since it would talk to itself; and those that a third namespace has on a
network or link of the source, since it is the third that would answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from netkit.errors import NetkitError
from netkit.expand.placement import Site, own_gateways
from netkit.model.topology import CableEnd, Check, IPAddress
from netkit.names import HOST
from netkit.spec.words import split_socket
from netkit.value import Value

PORTS = {"http": 80, "https": 443}


class Spot(Value, frozen=True):
    """An address of a namespace, and the network or link it is on; None: neither."""

    address: IPAddress
    segment: str | None


class Goal(Value, frozen=True):
    """
    What a check has as its target.

    Args:
        host: A namespace, an address or a name.
        port: 0 where there is none.
    """

    host: str
    port: int = 0


class Aim(Value, frozen=True):
    """
    Where the probes go.

    Args:
        addresses: In order of preference; empty where a name is yet to be resolved.
        families: Of each of these one must answer.
        port: 0 where there is none.
        name: What is to be resolved at the source; empty otherwise.
    """

    addresses: tuple[IPAddress, ...] = ()
    families: tuple[int, ...] = ()
    port: int = 0
    name: str = ""


def goal(check: Check) -> Goal:
    """Take a check's target apart."""
    if check.verb in {"tcp", "udp"}:
        host, port = split_socket(check.target)
        return Goal(host, int(port))
    if check.verb == "http":
        url = urlsplit(check.target)
        host = url.netloc.rpartition("@")[2]
        return Goal(split_socket(host)[0], url.port or PORTS[url.scheme])
    return Goal(check.target)


class Map:
    """
    Who has which address where, of a filled spec.

    Args:
        site: The spec.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.names = tuple(dict.fromkeys((HOST, *site.sandboxes)))
        self._spots: dict[str, tuple[Spot, ...]] = {}
        self._on: dict[str | None, set[tuple[str, IPAddress]]] = defaultdict(set)
        for name in self.names:
            self._spots[name] = tuple(dict.fromkeys(self._find(name)))
            for spot in self._spots[name]:
                self._on[spot.segment].add((name, spot.address))

    def spots(self, name: str) -> tuple[Spot, ...]:
        """Give the addresses of a namespace, in document order."""
        return self._spots.get(name, ())

    def holder(self, address: IPAddress) -> str | None:
        """Name the first namespace that has an address."""
        for name in self.names:
            if any(spot.address == address for spot in self.spots(name)):
                return name
        return None

    def called(self, name: str) -> str | None:
        """Name the namespace that is called ``name`` in hosts files."""
        for sandbox in self.site.sandboxes.values():
            for endpoint in sandbox.endpoints:
                if name in {*endpoint.aliases, f"{sandbox.name}.{endpoint.network}"}:
                    return sandbox.name
        return name if name in self.site.netns else None

    def families(self, name: str) -> frozenset[int]:
        """Say of which families a namespace has addresses by the spec."""
        return frozenset(spot.address.version for spot in self.spots(name))

    def aim(self, check: Check, families: Iterable[int]) -> Aim:
        """
        Say where the probes of a check go.

        Args:
            check: Any but run.
            families: Of which the source has addresses.

        Raises:
            NetkitError: The target has no address that could prove anything.
        """
        wanted = goal(check)
        if check.verb == "resolve":
            return Aim(name=wanted.host)
        if wanted.host in self.site.netns:
            return self._at_namespace(check, wanted, frozenset(families))
        try:
            address = ip_address(wanted.host)
        except ValueError:
            return Aim(port=wanted.port, name=wanted.host)
        return Aim((address,), (address.version,), wanted.port)

    def _at_namespace(self, check: Check, wanted: Goal, families: frozenset[int]) -> Aim:
        source, target = check.source, wanted.host
        addresses = self.addresses(source, target)
        if not addresses:
            raise NetkitError(_why_none(target, self.spots(target)))
        both = tuple(sorted({each.version for each in addresses} & families))
        if not both and check.expect == "reachable":
            raise NetkitError(f"{source} and {target} have no addresses of the same family")
        return Aim(addresses, both, wanted.port)

    def addresses(self, source: str, target: str) -> tuple[IPAddress, ...]:
        """Give the addresses of ``target`` that prove something to ``source``, best first."""
        shared = {spot.segment for spot in self.spots(source)} - {None}
        own = {spot.address for spot in self.spots(source)} if source != target else set()
        others = {
            address
            for segment in shared
            for name, address in self._on[segment]
            if name not in {source, target}
        }
        found = [spot for spot in self.spots(target) if spot.address not in own]
        near = [spot.address for spot in found if spot.segment in shared]
        far = [spot.address for spot in found if spot.address not in others]
        return tuple(dict.fromkeys((*near, *far)))

    def _find(self, name: str) -> Iterator[Spot]:
        for spot in self._all(name):
            address = spot.address
            if not (address.is_loopback or (address.version == 6 and address.is_link_local)):
                yield spot

    def _all(self, name: str) -> Iterator[Spot]:
        site = self.site
        sandbox = site.sandboxes.get(name)
        segments: dict[str, str] = {}
        for endpoint in sandbox.endpoints if sandbox else ():
            segment = f"network {endpoint.network}"
            segments[endpoint.device or ""] = segment
            for interface in endpoint.addresses or ():
                yield Spot(interface.ip, segment)
        if name == HOST:
            for network in site.topology.networks:
                for gateway in own_gateways(network, site.held):
                    yield Spot(gateway, f"network {network.name}")
        for end, segment in _cables(site, name):
            segments[end.device] = segment
            for interface in end.addresses:
                yield Spot(interface.ip, segment)
        for device in sandbox.devices if sandbox else ():
            for interface in device.addresses:
                yield Spot(interface.ip, segments.get(device.ifname))


def _cables(site: Site, name: str) -> Iterator[tuple[CableEnd, str]]:
    for end, cable in site.ends.get(name, ()):
        yield end, "link " + " ".join(f"{each.namespace}:{each.device}" for each in cable.ends)


def _why_none(target: str, spots: tuple[Spot, ...]) -> str:
    if spots:
        return f"no address of {target} is its alone, as seen from here: a check proves nothing"
    return f"the spec gives {target} no address: name one"
