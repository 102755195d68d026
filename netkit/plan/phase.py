"""
When a step is due.

Between two phases all of one are done before the next begins, in whatever namespace; but where
nothing must go first, a cable is laid as soon as the namespaces of its ends are prepared. Within a
phase each namespace has its own order, by rank, and namespaces do not wait for each other.
"""

from __future__ import annotations

from enum import IntEnum

from netkit.command.step import Step
from netkit.model.object import Netns
from netkit.plan.change import Change
from netkit.value import Value


class Phase(IntEnum):
    """The order of the house: a place, what holds in it, what leaves, what comes."""

    NETNS = 1
    """Namespaces are added."""
    PREPARE = 2
    """Sysctls of whole namespaces, before any device; firewall, before any packet; files."""
    REMOVE = 3
    """What must go before something comes in its place."""
    CONNECT = 4
    """Bridges and cables."""
    STACK = 5
    """Devices that lie on others."""
    CONFIGURE = 6
    """Within each namespace: devices up, addresses, routes, entries, queueing."""
    RAISE = 7
    """New bridges go up, after their ports, and then the routes that lead over them."""
    RELEASE = 8
    """What nobody needs any more: chains, files, namespaces."""


class Rank(IntEnum):
    """The order within one namespace in one phase."""

    FIRST = 0
    SYSCTL = 1
    LINK = 2
    PORT = 3
    UP = 4
    SETTLE = 5
    ADDRESS = 6
    ROUTE = 7
    RULE = 8
    NEIGHBOR = 9
    FDB = 10
    QDISC = 11
    LAST = 12


class Planned(Value, frozen=True):
    """
    A step in its place.

    Args:
        phase: When.
        rank: Its turn within its namespace.
        step: What is done.
        change: What it is done for.
        why: One line for who wants to learn.
    """

    phase: Phase
    rank: Rank
    step: Step
    change: Change
    why: str

    @property
    def netns(self) -> Netns:
        """Where it is done."""
        return self.step.netns
