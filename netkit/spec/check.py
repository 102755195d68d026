"""What a Topology must hold beyond what its sections say each for itself."""

from __future__ import annotations

from netkit.model.topology import Topology
from netkit.spec.report import Report


def check(topology: Topology, report: Report) -> None:
    """Note all that is unsound."""
