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
from collections.abc import Callable

from netkit.apply.capability import require
from netkit.apply.carrier import notice
from netkit.apply.ending import Ending, interruptible
from netkit.apply.former import found_there, to_remember
from netkit.apply.prospect import Prospect, now, words
from netkit.apply.schedule import schedule
from netkit.apply.session import Session
from netkit.apply.vacancy import refuse
from netkit.errors import CommandError, NetkitError, StrandedError, VerifyError
from netkit.facts.read import asks
from netkit.model import record
from netkit.model.object import Netns
from netkit.names import group
from netkit.plan.lower import lower
from netkit.plan.plan import plan
from netkit.run.enter import RUN_NETNS
from netkit.run.job import Answer
from netkit.state.memory import Intent, Stored
from netkit.value import Value

Progress = Callable[[int, int], None]
AT_ONCE = 2


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
    if not force:
        refuse(prospect.residents)
    require(prospect.changes, prospect.steps, session.runner)
    if prospect.steps:
        with interruptible():
            _change(session, prospect, progress, keep=keep_failed)
    _end(session, prospect)
    notes = (*(f"{line}, and went" for line in prospect.residents), *prospect.restored.notes)
    return Outcome(prospect, time.monotonic() - begun, notes)


def _change(session: Session, prospect: Prospect, progress: Progress | None, *, keep: bool) -> None:
    _journal(session, prospect)
    try:
        answers = _run(session, prospect, progress)
        _verify(session, prospect, answers)
        notice(session.runner, prospect.changes, prospect.desired, answers)
    except NetkitError as error:
        raise _undone(session, prospect, error, keep=keep) from error


def _journal(session: Session, prospect: Prospect) -> None:
    """Write what is to be, and what was, before the first step."""
    session.memory.open(
        Intent(
            prospect.name,
            words(prospect.topology) if prospect.topology else "",
            prospect.allotments.to_json(),
            record.write(prospect.current),
            os.getpid(),
        )
    )
    rows = (
        *to_remember(prospect.name, prospect.changes, prospect.seen, prospect.desired),
        *found_there(prospect.name, prospect.seen, prospect.claimed.former, prospect.desired),
    )
    if rows:
        session.memory.remember(rows)


def _run(
    session: Session, prospect: Prospect, progress: Progress | None = None
) -> dict[Netns, Answer]:
    asked = {look.netns: asks(look) for look in prospect.scope.looks}
    answers: dict[Netns, Answer] = {}
    done = 0
    lanes = AT_ONCE if os.path.ismount(RUN_NETNS) else 1  # the first netns add mounts it
    for jobs in schedule(prospect.steps, asked, lanes=lanes):
        said = session.runner.run(jobs)
        answers |= {job.netns: each for job, each in zip(jobs, said, strict=True) if job.ask}
        done += sum(len(job.steps) for job in jobs)
        if progress is not None:
            progress(done, len(prospect.steps))
    return answers


def _verify(session: Session, prospect: Prospect, answers: dict[Netns, Answer]) -> None:
    left = plan(now(session, prospect, prospect.desired, answers), prospect.desired)
    if left:
        first = left[0]
        differing = ", ".join(first.altered())
        what = f"{first.verb} {' '.join(map(str, first.key))}"
        raise VerifyError(
            f"{first.subject.origin}: all commands went through, and still to do is: {what}"
            + (f" ({differing})" if differing else ""),
            hint="something else may be changing this network; run the command again",
        )


def _end(session: Session, prospect: Prospect) -> None:
    """Remember how it is now, and close the journal."""
    memory, name = session.memory, prospect.name
    if prospect.ending is Ending.FORGET:
        memory.forget(name)
    if prospect.ending is Ending.KEEP and prospect.topology is not None:
        stored = Stored(name, words(prospect.topology), prospect.allotments.to_json())
        if memory.spec(name) != stored:
            memory.keep(stored)
    if prospect.restored.released:
        memory.release(name, prospect.restored.released)
    if prospect.steps or prospect.claimed.intent is not None:
        memory.done(name)


def _undone(session: Session, prospect: Prospect, error: NetkitError, *, keep: bool) -> NetkitError:
    """Go back to what was, and say what became of it."""
    located = _located(prospect, error)
    if keep:
        recover = f"go on with apply, or back with: netkit recover {prospect.name}"
        return _said(located, f"everything is left as it is; {recover}")
    try:
        left = _gone_back(session, prospect)
    except NetkitError as second:
        return _stranded(prospect, f"{located}\nand the way back failed too: {second}")
    if left:
        return _stranded(prospect, f"{located}\nand {left} things are not as they were before")
    if prospect.claimed.intent is None:
        session.memory.done(prospect.name)
    return _said(located, "everything is as it was before")


def _gone_back(session: Session, prospect: Prospect) -> int:
    """Go back by the same planner; give the number of things that still differ."""
    before = prospect.current
    changes = plan(now(session, prospect, before), before)
    for jobs in schedule(lower(changes, before, group=group(prospect.name)), {}):
        session.runner.run(jobs)
    return len(plan(now(session, prospect, before), before))


def _stranded(prospect: Prospect, message: str) -> StrandedError:
    return StrandedError(
        message, hint=f"netkit apply goes on from here, netkit recover {prospect.name} goes back"
    )


def _said(error: NetkitError, outcome: str) -> NetkitError:
    error.add_note(outcome)
    return error


def _located(prospect: Prospect, error: NetkitError) -> NetkitError:
    """Name the place in the spec that a failed step came from."""
    if isinstance(error, CommandError) and not error.pointer:
        for item in prospect.steps:
            if item.step == error.step:
                error.pointer = item.change.subject.origin
                break
    return error
