"""What a plugin gave, and will want to have back."""

from __future__ import annotations

from netkit.value import Value

LeaseKey = tuple[str, str, str, str, str]
"""Network, plugin, which subnet of the network, who has it, and what was asked for."""


class Lease(Value, frozen=True):
    """
    A subnet or an address that a plugin gave.

    Args:
        key: What it was asked for.
        pool_id: What the plugin calls the subnet.
        cidr: The subnet, or the address with its prefix.
    """

    key: LeaseKey
    pool_id: str
    cidr: str
