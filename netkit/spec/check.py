"""What a Topology must hold beyond what its sections say each for itself."""

from __future__ import annotations

from netkit.model.topology import Topology
from netkit.names import HOST
from netkit.spec import (
    check_devices,
    check_networks,
    check_parents,
    check_publish,
    check_routing,
    check_tunnels,
)
from netkit.spec.report import Report
from netkit.spec.survey import survey


def check(topology: Topology, report: Report) -> None:
    """Note all that is unsound."""
    check_networks.check(topology, report)
    check_publish.check(topology, report)
    grounds = survey(topology)
    check_devices.check(topology, grounds, report)
    check_parents.check(topology, grounds, report)
    check_tunnels.check(topology, grounds, report)
    check_routing.check(grounds, report)
    _check_netns(topology, report)


def _check_netns(topology: Topology, report: Report) -> None:
    """Refuse two namespaces of the spec that are one of the kernel."""
    seen: dict[object, str] = {}
    for sandbox in topology.namespaces:
        if sandbox.netns is None or sandbox.name == HOST:
            continue
        first = seen.setdefault(sandbox.netns, sandbox.name)
        if first != sandbox.name:
            report.add(f"{sandbox.pointer}/netns", f"this is {first} already")
