"""Kernel parameters: the runner itself reads them, from /proc/sys inside the namespace."""

from __future__ import annotations

from collections.abc import Mapping

from netkit.model.object import Netns
from netkit.model.setting import Sysctl


def parse(values: Mapping[str, str], netns: Netns = None) -> tuple[Sysctl, ...]:
    """
    Make objects of what an Answer holds.

    Returns:
        E.g. ``(Sysctl(netns="con1", name="net/ipv4/ip_forward", value="0"),)``
    """
    return tuple([Sysctl(netns=netns, name=name, value=value) for name, value in values.items()])
