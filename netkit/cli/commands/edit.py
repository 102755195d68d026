"""What the verbs that edit a spec do alike: find it, edit it, apply it, keep it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from netkit.apply.prospect import Prospect
from netkit.apply.session import Session, reading, writing
from netkit.apply.transaction import Outcome
from netkit.cli.commands.transact import (
    done,
    one_by_one,
    outcome_data,
    prospect_data,
    rehearse,
    show,
    tell,
)
from netkit.cli.told.envelope import reply
from netkit.cli.typed.options import Manner
from netkit.cnm.applied import DEFAULT, Documents, documents, ended, without
from netkit.cnm.revision import lasting, revised
from netkit.errors import UsageError
from netkit.run.rootless import is_inside
from netkit.spec.written import entries
from netkit.state import kept
from netkit.value import replace

NONE: Mapping[str, Any] = {}
Change = Callable[[Documents], Mapping[str, Mapping[str, Any]]]
"""From what all applied specs say to the documents of those that are edited, by name."""
Notes = Mapping[str, Iterable[str]]
"""By spec, a line each."""


def edit(
    command: str,
    change: Change,
    manner: Manner,
    *,
    force: bool = False,
    several: bool = False,
    leaving: bool = False,
    absent_too: bool = False,
    notes: Notes = NONE,
) -> tuple[Outcome, ...]:
    """
    Edit specs, and apply what comes of it.

    Args:
        command: Its name.
        change: The edit.
        manner: How; without a word on it is kept what is kept, or new, or the default spec.
        force: Remove namespaces even where somebody lives in them.
        several: There may be several, and so the answer in JSON is a list.
        leaving: It takes away, and so those count too that have ended by themselves.
        absent_too: Leave out foreign namespaces that are not there, even those that are edited.
        notes: What else is told of what was done; the edit writes it.

    Returns:
        What was done; nothing after a rehearsal.
    """
    persist, as_json = _wish(manner), manner.as_json
    if manner.dry_run:
        with reading() as session:
            _, edited, _ = _edited(session, change, leaving=leaving)
            planned = [revised(session, each, absent_too=absent_too) for each in edited.values()]
        _rehearse(command, planned, as_json=as_json, several=several)
        return ()
    begun = time.monotonic()
    outcomes: list[Outcome] = []
    with writing(lock_timeout=manner.lock_timeout) as session, one_by_one(outcomes):
        known, edited, gone = _edited(session, change, leaving=leaving)
        for name, document in edited.items():
            keeps = _keeps(name, persist, known)
            if keeps:
                kept.check(name)
            planned_now = revised(session, document, absent_too=absent_too)
            outcome = done(session, planned_now, force=force)
            kept_not = _kept(outcome.prospect, known.get(name, {}), keeps=keeps)
            said = (*notes.get(name, ()), *gone[name], *outcome.notes, *kept_not)
            outcomes.append(replace(outcome, notes=said))
    seconds = time.monotonic() - begun
    if as_json:
        found = [outcome_data(each, seconds) for each in outcomes]
        reply(command, {"outcomes": found} if several else found[0])
        return tuple(outcomes)
    for outcome in outcomes:
        tell(outcome, seconds, idle="written down; there is nothing to do for it")
    return tuple(outcomes)


def _edited(
    session: Session, change: Change, *, leaving: bool
) -> tuple[Documents, Mapping[str, Mapping[str, Any]], Mapping[str, list[str]]]:
    """Edit; and leave out of what is edited the processes that have ended, which never return."""
    known, dead = documents(session), ended(session)
    living = {name: without(each, dead.get(name, ())) for name, each in known.items()}
    edited: dict[str, Mapping[str, Any]] = {}
    gone: dict[str, list[str]] = {}
    for name, document in change(known if leaving else living).items():
        edited[name] = without(document, dead.get(name, ()))
        gone[name] = list(_ended(dead.get(name, {}), known.get(name, {}), edited[name]))
    return known, edited, gone


def _ended(
    dead: Mapping[str, int], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[str]:
    if dead:
        was, shall = (entries(each.get("namespaces", {})) for each in (before, after))
        for name, pid in dead.items():
            if name in was and name not in shall:
                yield f"{name} (process {pid}) has ended, and is no more in spec {after['name']}"


def _wish(manner: Manner) -> bool | None:
    """Say whether what is edited is to be kept; None: nothing was said."""
    if manner.persist and manner.no_persist:
        raise UsageError("--persist and --no-persist exclude each other")
    return True if manner.persist else False if manner.no_persist else None


def keep(prospect: Prospect, before: Mapping[str, Any] = NONE) -> list[str]:
    """
    Keep a spec for the next boot.

    Args:
        prospect: What became of it.
        before: What it said before.

    Returns:
        What of it is new, and not kept; a line each.
    """
    document, passing = lasting(json.loads(prospect.document))
    kept.keep(prospect.name, f"{json.dumps(document, indent=2, ensure_ascii=False)}\n")
    return [
        f"{name} is a process's, and is not kept for the next boot"
        for name in passing
        if name not in before.get("namespaces", {})
    ]


def _keeps(name: str, persist: bool | None, known: Documents) -> bool:
    if persist is None:
        return not is_inside() and (name == DEFAULT or name not in known or kept.is_kept(name))
    return persist


def _kept(prospect: Prospect, before: Mapping[str, Any], *, keeps: bool) -> list[str]:
    if not prospect.document:
        gone = kept.drop(prospect.name)
        return [gone] if gone else []
    return keep(prospect, before) if keeps else []


def _rehearse(command: str, planned: list[Prospect], *, as_json: bool, several: bool) -> None:
    if not several:
        rehearse(command, planned[0], as_json=as_json)
    elif as_json:
        reply(command, {"dry_run": True, "plans": [prospect_data(each) for each in planned]})
    else:
        for each in planned:
            show(each)
