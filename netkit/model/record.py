"""A State as text and back: what the journal holds."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.model import addressing, daemon, firewall, link, netns, ovs, routing, setting
from netkit.model.link import Link
from netkit.model.netns import Namespace
from netkit.model.object import Object
from netkit.model.state import State
from netkit.value import decode, encode

ROOMS = (addressing, daemon, firewall, link, netns, ovs, routing, setting)


def write(state: State) -> str:
    """Write a State as JSON."""
    return encode(state)


def read(text: str) -> State:
    """
    Read what ``write`` wrote.

    Raises:
        ValueError: It is something else.
    """
    return State.of(_sound(item) for item in decode(text, _kinds()) if isinstance(item, Object))


def _sound(item: Object) -> Object:
    if isinstance(item, Namespace) and item.netns is None:
        raise ValueError("a namespace without a name")
    return item


def _kinds() -> Iterator[type[Object]]:
    for room in ROOMS:
        for kind in vars(room).values():
            if isinstance(kind, type) and issubclass(kind, Object) and kind not in (Object, Link):
                yield kind
