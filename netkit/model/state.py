"""The one State: what is, what must be, and what was before are all of this type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

from netkit.model.object import Key, Object
from netkit.value import Value

Kind = TypeVar("Kind", bound=Object)


class State(Value, frozen=True):
    """
    A set of kernel objects, at most one of a key.

    ``State.of`` is the way to make one; ``objects`` maps each key to its object.
    """

    objects: Mapping[Key, Object]

    @classmethod
    def of(cls, objects: Iterable[Object] = ()) -> State:
        """Gather ``objects``; of two with one key the later stands."""
        return cls(MappingProxyType({item.key: item for item in objects}))

    def __iter__(self) -> Iterator[Object]:
        return iter(self.objects.values())

    def __len__(self) -> int:
        return len(self.objects)

    def __contains__(self, key: Key) -> bool:
        return key in self.objects

    def get(self, key: Key) -> Object | None:
        """Give the object of ``key``, or None."""
        return self.objects.get(key)

    def every(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Give all objects of a class, in the order they came."""
        return tuple(item for item in self if isinstance(item, kind))

    def where(self, wanted: Callable[[Object], bool]) -> State:
        """Keep the objects that ``wanted`` says yes to."""
        return State.of(item for item in self if wanted(item))

    def merged(self, other: Iterable[Object]) -> State:
        """Lay ``other`` over this: its objects stand where both have one."""
        return State.of((*self, *other))


NOTHING = State.of()
