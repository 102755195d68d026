"""``netkit apply``."""

from __future__ import annotations

from netkit.apply.prospect import Prospect, prospect
from netkit.apply.recall.recall import read_again
from netkit.apply.session import Session
from netkit.cli.commands.transact import transact
from netkit.cli.told import story
from netkit.cli.told.screen import remark
from netkit.cli.typed.chosen import chosen, stored
from netkit.cli.typed.options import (
    Adopt,
    DryRun,
    Force,
    IgnoreExtra,
    Json,
    KeepFailed,
    LockTimeout,
    Name,
    Persist,
    Target,
    again,
)
from netkit.errors import NetkitError
from netkit.model.topology import Topology
from netkit.spec.source import STDIN


def apply(
    spec: Target,
    *,
    name: Name = None,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    keep_failed: KeepFailed = False,
    adopt: Adopt = False,
    ignore_extra: IgnoreExtra = False,
    force: Force = False,
    persist: Persist = False,
    as_json: Json = False,
) -> None:
    """
    Make the network be what a spec says.

    What is missing is made, what differs is changed, what is too much is removed; where all is in
    order nothing is run. If a command fails, everything is put back as it was before.

    Examples:
        netkit apply examples/shop.json
        netkit apply examples/shop.json --name shop2
        netkit apply shop
        netkit apply --dry-run examples/shop.json
        netkit apply --persist examples/shop.json
    """
    topology = chosen(spec, name)
    if persist:
        from netkit.state import kept

        kept.check(topology.name)
    by_name = name is None and stored(spec) is not None

    def look(session: Session) -> Prospect:
        wanted = _latest(session, spec) if by_name else topology
        planned = prospect(session, wanted, adopt=adopt, ignore_extra=ignore_extra)
        if adopt and not dry_run:  # what is taken over is seen before it is
            for line in story.told(story.acts(planned)):
                remark(line)
        return planned

    outcome = transact(
        "apply",
        look,
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        as_json=as_json,
        keep_failed=keep_failed,
        force=force,
    )
    if outcome is not None:
        _keep(outcome.prospect, persist=persist)
    if outcome is not None and topology.checks and not as_json:
        read = spec == STDIN  # what was read from there is gone
        remark(f"next: {again('check', *((topology.name, None) if read else (spec, name)))}")


def _latest(session: Session, name: str) -> Topology:
    """Read an applied spec again, now that nobody else can change it."""
    found = session.memory.spec(name)
    if found is None:
        raise NetkitError(f"{name} was destroyed meanwhile, and is not applied any more")
    return read_again(found.document)


def _keep(found: Prospect, *, persist: bool) -> None:
    """Keep a spec for the next boot where that was asked for, or say that another is kept."""
    from netkit.state import kept

    if persist:
        from netkit.cli.commands.edit import keep

        for note in keep(found):
            remark(f"note: {note}")
    elif kept.is_kept(found.name) and found.changes:
        remark(f"note: {kept.path_of(found.name)} is as it was: --persist keeps this one")
