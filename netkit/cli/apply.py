"""``netkit apply``."""

from __future__ import annotations

import time

from netkit.apply.prospect import Prospect, prospect
from netkit.apply.session import reading, writing
from netkit.apply.transaction import Outcome, carry_out
from netkit.cli import story
from netkit.cli.dry import rehearse
from netkit.cli.envelope import reply
from netkit.cli.options import DryRun, Json, KeepFailed, LockTimeout, Name, Spec, again
from netkit.cli.progress import Progress
from netkit.cli.screen import remark, say
from netkit.spec import load_topology


def apply(
    spec: Spec,
    *,
    name: Name = None,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    keep_failed: KeepFailed = False,
    as_json: Json = False,
) -> None:
    """
    Make the network be what a spec says.

    What is missing is made, what differs is changed, what is too much is removed; where all is in
    order nothing is run. If a command fails, everything is put back as it was before.

    Examples:
        netkit apply examples/shop.json
        netkit apply examples/shop.json --name shop2
        netkit apply --dry-run examples/shop.json
    """
    begun = time.monotonic()
    topology = load_topology(spec, name=name)
    if dry_run:
        with reading() as session:
            rehearse("apply", prospect(session, topology), as_json=as_json)
        return
    with writing(lock_timeout=lock_timeout) as session:
        planned = prospect(session, topology)
        with Progress(f"applying {planned.name}") as progress:
            outcome = carry_out(session, planned, keep_failed=keep_failed, progress=progress)
    seconds = time.monotonic() - begun
    if as_json:
        reply("apply", outcome_data(outcome, seconds))
    else:
        tell(outcome, seconds)
        if planned.topology is not None and planned.topology.checks:
            remark(f"next: {again('check', spec, name)}")


def tell(outcome: Outcome, seconds: float) -> None:
    """Say in one line what was done."""
    count = story.counted(story.acts(outcome.prospect))
    done = story.summed(count, story.DONE) or "nothing to do"
    say(f"{outcome.prospect.name}: {done} ({seconds:.2f} s)")
    for note in outcome.notes:
        remark(f"note: {note}")


def outcome_data(outcome: Outcome, seconds: float) -> dict[str, object]:
    """Give what was done as plain values."""
    done: Prospect = outcome.prospect
    acts = story.acts(done)
    return {
        "name": done.name,
        "summary": story.counted(acts),
        "seconds": round(seconds, 3),
        "steps": len(done.steps),
        "notes": list(outcome.notes),
    }
