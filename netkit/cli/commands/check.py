"""``netkit check``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

from netkit.apply.session import reading
from netkit.cli.told.envelope import DIFFERENCES, OK, reply
from netkit.cli.told.progress import Progress
from netkit.cli.told.screen import remark, say, table
from netkit.cli.typed.chosen import chosen
from netkit.cli.typed.options import Json, Name, Target, again
from netkit.cli.typed.parameter import Option
from netkit.errors import UsageError
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.model.topology import Check, Topology
from netkit.ops.check import verdict
from netkit.ops.check.check import run_checks
from netkit.ops.check.verdict import ERROR, FAILED, PASSED, SKIPPED, Verdict

NOT_ALL = 3
MARKS = {PASSED: "ok", FAILED: "FAIL", ERROR: "ERROR", SKIPPED: "skipped"}
STDOUT = "-"

Junit = Annotated[
    str | None,
    Option("--junit", metavar="FILE", help="Write JUnit's XML too; - is standard output."),
]


def check(spec: Target, *, name: Name = None, junit: Junit = None, as_json: Json = False) -> int:
    """
    Try what a spec says must work, or must not.

    Ends with 3 when a check did not pass. What must not work is tried once the rest works.

    Examples:
        netkit check examples/shop.json
        netkit check shop
        netkit check examples/shop.json --junit shop.xml
    """
    if as_json and junit == STDOUT:
        raise UsageError("--json and --junit - both want standard output")
    topology, applied = _as_applied(chosen(spec, name))
    with Progress(f"checking {topology.name}") as progress:
        count = iter(range(1, len(topology.checks) + 1))
        verdicts = run_checks(
            topology, on_result=lambda _: progress(next(count), len(topology.checks))
        )
    passed = all(each.passed for each in verdicts)
    if junit is not None:
        _write(junit, verdict.junit(verdicts, topology))
    if as_json:
        data = {"name": topology.name, "checks": [verdict.plain(each) for each in verdicts]}
        reply("check", data, status=OK if passed else DIFFERENCES)
    elif junit != STDOUT:
        _tell(topology, verdicts)
        if not applied:
            remark(f"{topology.name} is not applied; next: {again('apply', spec, name)}")
    return 0 if passed else NOT_ALL


def _as_applied(topology: Topology) -> tuple[Topology, bool]:
    """Fill in what was allotted when the spec was applied, and say whether it ever was."""
    with reading() as session:
        stored = session.memory.spec(topology.name)
    remembered = Allotments.from_json(stored.allotments) if stored else Allotments()
    return fill(topology, remembered)[0], stored is not None


def _tell(topology: Topology, verdicts: tuple[Verdict, ...]) -> None:
    if not verdicts:
        say(f"{topology.name}: it has no checks")
        return
    rows = [_row(each) for each in verdicts]
    table(("result", "from", "check", "target", "expected", "seen"), rows, marked=True)
    count = {mark: sum(row[0] == mark for row in rows) for mark in MARKS.values()}
    said = ", ".join(f"{number} {mark}" for mark, number in count.items() if number)
    say(f"{topology.name}: {said}, of {len(rows)} checks")


def _row(found: Verdict) -> tuple[str, ...]:
    asked = found.check
    return (
        MARKS[found.result], asked.source, asked.verb, _target(asked), asked.expect,
        found.detail,
    )  # fmt: skip


def _target(asked: Check) -> str:
    return " ".join(asked.command) if asked.verb == "run" else asked.target


def _write(path: str, text: str) -> None:
    if path == STDOUT:
        sys.stdout.write(text)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise UsageError(f"--junit {path} cannot be written: {reason}") from error
