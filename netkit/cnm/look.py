"""What there is, in the words of the model: networks with their endpoints, namespaces."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from netkit.apply.recall.foreign import is_ended
from netkit.apply.recall.recall import filled
from netkit.apply.session import Session
from netkit.cnm.applied import absent, documents
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.free import Room, rooms
from netkit.expand.placement import Site, is_made, kernel_netns
from netkit.facts import process
from netkit.model.topology import Endpoint, Network, Sandbox, Topology
from netkit.names import bridge_ifname
from netkit.spec import document
from netkit.spec.check.ipam import written
from netkit.spec.publish import write_publish

Data = dict[str, Any]
BRIDGED = frozenset({"bridge", "ovs"})
SHOWN_ELSEWHERE = frozenset({"driver", "subnets", "gateway", "labels", "internal"})


def networks(session: Session) -> tuple[Data, ...]:
    """
    Say all that is known of each network of each applied spec.

    Returns:
        E.g. ``{"name": "frontend", "spec": "shop", "driver": "bridge", "subnets": [{"subnet":
        "10.1.0.0/24", "gateway": "10.1.0.1", "free": 252, "next": "10.1.0.3", …}], "endpoints":
        [{"namespace": "con1", …}], …}``
    """
    return tuple(
        _network(topology, item, allotments, ended)
        for topology, allotments, ended in _topologies(session)
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
        for topology, _, ended in _topologies(session)
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


def _topologies(session: Session) -> Iterator[tuple[Topology, Allotments, Container[str]]]:
    """Give each applied spec, what was allotted, and which foreign namespaces have ended."""
    for stored in session.memory.specs():
        allotments = Allotments.from_json(stored.allotments)
        ended = frozenset(name for name, seen in allotments.foreign.items() if is_ended(seen))
        yield filled(stored.document, stored.allotments), allotments, ended


def _network(
    topology: Topology, network: Network, allotments: Allotments, ended: Container[str]
) -> Data:
    site = Site.of(topology)
    said = document(topology)["networks"][network.name]
    return {
        "name": network.name,
        "spec": topology.name,
        "driver": network.driver,
        "internal": network.internal,
        "subnets": [_subnet(network, room) for room in rooms(topology, network, allotments)],
        "bridge": bridge_ifname(topology.name, network.name) if network.driver in BRIDGED else None,
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


def _subnet(network: Network, room: Room) -> Data:
    """Say of a subnet what is free; where a plugin allots, only the plugin knows."""
    gateways = (str(each) for each in network.gateways or () if each in room.subnet)
    said: Data = {"subnet": str(room.subnet), "gateway": next(gateways, None), "used": room.used}
    if network.ipam.is_remote:
        return said
    return said | {
        "size": room.size,
        "allottable": room.allottable,
        "free": room.free,
        "next": None if room.next is None else str(room.next),
        "ranges": [[str(first), str(last)] for first, last in room.ranges],
        "resting": room.resting,
        "reserved": [{"part": written(part), "for": name} for part, name in room.reserved],
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
        "tag": endpoint.tag,
        "publish": [write_publish(each) for each in endpoint.publish],
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
