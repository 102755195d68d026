"""From a document that follows the schema to a ``Topology``, section by section."""

from __future__ import annotations

from netkit.model.topology import Topology
from netkit.names import HOST
from netkit.spec import words
from netkit.spec.report import At, Report, shown
from netkit.spec.sections.checks import build_checks
from netkit.spec.sections.links import build_links, check_links
from netkit.spec.sections.namespaces import build_namespaces
from netkit.spec.sections.networks import build_networks
from netkit.spec.sections.reader import Object, Reader


def build_topology(document: Object, report: Report) -> Topology:
    """Read all sections; what cannot be read is noted and left out."""
    root, reader = At(), Reader(report)
    networks = build_networks(document.get("networks", {}), root / "networks", reader)
    by_name = {network.name: network for network in networks}
    namespaces = build_namespaces(
        document.get("namespaces", {}), root / "namespaces", by_name, reader
    )
    links = build_links(document.get("links", []), root / "links", reader)
    names = {sandbox.name: sandbox for sandbox in namespaces}
    topology = Topology(
        name=document["name"],
        prefix=document.get("prefix", ""),
        description=document.get("description", ""),
        networks=networks,
        namespaces=namespaces,
        links=links,
        checks=build_checks(document.get("checks", []), root / "checks", names, reader),
    )
    _refuse_prefixed(topology, report)
    check_links(topology, reader.brought, report)
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
