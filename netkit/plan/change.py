"""One difference between what is and what must be."""

from __future__ import annotations

from netkit.model.object import Key, Object
from netkit.value import Value, compared


class Change(Value, frozen=True):
    """
    An object made, altered or removed.

    Args:
        before: As it is, or None when it is to be made.
        after: As it must be, or None when it is to go.
        reason: Why a device is made anew, in the half that removes it.
    """

    before: Object | None
    after: Object | None
    reason: str = ""

    @property
    def subject(self) -> Object:
        """The object itself, in whichever condition it is known."""
        subject = self.after or self.before
        assert subject is not None
        return subject

    @property
    def key(self) -> Key:
        """Whose change it is."""
        return self.subject.key

    @property
    def verb(self) -> str:
        """Say ``create``, ``change``, ``delete`` or (the first half of one) ``replace``."""
        if self.before is None:
            return "create"
        if self.after is None:
            return "replace" if self.reason else "delete"
        return "change"

    def altered(self) -> tuple[str, ...]:
        """Name the attributes that differ; empty unless it is a change."""
        return () if self.before is None or self.after is None else differing(*self.pair())

    def pair(self) -> tuple[Object, Object]:
        """Give both conditions of a change."""
        assert self.before is not None
        assert self.after is not None
        return self.before, self.after


def differing(before: Object, after: Object) -> tuple[str, ...]:
    """Name the compared attributes in which two objects of one class differ."""
    return tuple(
        name for name in compared(type(after)) if getattr(before, name) != getattr(after, name)
    )
