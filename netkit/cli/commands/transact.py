"""What every command that changes the system does alike: rehearse, or carry out and tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from netkit.apply.prospect import EVERYTHING, Prospect
from netkit.apply.session import Session, reading, writing
from netkit.apply.transaction import Outcome, carry_out
from netkit.cli.told import story
from netkit.cli.told.envelope import reply
from netkit.cli.told.progress import Progress
from netkit.cli.told.screen import remark, say
from netkit.cli.told.veil import veil, veiled
from netkit.errors import NetkitError

OTHERS = "left over"
Look = Callable[[Session], Prospect]
_kept: list[Outcome] = []
"""To the end, which comes soon: to take the objects of a large network apart takes long."""


def transact(
    command: str,
    look: Look,
    *,
    dry_run: bool,
    lock_timeout: float,
    as_json: bool,
    keep_failed: bool = False,
    force: bool = False,
) -> Outcome | None:
    """
    Look, and do what is to be done.

    Args:
        command: Its name.
        look: Says what is to be done.
        dry_run: Print the lines that would be run, and run none.
        lock_timeout: Seconds to wait for another netkit.
        as_json: Answer in JSON.
        keep_failed: Leave all as it is after a failure.
        force: Remove namespaces even where somebody lives in them.

    Returns:
        What was done; None after a rehearsal.
    """
    if dry_run:
        with reading() as session:
            rehearse(command, look(session), as_json=as_json)
        return None
    begun = time.monotonic()
    with writing(lock_timeout=lock_timeout) as session:
        outcome = done(session, look(session), keep_failed=keep_failed, force=force)
    seconds = time.monotonic() - begun
    if as_json:
        reply(command, outcome_data(outcome, seconds))
    else:
        tell(outcome, seconds)
    return outcome


def done(
    session: Session, planned: Prospect, *, keep_failed: bool = False, force: bool = False
) -> Outcome:
    """Carry out a plan, and let it be seen how far it is."""
    with Progress(planned.name) as progress:
        outcome = carry_out(
            session, planned, keep_failed=keep_failed, force=force, progress=progress
        )
    _kept.append(outcome)
    return outcome


@contextmanager
def one_by_one(outcomes: Sequence[Outcome]) -> Iterator[None]:
    """Where one of several fails, say which were done before it: they are not taken back."""
    try:
        yield
    except NetkitError as error:
        if names := ", ".join(named(each) for each in outcomes):
            error.add_note(f"but for {names}: that was done before, and is left so")
        raise


def named(outcome: Outcome) -> str:
    """Name what an outcome is about."""
    return OTHERS if outcome.prospect.name == EVERYTHING else outcome.prospect.name


def rehearse(command: str, planned: Prospect, *, as_json: bool) -> None:
    """Print the lines that would be run."""
    if as_json:
        reply(command, {"dry_run": True} | prospect_data(planned))
        return
    show(planned)
    if not planned.steps:
        remark(f"{planned.name}: nothing to do")


def show(planned: Prospect) -> None:
    """Print the lines that would be run, and what is good to know."""
    hide = veil(planned.guesses)
    for step in (*planned.reservations, *(item.step for item in planned.steps)):
        say(hide(str(step)))
    note(planned)


def note(planned: Prospect) -> None:
    """Say what is good to know of a plan, as it is said when that was carried out."""
    hide = veil(planned.guesses)
    for each in _notes(planned):
        remark(f"note: {hide(each)}")


def _notes(planned: Prospect) -> tuple[str, ...]:
    return (*planned.notes, *planned.restored.notes)


def tell(outcome: Outcome, seconds: float, *, idle: str = "nothing to do") -> None:
    """Say in one line what was done; ``idle`` where nothing had to be."""
    count = story.counted(story.acts(outcome.prospect))
    said = story.summed(count, story.DONE) or idle
    say(f"{named(outcome)}: {said} ({seconds:.2f} s)")
    for each in outcome.notes:
        remark(f"note: {each}")


def outcome_data(outcome: Outcome, seconds: float) -> dict[str, object]:
    """Give what was done as plain values."""
    return {
        "name": outcome.prospect.name,
        "summary": story.counted(story.acts(outcome.prospect)),
        "steps": len(outcome.prospect.steps),
        "seconds": round(seconds, 3),
        "notes": list(outcome.notes),
    }


def prospect_data(planned: Prospect) -> dict[str, object]:
    """Give a plan as plain values."""
    acts = story.acts(planned)
    data: dict[str, object] = {
        "name": planned.name,
        "summary": story.counted(acts),
        "changes": story.as_data(acts),
        "steps": story.steps_as_data(planned.steps),
        "notes": list(_notes(planned)),
    }
    if planned.reservations:
        data["reservations"] = [str(call) for call in planned.reservations]
    return veiled(data, planned.guesses)
