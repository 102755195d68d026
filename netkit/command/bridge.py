"""
Ports of bridges, asked of ``bridge link``.

Bridges and ports are made and set with ``ip link``, so that both go into one batch: see
``link.add_bridge``, ``link.set_bridge`` and ``link.set_port``.
"""

from __future__ import annotations

from netkit.command.command import Command, command, option


def show(dev: str | None = None) -> Command:
    """
    Build the question for a port of a bridge, or for all ports.

    Equivalent to: ``bridge -details -json link show dev DEV``

    Args:
        dev: Name of the port.

    Source: bridge(8), "bridge link show".
    """
    return command("bridge", "link", "show", *option("dev", dev), options=("-details", "-json"))
