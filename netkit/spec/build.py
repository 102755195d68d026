"""From a document that follows the schema to a ``Topology``, section by section."""

from __future__ import annotations

from netkit.model.topology import Topology
from netkit.names import HOST
from netkit.spec import (
    build_checks,
    build_links,
    build_namespaces,
    build_networks,
    check_networks,
    words,
)
from netkit.spec.reader import Object, Reader
from netkit.spec.report import At, Report, shown


def build(document: Object, report: Report) -> Topology:
    """Read all sections; what cannot be read is noted and left out."""
    root, reader = At(), Reader(report)
    networks = build_networks.build(document.get("networks", {}), root / "networks", reader)
    by_name = {network.name: network for network in networks}
    namespaces = build_namespaces.build(
        document.get("namespaces", {}), root / "namespaces", by_name, reader
    )
    links = build_links.build(document.get("links", []), root / "links", reader)
    names = {sandbox.name: sandbox for sandbox in namespaces}
    topology = Topology(
        name=document["name"],
        prefix=document.get("prefix", ""),
        description=document.get("description", ""),
        networks=networks,
        namespaces=namespaces,
        links=links,
        checks=build_checks.build(document.get("checks", []), root / "checks", names, reader),
    )
    _refuse_prefixed(topology, report)
    check_networks.check_links(topology, reader.brought, report)
    return topology


def _refuse_prefixed(topology: Topology, report: Report) -> None:
    """Refuse names that are none any more with the prefix before them."""
    if not topology.prefix:
        return
    for sandbox in topology.namespaces:
        if sandbox.name == HOST or sandbox.netns is not None:
            continue
        try:
            words.read_name(topology.prefix + sandbox.name)
        except ValueError as error:
            report.add(
                sandbox.pointer,
                f"with the prefix {shown(topology.prefix)}: {error}",
                at_key=True,
            )
