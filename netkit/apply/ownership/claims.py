"""What a spec has a claim to: what it asks for, what it asked for, and what was cut off."""

from __future__ import annotations

from collections.abc import Collection

from netkit.apply.ownership.ownership import adopted, owned
from netkit.apply.recall.recall import before, wanted
from netkit.apply.session import Session
from netkit.model.object import Key, Netns
from netkit.model.state import NOTHING, State
from netkit.state.memory import Intent
from netkit.value import Value


class Claimed(Value, frozen=True):
    """
    What a spec has a claim to, before anyone looks.

    Args:
        name: The spec.
        desired: What it asks for.
        former: What it asked for when it was last applied, or was about to.
        pending: Keys that a transaction was about to make when it was cut off.
        intent: That transaction's journal.
        begun: What was, and what was to be, in each transaction that was cut off: what moves from
            one place to another, as a device that is lent, may be in any of them.
        adopt: What has the name of something desired is taken over, whosever it is.
        ignore_extra: What somebody added by hand is left alone, even in the spec's namespaces.
        partial: Desired and former are only that part of the spec which an edit touches.
        crowded: Where only the devices of that part are of interest, of however many there are.
    """

    name: str
    desired: State
    former: State
    pending: frozenset[Key] = frozenset()
    intent: Intent | None = None
    begun: tuple[State, ...] = ()
    adopt: bool = False
    ignore_extra: bool = False
    partial: bool = False
    crowded: frozenset[Netns] = frozenset()

    def own(self, seen: State, *, begun: State = NOTHING) -> State:
        """
        Keep of what was seen what is the spec's.

        Args:
            seen: All that is there.
            begun: What is being made right now: it may be there without its mark.
        """
        pending: Collection[Key] = begun.objects.keys()
        if self.pending:
            pending = self.pending.union(pending)
        states = (self.desired, self.former, begun, *self.begun)
        own = owned(seen, self.name, *states, pending=pending)
        if self.adopt:
            own = own.merged(adopted(seen, own, self.desired))
        if self.ignore_extra:
            asked = (self.desired, self.former, begun)
            own = own.where(lambda item: any(item.key in state for state in asked))
        return own


def claimed(session: Session, name: str, desired: State, former: State | None = None) -> Claimed:
    """Gather what a spec has a claim to; ``former`` is given when it is known already."""
    if former is None:
        stored = session.memory.spec(name)
        former = wanted(stored.document, stored.allotments) if stored else NOTHING
    intent = session.memory.intent(name)
    if intent is None:
        return Claimed(name, desired, former)
    states = [before(intent)]  # it may have been on its way back when it was cut off
    for text, allotments in (*intent.earlier, (intent.document, intent.allotments)):
        states.append(wanted(text, allotments) if text else NOTHING)
    begun = State.of(item for state in states for item in state)
    return Claimed(
        name,
        desired,
        former.merged(begun),
        pending=frozenset(begun.objects),
        intent=intent,
        begun=tuple(states),
    )
