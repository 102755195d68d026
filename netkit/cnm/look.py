"""What there is, in the words of the model: networks with their endpoints, namespaces."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from netkit.apply.foreign import is_ended
from netkit.apply.recall import filled
from netkit.apply.session import Session
from netkit.cnm.applied import absent, documents
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.placement import Site, is_made, kernel_netns
from netkit.facts import process
from netkit.model.topology import Endpoint, Network, Sandbox, Topology
from netkit.names import bridge_ifname
from netkit.spec import document

Data = dict[str, Any]
SHOWN_ELSEWHERE = frozenset({"driver", "subnets", "gateway", "labels", "internal"})


def networks(session: Session) -> tuple[Data, ...]:
    """
    Say all that is known of each network of each applied spec.

    Returns:
        E.g. ``{"name": "frontend", "spec": "shop", "driver": "bridge", "subnets": [{"subnet":
        "10.1.0.0/24", "gateway": "10.1.0.1"}], "endpoints": [{"namespace": "con1", …}], …}``
    """
    return tuple(
        _network(topology, item, ended)
        for topology, ended in _topologies(session)
        for item in topology.networks
    )


def namespaces(session: Session) -> tuple[Data, ...]:
    """
    Say all that is known of each namespace of each applied spec.

    Returns:
        E.g. ``{"name": "con1", "spec": "shop", "netns": "con1", "made": True, "networks": […], …}``
    """
    return tuple(
        _namespace(topology, item, ended)
        for topology, ended in _topologies(session)
        for item in topology.namespaces
    )


def chosen(
    session: Session, found: tuple[Data, ...], references: list[str], section: str
) -> tuple[Data, ...]:
    """
    Keep what is meant, in the order it was asked for.

    Raises:
        NetkitError: There is no such thing; the hint has the nearest.
    """
    kept: list[Data] = []
    for reference in references:
        owner, _, name = reference.rpartition("/")
        meant = [each for each in found if each["name"] == name and owner in {"", each["spec"]}]
        if not meant:
            raise absent(documents(session), reference, section)
        kept += meant
    return tuple(kept)


def living(found: tuple[Data, ...]) -> tuple[Data, ...]:
    """Add who lives in namespaces: their processes."""
    places = [each["netns"] for each in found if each["netns"] and not each["ended"]]
    inside = process.read(places)
    return tuple(
        each
        | {
            "processes": [
                {"pid": who.pid, "name": who.name}
                for who in (() if each["ended"] else inside.get(each["netns"], ()))
            ]
        }
        for each in found
    )


def _topologies(session: Session) -> Iterator[tuple[Topology, Container[str]]]:
    """Give each applied spec, and which of its foreign namespaces have ended."""
    for stored in session.memory.specs():
        foreign = Allotments.from_json(stored.allotments).foreign
        ended = frozenset(name for name, seen in foreign.items() if is_ended(seen))
        yield filled(stored.document, stored.allotments), ended


def _network(topology: Topology, network: Network, ended: Container[str]) -> Data:
    site = Site.of(topology)
    said = document(topology)["networks"][network.name]
    return {
        "name": network.name,
        "spec": topology.name,
        "driver": network.driver,
        "internal": network.internal,
        "subnets": [
            {
                "subnet": str(subnet),
                "gateway": next((str(g) for g in network.gateways or () if g in subnet), None),
            }
            for subnet in network.subnets or ()
        ],
        "bridge": bridge_ifname(topology.name, network.name)
        if network.driver == "bridge"
        else None,
        "netns": site.bridge_netns(network) if network.driver == "bridge" else None,
        "options": {key: value for key, value in said.items() if key not in SHOWN_ELSEWHERE},
        "labels": dict(network.labels),
        "endpoints": [
            _endpoint(topology, sandbox, endpoint) | {"ended": sandbox.name in ended}
            for sandbox in topology.namespaces
            for endpoint in sandbox.endpoints
            if endpoint.network == network.name
        ],
    }


def _endpoint(topology: Topology, sandbox: Sandbox, endpoint: Endpoint) -> Data:
    return {
        "namespace": sandbox.name,
        "network": endpoint.network,
        "netns": kernel_netns(sandbox, topology.prefix),
        "device": endpoint.device,
        "mac": endpoint.mac,
        "addresses": [str(each) for each in endpoint.addresses or ()],
        "aliases": list(endpoint.aliases),
        "priority": endpoint.priority,
    }


def _namespace(topology: Topology, sandbox: Sandbox, ended: Container[str]) -> Data:
    return {
        "name": sandbox.name,
        "spec": topology.name,
        "netns": kernel_netns(sandbox, topology.prefix),
        "made": is_made(sandbox),
        "ended": sandbox.name in ended,
        "networks": [_endpoint(topology, sandbox, each) for each in sandbox.endpoints],
        "labels": dict(sandbox.labels),
    }
