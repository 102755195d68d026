"""The one State: what is, what must be, and what was before are all of this type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from netkit.model.object import Key, Object

Kind = TypeVar("Kind", bound=Object)


class State:
    """
    A set of kernel objects, at most one of a key; a value, though not of ``netkit.value``.

    ``State.of`` is the way to make one; ``objects`` maps each key to its object.
    """

    __slots__ = ("_classes", "_found", "objects")

    objects: Mapping[Key, Object]

    def __init__(self, objects: Mapping[Key, Object]) -> None:
        self.objects = objects
        self._classes: dict[type[Object], list[Object]] = {}
        self._found: dict[type[Object], tuple[Any, ...]] = {}

    @classmethod
    def of(cls, objects: Iterable[Object] = ()) -> State:
        """Gather ``objects``; of two with one key the later stands."""
        return cls(MappingProxyType({item.key: item for item in objects}))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.objects == other.objects

    __hash__ = None  # type: ignore[assignment] # as any mapping

    def __repr__(self) -> str:
        return f"State.of({list(self)})"

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
        found = self._found.get(kind)
        if found is None:
            found = self._found[kind] = self._all(kind)
        return found

    def _all(self, kind: type[Kind]) -> tuple[Any, ...]:
        if not self._classes:
            for item in self:
                self._classes.setdefault(type(item), []).append(item)
        classes = [each for each in self._classes if issubclass(each, kind)]
        if len(classes) > 1:  # in the order they came, so not class by class
            return tuple([item for item in self if type(item) in classes])
        return tuple(self._classes[classes[0]]) if classes else ()

    def where(self, wanted: Callable[[Object], bool]) -> State:
        """Keep the objects that ``wanted`` says yes to."""
        return State(
            MappingProxyType({key: item for key, item in self.objects.items() if wanted(item)})
        )

    def merged(self, other: Iterable[Object]) -> State:
        """Lay ``other`` over this: its objects stand where both have one."""
        more = other if isinstance(other, State) else State.of(other)
        return State(MappingProxyType({**self.objects, **more.objects})) if more.objects else self


NOTHING = State.of()
