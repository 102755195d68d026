"""
One transaction: all of the plan, or nothing of it.

    require ─▶ remember ─▶ run, phase by phase ─▶ look again: is it as desired? ─▶ keep
                                 │ failure                        │ no
                                 └────────────────┬───────────────┘
                                    look, plan back to what was, run
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from netkit.apply.capability import require
from netkit.apply.former import found_there, to_remember
from netkit.apply.ownership import owned
from netkit.apply.prospect import Prospect, words
from netkit.apply.schedule import schedule
from netkit.apply.session import Session
from netkit.errors import CommandError, NetkitError, StrandedError, VerifyError
from netkit.facts.read import asks, read
from netkit.model.object import Netns
from netkit.model.setting import Sysctl
from netkit.model.state import State
from netkit.names import group
from netkit.plan.lower import lower
from netkit.plan.plan import plan
from netkit.run.enter import RUN_NETNS
from netkit.run.job import Answer
from netkit.state.memory import Stored
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
    progress: Progress | None = None,
) -> Outcome:
    """
    Do what was planned, and make sure that it is so.

    Args:
        session: It holds the lock.
        prospect: What to do.
        keep_failed: Leave things as they are when a step fails, to look at.
        progress: Told the number of steps done and of all.

    Raises:
        MissingError: The machine cannot do it; nothing was changed.
        CommandError: A step failed; everything is as it was before.
        VerifyError: All steps went through and the kernel differs; everything is as before.
        StrandedError: It failed, and so did the way back.
    """
    begun = time.monotonic()
    require(prospect.changes, prospect.steps, session.runner)
    _remember(session, prospect)
    if prospect.steps:
        try:
            answers = _run(session, prospect, progress)
            _verify(session, prospect, answers)
        except (NetkitError, KeyboardInterrupt) as error:
            raise _undone(session, prospect, error, keep=keep_failed) from error
    _keep(session, prospect)
    return Outcome(prospect, time.monotonic() - begun, prospect.restored.notes)


def _remember(session: Session, prospect: Prospect) -> None:
    name, desired = prospect.name, prospect.desired
    rows = (
        *to_remember(name, prospect.changes, desired),
        *found_there(name, prospect.seen, prospect.former, desired),
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
    now = _now(session, prospect, prospect.desired, answers)
    left = plan(now, prospect.desired)
    if left:
        first = left[0]
        differing = ", ".join(first.altered())
        what = f"{first.verb} {' '.join(map(str, first.key))}"
        raise VerifyError(
            f"{first.subject.origin}: all commands went through, and still to do is: {what}"
            + (f" ({differing})" if differing else ""),
            hint="something else may be changing this network; run the command again",
        )


def _now(
    session: Session, prospect: Prospect, wanted: State, answers: dict[Netns, Answer]
) -> State:
    seen = read(session.runner, prospect.scope, answers)
    own = owned(seen, prospect.name, prospect.desired, prospect.former)
    values = [item for item in seen.every(Sysctl) if item.key in wanted and item.key not in own]
    return own.merged(values) if values else own


def _keep(session: Session, prospect: Prospect) -> None:
    if prospect.topology is None:
        session.memory.forget(prospect.name)
        return
    stored = Stored(prospect.name, words(prospect.topology), prospect.allotments.to_json())
    if session.memory.spec(prospect.name) != stored:
        session.memory.keep(stored)
    if prospect.restored.released:
        session.memory.release(prospect.name, prospect.restored.released)


def _undone(
    session: Session, prospect: Prospect, error: BaseException, *, keep: bool
) -> BaseException:
    """Go back to what was, and say what became of it."""
    located = _located(prospect, error)
    if keep:
        return _said(located, "left as it is, as asked; go on with apply, or destroy")
    try:
        now = _now(session, prospect, prospect.current, {})
        changes = plan(now, prospect.current)
        for jobs in schedule(lower(changes, prospect.current, group=group(prospect.name)), {}):
            session.runner.run(jobs)
        left = plan(_now(session, prospect, prospect.current, {}), prospect.current)
    except NetkitError as second:
        return StrandedError(
            f"{located}\nand the way back failed too: {second}",
            hint="run the command again: it goes on from whatever is there",
        )
    if left:
        return StrandedError(
            f"{located}\nand {len(left)} things are not as they were before",
            hint="run the command again: it goes on from whatever is there",
        )
    return _said(located, "everything is as it was before")


def _said(error: BaseException, outcome: str) -> BaseException:
    error.add_note(outcome)
    return error


def _located(prospect: Prospect, error: BaseException) -> BaseException:
    """Name the place in the spec that a failed step came from."""
    if isinstance(error, CommandError) and not error.pointer:
        for item in prospect.steps:
            if item.step == error.step:
                error.pointer = item.change.subject.origin
                break
    return error
