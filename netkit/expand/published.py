"""
Published ports: which ports of the host lead to which of an endpoint.

Each is an ``Opening`` of one family. Where the family is routed, no port of the host is taken and
the endpoint's own is opened.
"""

from __future__ import annotations

from collections.abc import Iterator

from netkit.expand.placement import Site, own_gateways
from netkit.expand.routes import leaves_by
from netkit.model.topology import (
    Endpoint,
    IPAddress,
    Network,
    Publish,
    Sandbox,
)
from netkit.value import Value

Ports = tuple[int, int]
"""First and last."""


class Opening(Value, frozen=True, kw_only=True):
    """
    A published port, of one family.

    Args:
        network: Whose bridge leads to it.
        sandbox: Who listens.
        protocol: tcp, udp or sctp.
        host_address: Of the host; None is any.
        host_ports: Of the host; None where the family is routed.
        address: Of the endpoint.
        ports: Of the endpoint, as many.
        answers: The sandbox's answers leave by this network; else they must be led to.
        origin: JSON pointer.
    """

    network: str
    sandbox: str
    protocol: str
    host_address: IPAddress | None
    host_ports: Ports | None
    address: IPAddress
    ports: Ports
    answers: bool
    origin: str

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.address.version


def led(site: Site, protocol: str, address: IPAddress, port: int) -> tuple[Opening, int] | None:
    """
    Say where a port of the host leads.

    Args:
        site: The spec.
        protocol: tcp, udp or sctp.
        address: Of the host.
        port: There.

    Returns:
        Whose it is, and the port of the endpoint; None for a port that is the host's own.
    """
    for network in site.topology.networks:
        for item in openings(site, network) if network.name in site.publishing else ():
            ports, where = item.host_ports, item.host_address
            if (
                (item.protocol, item.family) == (protocol, address.version)
                and ports is not None
                and ports[0] <= port <= ports[1]
                and where in {None, address}
            ):
                return item, item.ports[0] + port - ports[0]
    return None


def openings(site: Site, network: Network) -> Iterator[Opening]:
    """Give what is published of a network, in document order; of a hidden one that is nothing."""
    gateways = own_gateways(network, site.held)
    for family in sorted({gateway.version for gateway in gateways}):
        for sandbox, endpoint in site.publishing.get(network.name, ()):
            address = _address(endpoint, family)
            if address is not None:
                answers = leaves_by(site, sandbox, family) == endpoint.device
                for item in endpoint.publish:
                    if item.host_address is None or item.host_address.version == family:
                        yield _opening(network, sandbox, item, address=address, answers=answers)


def _address(endpoint: Endpoint, family: int) -> IPAddress | None:
    return next((each.ip for each in endpoint.addresses or () if each.version == family), None)


def _opening(
    network: Network, sandbox: Sandbox, item: Publish, *, address: IPAddress, answers: bool
) -> Opening:
    said = item.host_address
    return Opening(
        network=network.name,
        sandbox=sandbox.name,
        protocol=item.protocol,
        host_address=None if said is None or said.is_unspecified else said,
        host_ports=item.host_ports if network.is_masqueraded(address.version) else None,
        address=address,
        ports=item.ports,
        answers=answers,
        origin=item.pointer,
    )
