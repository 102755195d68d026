"""
One transaction: all of the plan, or nothing of it.

    require ─▶ journal ─▶ run, phase by phase ─▶ look again: is it as desired? ─▶ keep ─▶ close
                                │ failure, signal                │ no
                                └───────────────┬────────────────┘
                                  look, plan back to what was, run ─▶ close
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator

from netkit.apply.admission.capability import require
from netkit.apply.admission.vacancy import refuse
from netkit.apply.filling.occupied import occupied
from netkit.apply.prospect import Ending, Prospect, now
from netkit.apply.prospect import prospect as prospect_of
from netkit.apply.reach import Progress, awaken, reach, verify
from netkit.apply.recall.recall import read_again
from netkit.apply.session import Session
from netkit.apply.signals import carry_on, interruptible, last_call
from netkit.apply.values.former import found_there, idle, to_remember
from netkit.command.conntrack import Forget
from netkit.errors import CommandError, MissingError, NetkitError, StrandedError
from netkit.expand.ipam.allotments import Allotments
from netkit.facts.scope import scope
from netkit.model import record
from netkit.names import group
from netkit.plan.lower import lower
from netkit.plan.phase import Planned
from netkit.plan.plan import plan
from netkit.run.enter import home_path
from netkit.run.process import find
from netkit.state.memory import Intent, Stored
from netkit.value import Value, replace


class Outcome(Value, frozen=True):
    """
    What happened.

    Args:
        prospect: What was planned, and is now so.
        seconds: How long it took, planning not counted.
        notes: What was left as it is, and why.
    """

    prospect: Prospect
    seconds: float
    notes: tuple[str, ...] = ()


def carry_out(
    session: Session,
    prospect: Prospect,
    *,
    keep_failed: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """
    Do what was planned, and make sure that it is so.

    Args:
        session: It holds the lock.
        prospect: What to do.
        keep_failed: Leave things as they are when a step fails, to look at.
        force: Remove namespaces even where somebody lives in them.
        progress: Told the number of steps done and of all.

    Raises:
        ConflictError: Somebody lives in a namespace that is to go; nothing was changed.
        MissingError: The machine cannot do it; nothing was changed.
        CommandError: A step failed; everything is as it was before.
        VerifyError: All steps went through and the kernel differs; everything is as before.
        InterruptedByUserError: A signal came; everything is as before.
        StrandedError: It failed, and so did the way back.
    """
    begun = time.monotonic()
    try:
        if prospect.reservations:
            prospect = _fulfilled(session, prospect)
        if not force:
            refuse(prospect.residents)
        require(prospect.changes, prospect.steps, session.runner)
        if prospect.steps:
            _journal(session, prospect)
            with interruptible():
                _change(session, prospect, progress, keep=keep_failed)
                _conclude(session, prospect)
        else:
            _end(session, prospect)
    except BaseException as error:
        for note in () if keep_failed else _settled(session, prospect):
            error.add_note(note)
        raise
    went = (f"{line}, and went" for line in prospect.residents)
    notes = (
        *prospect.notes,
        *went,
        *prospect.restored.notes,
        *_unforgotten(prospect.steps),
        *_settled(session, prospect),
    )
    return Outcome(prospect, time.monotonic() - begun, notes)


def _unforgotten(steps: Iterable[Planned]) -> Iterator[str]:
    """Say that connections go on which would have been forgotten."""
    if any(isinstance(item.step, Forget) for item in steps):
        try:
            find("conntrack")
        except MissingError as error:
            yield f"{error.message}: connections by ports that are published no more go on"


def _fulfilled(session: Session, planned: Prospect) -> Prospect:
    """Ask plugins for what only they can tell, and plan again with what they answered."""
    from netkit.apply.filling.reservation import reserve  # of few networks

    topology = read_again(planned.document)
    with interruptible():
        reserve(session, topology, tuple(occupied(session, topology, Allotments())))
    claims = planned.claimed
    return prospect_of(
        session,
        topology,
        adopt=claims.adopt,
        ignore_extra=claims.ignore_extra,
        absent_too=bool(planned.ended),
    )


def _settled(session: Session, prospect: Prospect) -> tuple[str, ...]:
    """Give back to plugins what is needed no longer; say what could not be."""
    if not session.memory.leasing():
        return ()
    from netkit.apply.filling.reservation import settle  # of few networks

    return settle(session, None if prospect.topology is None else prospect.name)


def _change(session: Session, prospect: Prospect, progress: Progress | None, *, keep: bool) -> None:
    try:
        reading = reach(session, prospect, prospect.desired, prospect.steps, progress=progress)
        verify(session, prospect, reading)
        awaken(session, prospect.changes, prospect.desired, reading)
        last_call()
    except Exception as error:  # also one that nobody thought of leaves nothing half done
        carry_on()
        raise _undone(session, prospect, error, keep=keep) from error


def _journal(session: Session, prospect: Prospect) -> None:
    """Write what is to be, and what was, before the first step."""
    intent = Intent(
        prospect.name,
        prospect.document,
        prospect.allotments,
        record.write(prospect.current),
        os.getpid(),
        partial=prospect.claimed.partial,
    )
    known = session.memory.former()
    rows = (
        *to_remember(
            prospect.name,
            prospect.changes,
            prospect.seen,
            before=prospect.current,
            desired=prospect.desired,
            rows=known,
        ),
        *found_there(
            prospect.name,
            prospect.seen,
            prospect.claimed.former,
            prospect.desired,
            rows=known,
        ),
    )
    with session.memory.together():
        session.memory.open(intent)
        session.memory.remember(rows)


def _end(session: Session, prospect: Prospect) -> None:
    """Remember how it is now, and close the journal."""
    memory, name = session.memory, prospect.name
    with memory.together():
        if prospect.ending is Ending.LEAVE:
            memory.back(name)
        if prospect.ending is Ending.FORGET:
            memory.forget(name)
        if prospect.ending is Ending.KEEP:
            stored = Stored(name, prospect.document, prospect.allotments)
            if memory.spec(name) != stored:
                memory.keep(stored)
        if released := (*prospect.restored.released, *idle(memory, name)):
            memory.release(name, released)
        if prospect.steps or prospect.claimed.intent is not None:
            memory.done(name)


def _conclude(session: Session, prospect: Prospect) -> None:
    """End it in the memory; where that fails the journal stays open, and says how to go on."""
    try:
        _end(session, prospect)
    except NetkitError as error:
        raise StrandedError(
            f"everything is as it should be, but that could not be noted: {error}",
            hint=f"{error.hint}; then run the command again, or go back with:"
            f" netkit recover {prospect.name}",
        ) from error


def _undone(session: Session, prospect: Prospect, error: Exception, *, keep: bool) -> Exception:
    """Go back to what was, and say what became of it."""
    located = _located(prospect, error)
    if keep:
        recover = f"go on with apply, or back with: netkit recover {prospect.name}"
        return _said(located, f"everything is left as it is; {recover}")
    try:
        left = _gone_back(session, prospect)
    except Exception as second:
        return _stranded(prospect, f"{located}\nand the way back failed too: {second}")
    if left:
        return _stranded(prospect, f"{located}\nand {left} things are not as they were before")
    if prospect.claimed.intent is None:
        try:
            session.memory.back(prospect.name)
        except NetkitError as second:
            message = f"{located}\neverything is as it was before, but that could not be noted"
            return _stranded(prospect, f"{message}: {second}")
    return _said(located, "everything is as it was before")


def _gone_back(session: Session, prospect: Prospect) -> int:
    """Go back by the same planner; give the number of things that still differ."""
    before = prospect.current
    claims = prospect.claimed
    everything = scope(before, prospect.desired, claims.former, *claims.begun)
    prospect = replace(prospect, scope=everything)  # nothing is passing any more
    changes = plan(now(session, prospect, before), before)
    steps = lower(changes, before, group=group(prospect.name), home=home_path())
    awaken(session, changes, before, reach(session, prospect, before, steps))
    return len(plan(now(session, prospect, before), before))


def _stranded(prospect: Prospect, message: str) -> StrandedError:
    return StrandedError(
        message, hint=f"netkit apply goes on from here, netkit recover {prospect.name} goes back"
    )


def _said(error: Exception, outcome: str) -> Exception:
    error.add_note(outcome)
    return error


def _located(prospect: Prospect, error: Exception) -> Exception:
    """Name the place in the spec that a failed step came from."""
    if isinstance(error, CommandError) and not error.pointer:
        for item in prospect.steps:
            if item.step == error.step:
                error.pointer = item.change.subject.origin
                break
    return error
