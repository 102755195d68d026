"""``netkit up``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from netkit.apply.prospect import prospect
from netkit.apply.session import Session, reading, writing
from netkit.apply.transaction import Outcome
from netkit.cli.commands.transact import done, one_by_one, outcome_data, show, tell
from netkit.cli.told.complaint import entries, lines
from netkit.cli.told.envelope import FAILED, OK, reply
from netkit.cli.told.screen import remark, say
from netkit.cli.typed.options import DryRun, Json, LockTimeout
from netkit.errors import InterruptedByUserError, NetkitError
from netkit.spec import load_topology
from netkit.state import kept

Failure = tuple[Path, NetkitError]


def up(*, dry_run: DryRun = False, lock_timeout: LockTimeout = 10.0, as_json: Json = False) -> int:
    """
    Build all specs that are kept for the next boot.

    Those in /etc/netkit/specs.d, in alphabetical order; one that fails is tried again when others
    have come up, and does not keep them from it. Ends with the code of the first that failed.

    Examples:
        netkit up
        netkit up --dry-run
    """
    files = kept.files()
    if dry_run:
        return _rehearse(files, as_json=as_json)
    outcomes: list[Outcome] = []
    with writing(lock_timeout=lock_timeout) as session, one_by_one(outcomes):
        failures = _build(session, files, outcomes)
    if as_json:
        data = {"outcomes": [outcome_data(each, each.seconds) for each in outcomes]}
        errors = [
            {**entry, "file": str(path)} for path, error in failures for entry in entries(error)
        ]
        reply("up", data, status=FAILED if failures else OK, errors=errors)
    else:
        _tell(outcomes, failures)
    return failures[0][1].exit_code if failures else 0


def _build(session: Session, files: Sequence[Path], outcomes: list[Outcome]) -> list[Failure]:
    """Build specs until all are there, or none of those that are left comes up."""
    left = list(files)
    while True:
        failures: list[Failure] = []
        for path in left:
            try:
                kept.check_file(path)
                planned = prospect(session, load_topology(path), absent_too=True)
                outcomes.append(done(session, planned))
            except InterruptedByUserError:
                raise
            except NetkitError as error:
                failures.append((path, error))
        if not failures or len(failures) == len(left):
            return failures
        left = [path for path, _ in failures]


def _tell(outcomes: Sequence[Outcome], failures: Sequence[Failure]) -> None:
    for outcome in outcomes:
        tell(outcome, outcome.seconds)
    if not outcomes and not failures:
        say(f"nothing is kept in {kept.folder()}")
    for path, error in failures:
        remark(f"{path} is not built:")
        for line in lines(error):
            sys.stderr.write(f"  {line}\n")


def _rehearse(files: Sequence[Path], *, as_json: bool) -> int:
    with reading() as session:
        planned = [prospect(session, load_topology(path), absent_too=True) for path in files]
    if as_json:
        reply("up", {"dry_run": True, "names": [each.name for each in planned]})
        return 0
    for each in planned:
        show(each)
    return 0
