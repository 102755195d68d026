"""
Published ports as they are written: ``[[ADDRESS:][HOST_PORTS]:]PORTS[/PROTOCOL]``, and back.

    8080:80                   192.0.2.1:8080:80/tcp
    8000-8010:9000-9010/udp   [2001:db8::1]:8080:80
    80                        192.0.2.1::80            netkit chooses the port of the host
"""

from __future__ import annotations

from netkit.model.topology import IPAddress, Publish
from netkit.spec import words
from netkit.spec.report import shown

PROTOCOLS = ("tcp", "udp", "sctp")
SUCH = "such as 8080:80/tcp, 8000-8010:8000-8010, 192.0.2.1:8080:80 or 80"


def read_publish(text: str) -> Publish:
    """Read a published port, or a range of them."""
    where, slash, protocol = text.partition("/")
    if not slash:
        protocol = "tcp"
    if protocol not in PROTOCOLS:
        raise ValueError(f"{shown(text)} has no protocol of those with ports: {_listed()}")
    address, ports = _cut(where, text)
    host, colon, own = ports.rpartition(":")
    if not own or (colon and not host and address is None):
        raise ValueError(f"{shown(text)} is not a published port: {SUCH}")
    own_ports = words.read_ports(own)
    if not host:
        return Publish(host_address=address, host_ports=None, ports=own_ports, protocol=protocol)
    host_ports = words.read_ports(host)
    many, few = _count(host_ports), _count(own_ports)
    if many != few:
        raise ValueError(
            f"{shown(text)}: {many} ports of the host cannot lead to {few}, only to as many"
        )
    return Publish(host_address=address, host_ports=host_ports, ports=own_ports, protocol=protocol)


def _listed() -> str:
    return ", ".join(PROTOCOLS[:-1]) + f" or {PROTOCOLS[-1]}"


def _cut(where: str, text: str) -> tuple[IPAddress | None, str]:
    """Take the address off, which for IPv6 stands in brackets."""
    if where.startswith("["):
        host, bracket, ports = where[1:].partition("]:")
        if not bracket:
            raise ValueError(f"{shown(text)} is not [ADDRESS]:HOST_PORT:PORT")
        address = words.read_ip(host)
        if address.version != 6:
            raise ValueError(f"{shown(text)}: brackets are for IPv6 addresses")
        return _usable(address), ports
    if where.count(":") > 2:
        raise ValueError(f"{shown(text)}: an IPv6 address stands in brackets, [2001:db8::1]:80:80")
    if where.count(":") < 2:
        return None, where
    host, _, ports = where.partition(":")
    return _usable(words.read_ip(host)), ports


def _usable(address: IPAddress) -> IPAddress:
    """Refuse addresses that no packet to the host has, or that cannot lead anywhere."""
    if address.is_multicast:
        raise ValueError(f"{address} is multicast: no host is reached there")
    if address.version == 6 and address.is_loopback:
        raise ValueError(
            f"[{address}] cannot be published: the kernel leads IPv6 packets out of no loopback; "
            "127.0.0.1 can"
        )
    return address


def write_publish(item: Publish) -> str:
    """Write a published port, everything explicit."""
    address = "" if item.host_address is None else f"{_written(item.host_address)}:"
    host = "" if item.host_ports is None else _ports(item.host_ports)
    colon = ":" if host or address else ""
    return f"{address}{host}{colon}{_ports(item.ports)}/{item.protocol}"


def _written(address: IPAddress) -> str:
    return f"[{address}]" if address.version == 6 else str(address)


def _ports(ports: tuple[int, int]) -> str:
    first, last = ports
    return str(first) if first == last else f"{first}-{last}"


def _count(ports: tuple[int, int]) -> int:
    return ports[1] - ports[0] + 1
