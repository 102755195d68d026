"""
The fuzzer: ``bin/fuzz`` starts it.

A plain seeded mutator, and no library for it. The inputs that find something here are structured:
whole specs, answers of tools, rows of the memory. What breeds them well is the corpus that the unit
tests keep, spliced and bent, at several hundred inputs a second and without a build (atheris wants
a compiler's own libFuzzer, and its coverage says little about parsers that lie in C; hypothesis,
which the unit tests use, is slower by far and thinks in strategies rather than in examples).

The input number N of a target at seed S is always the same one: S, the target and N alone choose
it. An input that raises anything but NetkitError, takes LIMIT seconds of work, or leads to a
step that says something else than what is meant, is a finding: made small, and written to a file
that ``bin/fuzz --replay`` tries again.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import count, cycle
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NamedTuple

from tests.fuzz.shrink import shrunk
from tests.fuzz.targets import TARGETS, tried

LIMIT = 20.0
FINDINGS = "fuzz-findings"
MOST_FINDINGS = 50
EVERY = 15.0


class TooSlowError(Exception):
    """An input took longer than anybody waits."""


class Finding(NamedTuple):
    """What went wrong: the same place in the same way is the same finding."""

    sign: str
    error: str


def main(argv: Sequence[str]) -> int:
    """Run the fuzzer; the exit code is 1 when something was found."""
    asked = _asked(argv)
    if asked.replay:
        return _replay(asked.replay)
    return _fuzz(asked)


def _asked(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/fuzz", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=float, metavar="N", help="for so long (default: 60)")
    length.add_argument("--inputs", type=int, metavar="N", help="so many in all")
    parser.add_argument("--seed", type=int, metavar="S", help="default: chosen, and said")
    parser.add_argument(
        "--findings", default=FINDINGS, metavar="DIR", help="where they are written"
    )
    parser.add_argument("--replay", nargs="+", type=Path, metavar="FILE", help="try findings again")
    asked = parser.parse_args(argv)
    if unknown := set(asked.targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}: {', '.join(TARGETS)}")
    return asked


def _fuzz(asked: argparse.Namespace) -> int:
    seed = Random().randrange(10**6) if asked.seed is None else asked.seed
    chosen = asked.targets or list(TARGETS)
    print(f"seed {seed}", flush=True)
    seconds = 60.0 if asked.seconds is None and asked.inputs is None else asked.seconds
    until = None if seconds is None else time.monotonic() + seconds
    results: Counter[tuple[str, str]] = Counter()
    found: dict[str, Path] = {}
    told = time.monotonic()
    for name, number in _turns(chosen, asked.inputs):
        given = TARGETS[name].draw(Random(f"{seed} {name} {number}"))
        outcome = attempt(name, given)
        if isinstance(outcome, Finding):
            results[name, "findings"] += 1
            if outcome.sign not in found and len(found) < MOST_FINDINGS:
                found[outcome.sign] = _write(Path(asked.findings), name, given, outcome)
        else:
            results[name, outcome] += 1
        if time.monotonic() - told > EVERY:
            told = time.monotonic()
            print(f"{results.total():,} inputs, {len(found)} findings", flush=True)
        if until is not None and time.monotonic() > until:
            break
    _tell(results, found)
    return 1 if found else 0


def _turns(chosen: Sequence[str], inputs: int | None) -> Iterator[tuple[str, int]]:
    """Give target and number of each input, as many of each as its share says."""
    numbers = {name: count() for name in chosen}
    turn = cycle([name for name in chosen for _ in range(TARGETS[name].share)])
    for done, name in enumerate(turn):
        if inputs is not None and done >= inputs:
            return
        yield name, next(numbers[name])


def attempt(name: str, given: Any) -> str | Finding:
    """Try one input; give how far it came, or what went wrong."""
    before = signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)  # of its own work: the machine may be busy
    try:
        return tried(TARGETS[name], given)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Finding(_sign(error), f"{type(error).__name__}: {str(error)[:2000]}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _sign(error: BaseException) -> str:
    """Name the kind of an error and the innermost place in netkit that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if f"{os.sep}netkit{os.sep}" in frame.filename]
    frame = (own or frames)[-1]
    place = f"{Path(frame.filename).name}:{frame.name}"
    said = str(error)[:40] if not own else ""
    return f"{type(error).__name__} {place} {said}".strip()


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlowError(f"more than {LIMIT} s of work")


def _write(folder: Path, name: str, given: Any, finding: Finding) -> Path:
    print(f"{name}: {finding.sign}: {finding.error.splitlines()[0][:200]}", flush=True)

    def shows(smaller: Any) -> bool:
        try:
            outcome = attempt(name, smaller)
        except Exception:
            return False
        return isinstance(outcome, Finding) and outcome.sign == finding.sign

    small = given if finding.error.startswith("TooSlowError") else shrunk(given, shows)
    outcome = attempt(name, small)
    said = outcome.error if isinstance(outcome, Finding) else finding.error
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{sha256(finding.sign.encode()).hexdigest()[:8]}.json"
    entry = {"target": name, "found": finding.sign, "error": said, "input": small}
    path.write_text(json.dumps(entry, indent=2) + "\n")
    gc.collect()
    print(f"  {path}", flush=True)
    return path


def _replay(paths: Sequence[Path]) -> int:
    failed = 0
    for path in sorted(_files(paths)):
        entry = json.loads(path.read_text())
        outcome = attempt(entry["target"], entry["input"])
        bad = isinstance(outcome, Finding)
        failed += bad
        print(f"{path.name}: {outcome.error if isinstance(outcome, Finding) else outcome}")
    return 1 if failed else 0


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from path.glob("*.json") if path.is_dir() else (path,)


def _tell(results: Counter[tuple[str, str]], found: dict[str, Path]) -> None:
    for name in TARGETS:
        counts = {how: n for (target, how), n in sorted(results.items()) if target == name}
        if counts:
            said = ", ".join(f"{n:,} {how}" for how, n in counts.items())
            print(f"{name:<10}{sum(counts.values()):>9,} inputs: {said}")
    print(f"{results.total():,} inputs, {len(found)} findings")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
