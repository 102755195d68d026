"""``netkit destroy`` and ``netkit recover``: two ways back."""

from __future__ import annotations

import os
import time
from typing import Annotated

from netkit.apply.ownership.claims import claimed
from netkit.apply.prospect import Prospect, farewell, way_back
from netkit.apply.session import Session, reading, writing
from netkit.apply.sweep import leftovers
from netkit.apply.transaction import Outcome
from netkit.apply.values.former import remembered_sysctls
from netkit.cli.commands.transact import (
    done,
    one_by_one,
    outcome_data,
    prospect_data,
    show,
    tell,
    transact,
)
from netkit.cli.told.envelope import reply
from netkit.cli.told.screen import remark
from netkit.cli.typed.complete import specs
from netkit.cli.typed.options import DryRun, Force, Json, LockTimeout, Name, Target
from netkit.cli.typed.parameter import Argument, Option
from netkit.errors import NetkitError, UsageError
from netkit.model.state import NOTHING
from netkit.spec import load_topology
from netkit.spec.source import STDIN

TargetOrNone = Annotated[
    str | None,
    Argument(
        metavar="SPEC|NAME",
        help="The file, or the name under which it was applied.",
        autocompletion=specs,
    ),
]
Everything = Annotated[
    bool, Option("--all", help="All networks, and whatever bears a mark of netkit's.")
]


def destroy(
    target: TargetOrNone = None,
    *,
    everything: Everything = False,
    name: Name = None,
    force: Force = False,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    as_json: Json = False,
) -> None:
    """
    Take a network away, without trace.

    By its file, or by the name under which it was applied: netkit remembers what it made. With
    --all every network goes, and what is still marked as netkit's although its memory is lost.

    Examples:
        netkit destroy examples/shop.json
        netkit destroy shop
        netkit destroy --dry-run shop
        netkit destroy --all
    """
    if everything == (target is not None):
        raise UsageError("say which network is to go", hint="a file, a name, or --all")
    if target is None:
        _destroy_all(force=force, dry_run=dry_run, lock_timeout=lock_timeout, as_json=as_json)
        return
    outcome = transact(
        "destroy",
        lambda session: _farewell(session, target, name),
        force=force,
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        as_json=as_json,
    )
    if outcome is not None:
        _drop(outcome.prospect.name)


def recover(
    target: Target,
    *,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    as_json: Json = False,
) -> None:
    """
    Go back to before an apply that was cut off.

    After a kill -9 in the middle of a change, apply goes on from whatever is there; this goes back
    instead. A reboot takes the network and the memory of it alike.

    Examples:
        netkit recover shop
        netkit recover --dry-run shop
    """
    transact(
        "recover",
        lambda session: way_back(session, _meant(session, target, None)[0]),
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        as_json=as_json,
    )


def prune(
    *,
    force: Force = False,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    as_json: Json = False,
) -> None:
    """
    Remove what is netkit's and no applied spec wants.

    It is told by its marks: devices, namespaces, chains, routes and files that were left over when
    the memory of a spec was lost.

    Examples:
        netkit prune
        netkit prune --dry-run
    """
    transact(
        "prune",
        leftovers,
        force=force,
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        as_json=as_json,
    )


def _meant(session: Session, target: str, name: str | None) -> tuple[str, str]:
    """
    Tell the name of the spec that is meant, and what its file says where it had to be read.

    A name that is applied stands before a file of the same name, so that a stray directory cannot
    hide it; and no file is read for what is remembered.
    """
    meant = name or target
    if meant in _applied(session) or not (target == STDIN or os.path.exists(target)):
        return meant, ""
    topology = load_topology(target, name=name)
    return topology.name, topology.written


def _farewell(session: Session, target: str, name: str | None) -> Prospect:
    meant, document = _meant(session, target, name)
    return farewell(session, meant, document=document)


def _drop(name: str) -> None:
    """Keep a spec no longer for the next boot, and say so."""
    from netkit.state import kept

    if note := kept.drop(name):
        remark(f"note: {note}")


def _destroy_all(*, force: bool, dry_run: bool, lock_timeout: float, as_json: bool) -> None:
    if dry_run:
        _rehearse_all(as_json=as_json)
        return
    begun = time.monotonic()
    outcomes: list[Outcome] = []
    with writing(lock_timeout=lock_timeout, afresh=True) as session, one_by_one(outcomes):
        _forget_unreadable(session)
        for name in _applied(session):
            outcomes.append(done(session, farewell(session, name), force=force))
            _drop(name)
        outcomes.append(done(session, leftovers(session), force=force))
    seconds = time.monotonic() - begun
    if as_json:
        reply("destroy", {"outcomes": [outcome_data(each, seconds) for each in outcomes]})
        return
    *ended, others = outcomes
    for outcome in ended:
        tell(outcome, outcome.seconds)
    if others.prospect.steps or others.notes or not ended:
        tell(others, others.seconds)


def _forget_unreadable(session: Session) -> None:
    """Leave to the marks what the memory can no longer say."""
    for name in _applied(session):
        try:
            claimed(session, name, NOTHING)
            tuple(remembered_sysctls(session.memory.former(), name))
        except NetkitError as error:
            remark(f"note: {name} is removed by its marks alone: {error}")
            session.memory.forget(name)
            session.memory.done(name)


def _rehearse_all(*, as_json: bool) -> None:
    with reading() as session:
        planned = [farewell(session, name) for name in _applied(session)]
        planned.append(leftovers(session))
    if as_json:
        reply("destroy", {"dry_run": True, "plans": [prospect_data(each) for each in planned]})
        return
    for each in planned:
        show(each)
    if not any(each.steps for each in planned):
        remark("nothing to do")


def _applied(session: Session) -> list[str]:
    """Name what is applied, and what was begun."""
    memory = session.memory
    names = [each.name for each in memory.specs()] + [each.spec for each in memory.intents()]
    return sorted(set(names))
