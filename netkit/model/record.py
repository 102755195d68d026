"""A State as text and back: what the journal holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netkit.model import addressing, daemon, firewall, home, link, netns, ovs, routing, setting
from netkit.model.home import Belonging
from netkit.model.link import Link
from netkit.model.netns import Namespace
from netkit.model.object import Object
from netkit.model.setting import File
from netkit.model.state import State
from netkit.value import Value, decode, encode, replace

ABSTRACT = (Object, Link, Belonging)
ROOMS = (addressing, daemon, firewall, home, link, netns, ovs, routing, setting)


class Text(Value, frozen=True, tag=True, tag_field="class"):
    """A part of files; they name it by its number, since a thousand may have it in common."""

    text: str


def write(state: State) -> str:
    """Write a State as JSON; what its files hold stands in front, each part once."""
    numbers: dict[str, int] = {}
    objects = [_numbered(item, numbers) if isinstance(item, File) else item for item in state]
    return encode((*map(Text, numbers), *objects))


def _numbered(item: File, numbers: dict[str, int]) -> File:
    parts = [str(numbers.setdefault(part, len(numbers))) for part in item.parts]
    return replace(item, parts=tuple(parts))


def read(text: str) -> State:
    """
    Read what ``write`` wrote.

    Raises:
        ValueError: It is something else.
    """
    found = decode(text, (Text, *_kinds()))
    texts = {str(number): each.text for number, each in enumerate(found) if type(each) is Text}
    return State.of(_sound(item, texts) for item in found if isinstance(item, Object))


def _sound(item: Object, texts: Mapping[str, str]) -> Object:
    if isinstance(item, Namespace) and item.netns is None:
        raise ValueError("a namespace without a name")
    if isinstance(item, File):
        if not texts.keys() >= {*item.parts}:
            raise ValueError("a file without its text")
        return replace(item, parts=tuple([texts[part] for part in item.parts]))
    return item


def _kinds() -> Iterator[type[Object]]:
    for room in ROOMS:
        for kind in vars(room).values():
            if isinstance(kind, type) and issubclass(kind, Object) and kind not in ABSTRACT:
                yield kind
