"""
The three verbs that every kind has a recipe for.

A new kind is a dataclass in ``model``, its builders in ``command``, its rows in ``effects``, and
one registration with each of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

from netkit.command.step import Step
from netkit.errors import NetkitError
from netkit.model.object import Netns, Object
from netkit.model.state import NOTHING, State
from netkit.plan.phase import Phase, Rank
from netkit.value import Value

Line = tuple[Phase, Rank, Step, str]
"""When, in which turn, what, and why."""

FIRST = "/proc/1/ns/net"
"""The namespace of process 1, in which netkit mostly runs."""


class Context(Value, frozen=True):
    """
    What a recipe must know of the plan around it.

    Args:
        desired: What the plan leads to.
        home: How the host, which has no name, is named within other namespaces.
        raised: Bridges made in this plan, by namespace and name: they go up last.
        crowded: Those of them with so many ports that they learn to snoop when they are up.
        raising: The namespaces they are in: routes there wait for them.
        addressed: The devices that have addresses.
    """

    desired: State = NOTHING
    home: str = FIRST
    raised: frozenset[tuple[Netns, str]] = frozenset()
    crowded: frozenset[tuple[Netns, str]] = frozenset()
    raising: frozenset[Netns] = frozenset()
    addressed: frozenset[tuple[Netns, str]] = frozenset()


@singledispatch
def create(item: Object, context: Context) -> Iterator[Line]:
    """Say how ``item`` is made."""
    raise NetkitError(f"netkit does not make {item.key}")


@singledispatch
def change(after: Object, before: Object, context: Context) -> Iterator[Line]:
    """Say how ``before`` becomes ``after`` in place."""
    raise NetkitError(f"netkit does not alter {after.key}")


@singledispatch
def delete(item: Object, context: Context) -> Iterator[Line]:
    """Say how ``item`` is removed."""
    raise NetkitError(f"netkit does not remove {item.key}")
