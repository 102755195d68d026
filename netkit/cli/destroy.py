"""``netkit destroy``."""

from __future__ import annotations

import os
import time

from netkit.apply.prospect import farewell
from netkit.apply.session import Session, reading, writing
from netkit.apply.transaction import carry_out
from netkit.cli.apply import outcome_data, tell
from netkit.cli.dry import rehearse
from netkit.cli.envelope import reply
from netkit.cli.options import DryRun, Json, LockTimeout, Name, Target
from netkit.cli.progress import Progress
from netkit.spec import load_topology
from netkit.spec.source import STDIN


def destroy(
    target: Target,
    *,
    name: Name = None,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    as_json: Json = False,
) -> None:
    """
    Take a network away, without trace.

    By its file, or by the name under which it was applied: netkit remembers what it made.

    Examples:
        netkit destroy examples/shop.json
        netkit destroy shop
        netkit destroy --dry-run shop
    """
    begun = time.monotonic()
    if dry_run:
        with reading() as session:
            planned = farewell(session, named(session, target, name))
            rehearse("destroy", planned, as_json=as_json)
        return
    with writing(lock_timeout=lock_timeout) as session:
        planned = farewell(session, named(session, target, name))
        with Progress(f"destroying {planned.name}") as progress:
            outcome = carry_out(session, planned, progress=progress)
    seconds = time.monotonic() - begun
    if as_json:
        reply("destroy", outcome_data(outcome, seconds))
    else:
        tell(outcome, seconds)


def named(session: Session, target: str, name: str | None) -> str:
    """
    Tell the name of the spec that is meant.

    A name that is applied stands before a file of the same name, so that a stray directory cannot
    hide it; and no file is read when a name is given.
    """
    if name is not None:
        return name
    if any(stored.name == target for stored in session.memory.specs()):
        return target
    if target == STDIN or os.path.exists(target):
        return load_topology(target).name
    return target
