"""
What every kernel object has: a place, an identity, and where in the spec it came from.

The fields hold words as the tools print them (``10.1.0.2/24``, ``02:42:0a:01:00:02``), canonical
at construction, so that what was read and what is wanted compare with ``==`` and travel as JSON.
"""

from __future__ import annotations

from collections.abc import Hashable

from netkit.value import Sourced

Netns = str | None
"""A namespace: a name under /run/netns, an absolute path, or None for the one netkit runs in."""

Key = tuple[Hashable, ...]


class Object(Sourced, frozen=True, kw_only=True, tag=True, tag_field="class"):
    """
    One thing in a kernel.

    Args:
        netns: The namespace it lives in.
        origin: JSON pointer to what asked for it; empty for what was read.
    """

    netns: Netns = None
    origin: str = ""

    @property
    def key(self) -> Key:
        """
        Give the full identity: the kind, the namespace and what tells it from its like there.

        Two objects of one key are the same thing in two conditions.
        """
        raise NotImplementedError
