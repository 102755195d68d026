"""What a Topology must hold beyond what its sections say each for itself."""

from __future__ import annotations

from netkit.model.topology import Topology
from netkit.names import HOST
from netkit.spec.check.devices import check_devices
from netkit.spec.check.networks import check_networks
from netkit.spec.check.parents import check_parents
from netkit.spec.check.publish import check_publish
from netkit.spec.check.routing import check_routing
from netkit.spec.check.survey import survey
from netkit.spec.check.tunnels import check_tunnels
from netkit.spec.report import Report


def check_topology(topology: Topology, report: Report) -> None:
    """Note all that is unsound."""
    check_networks(topology, report)
    check_publish(topology, report)
    grounds = survey(topology)
    check_devices(topology, grounds, report)
    check_parents(topology, grounds, report)
    check_tunnels(topology, grounds, report)
    check_routing(grounds, report)
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
