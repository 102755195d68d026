"""
What a plan is lowered to: a line that somebody could type, and the place where it belongs.

``Command`` is the usual kind; ``SysctlWrite``, ``FileWrite``, ``FileRemove`` and ``Forget`` are the
others of this room, and a room above may bring its own (a plugin's HTTP call).
"""

from __future__ import annotations

from typing import Protocol, Self


class Step(Protocol):
    """One thing to do, as a value; it prints as a line to paste into a shell."""

    @property
    def netns(self) -> str | None:
        """The namespace it is done in: None is where netkit itself runs."""

    def within(self, netns: str | None) -> Self:
        """Say the same of another namespace."""

    def __str__(self) -> str: ...


def inside(netns: str | None) -> tuple[str, ...]:
    """Give the words that put a tool which knows nothing of namespaces into one."""
    if netns is None:
        return ()
    if netns.startswith("/"):
        return ("nsenter", f"--net={netns}")
    return ("ip", "netns", "exec", netns)
