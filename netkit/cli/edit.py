"""What the verbs that edit a spec do alike: find it, edit it, apply it, keep it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from netkit.apply.prospect import Prospect
from netkit.apply.session import reading, writing
from netkit.apply.transaction import Outcome
from netkit.cli.envelope import reply
from netkit.cli.screen import remark, say
from netkit.cli.transact import done, one_by_one, outcome_data, prospect_data, rehearse, tell
from netkit.cnm.applied import DEFAULT, Documents, documents
from netkit.cnm.revision import lasting, revised
from netkit.errors import UsageError
from netkit.run.rootless import is_inside
from netkit.state import kept

Change = Callable[[Documents], Mapping[str, Mapping[str, Any]]]
"""From what all applied specs say to the documents of those that are edited, by name."""


def edit(
    command: str,
    change: Change,
    *,
    persist: bool | None,
    dry_run: bool,
    lock_timeout: float,
    as_json: bool,
    force: bool = False,
    several: bool = False,
) -> tuple[Outcome, ...]:
    """
    Edit specs, and apply what comes of it.

    Args:
        command: Its name.
        change: The edit.
        persist: Keep them for the next boot; None: what is kept, or new, or the default spec.
        dry_run: Print the lines that would be run, and run none.
        lock_timeout: Seconds to wait for another netkit.
        as_json: Answer in JSON.
        force: Remove namespaces even where somebody lives in them.
        several: There may be several, and so the answer in JSON is a list.

    Returns:
        What was done; nothing after a rehearsal.
    """
    if dry_run:
        with reading() as session:
            planned = [revised(session, each) for each in change(documents(session)).values()]
        _rehearse(command, planned, as_json=as_json, several=several)
        return ()
    begun = time.monotonic()
    outcomes: list[Outcome] = []
    notes: list[str] = []
    with writing(lock_timeout=lock_timeout) as session, one_by_one(outcomes):
        known = documents(session)
        for name, document in change(known).items():
            keeps = _keeps(name, persist, known)
            if keeps:
                kept.check(name)
            outcomes.append(done(session, revised(session, document), force=force))
            notes += _kept(outcomes[-1].prospect, keeps=keeps)
    seconds = time.monotonic() - begun
    if as_json:
        found = [outcome_data(each, seconds) for each in outcomes]
        reply(command, {"outcomes": found} if several else found[0])
        return tuple(outcomes)
    for outcome in outcomes:
        tell(outcome, seconds)
    for note in notes:
        remark(f"note: {note}")
    return tuple(outcomes)


def wish(persist: bool, no_persist: bool) -> bool | None:
    """Say what was wished of two options that exclude each other; None: nothing."""
    if persist and no_persist:
        raise UsageError("--persist and --no-persist exclude each other")
    return True if persist else False if no_persist else None


def keep(prospect: Prospect) -> list[str]:
    """Keep a spec for the next boot; say what of it is not kept."""
    document, passing = lasting(json.loads(prospect.document))
    kept.keep(prospect.name, f"{json.dumps(document, indent=2, ensure_ascii=False)}\n")
    return [f"{name} is a process's, and is not kept for the next boot" for name in passing]


def _keeps(name: str, persist: bool | None, known: Documents) -> bool:
    if persist is None:
        return not is_inside() and (name == DEFAULT or name not in known or kept.is_kept(name))
    return persist


def _kept(prospect: Prospect, *, keeps: bool) -> list[str]:
    if not prospect.document:
        gone = kept.drop(prospect.name)
        return [gone] if gone else []
    return keep(prospect) if keeps else []


def _rehearse(command: str, planned: list[Prospect], *, as_json: bool, several: bool) -> None:
    if not several:
        rehearse(command, planned[0], as_json=as_json)
    elif as_json:
        reply(command, {"dry_run": True, "plans": [prospect_data(each) for each in planned]})
    else:
        for each in planned:
            for item in each.steps:
                say(str(item.step))
