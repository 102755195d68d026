"""Back from a ``Topology`` to a document that says the same, everything explicit."""

from __future__ import annotations

from typing import Any

from netkit.model.topology import Topology


def document(topology: Topology) -> dict[str, Any]:
    """Write a topology in the language of the spec."""
    return {"name": topology.name}
