"""
What a spec has in namespaces of others, and how it gives way to what they have themselves.

    a default route            only where there is none; one that the spec spells out is no gift
    a hosts file               only where there is none; one that was not written for that reason
                               is not missed when the other goes
"""

from __future__ import annotations

from netkit.model.object import Object
from netkit.model.routing import EVERYTHING, MAIN_TABLE, Route
from netkit.model.setting import File
from netkit.model.state import State
from netkit.names import ROUTE_PROTOCOL
from netkit.value import Value


class Given(Value, frozen=True):
    """
    What is left of what is desired.

    Args:
        desired: Without what others have there themselves.
        notes: What was left out, a line each.
    """

    desired: State
    notes: tuple[str, ...] = ()


def yielded(seen: State, own: State, desired: State, former: State, *, anew: bool = False) -> Given:
    """
    Leave out of what is desired what others have in namespaces of theirs.

    Args:
        seen: All that is there.
        own: What of it is the spec's.
        desired: What it asks for.
        former: What it asked for when it was last applied.
        anew: Tell only of what was not left out before.
    """
    defaults = {
        (item.netns, item.family)
        for item in seen.every(Route)
        if item.to == EVERYTHING.get(item.family)
        and item.table == MAIN_TABLE
        and item.key not in own
    }
    left = {item.key: _said(item) for item in desired if _yields(item, seen, own, defaults)}
    unmissed = {
        item.key
        for item in desired.every(File)
        if item.gift and item.key in former and item.key not in seen
    }
    if not left and not unmissed:
        return Given(desired)
    kept = desired.where(lambda item: item.key not in left and item.key not in unmissed)
    return Given(kept, tuple(left[key] for key in left if not (anew and key in former)))


def _yields(item: Object, seen: State, own: State, defaults: set[tuple[str | None, int]]) -> bool:
    if isinstance(item, Route):
        return is_gift(item) and (item.netns, item.family) in defaults
    return isinstance(item, File) and item.gift and item.key in seen and item.key not in own


def is_gift(item: Route) -> bool:
    """Say whether a default route is there only where there is none."""
    return item.protocol == ROUTE_PROTOCOL and "/networks/" in item.origin


def _said(item: Object) -> str:
    if isinstance(item, Route):
        return f"{item.netns} has a default route of its own: it stays the only one"
    assert isinstance(item, File)
    return f"{item.path} is somebody else's: it stays, without the names of the network"
