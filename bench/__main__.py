"""The words of ``bin/bench``, and the order in which it measures."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

if not __package__:  # as a file: -I leaves its folder out of the path, and the checkout too
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.connect import measure_connect, measure_docker
from bench.measure import (
    ROOT,
    BenchError,
    Measured,
    Tools,
    compile_floor,
    measure,
    measure_start,
    warm_up,
)
from bench.report import Results, targets, text
from bench.shapes import SHAPES

FLOOR = ROOT.parent / "shared/bench/floor.c"
WHAT = (*SHAPES, "connect", "start")
LARGEST = 1000


def main(argv: Sequence[str]) -> int:
    """Measure what was asked for, and print it."""
    asked = _parser().parse_args(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="netkit-bench-") as work:
            results = Results(_measure(asked, Path(work)))
    except BenchError as error:
        _progress("")
        print(f"bench: {error}", file=sys.stderr)
        return 1
    _progress("")
    print(f"{_machine()}\n")
    for line in text(results):
        print(line)
    if asked.json:
        Path(asked.json).write_text(json.dumps(_document(results), indent=2) + "\n")
    return 0


def _measure(asked: argparse.Namespace, work: Path) -> dict[str, Measured]:
    measured = {}
    if shapes := [name for name in SHAPES if name in asked.what]:
        tools = Tools(asked.netkit, _floor(asked.floor, work), work)
        _progress("warming up")
        warm_up(tools)
        for name in shapes:
            for size in asked.sizes or ((10, 100) if asked.quick else (10, 100, 1000)):
                shape = SHAPES[name](size)
                runs = asked.runs or (3 if asked.quick or size >= LARGEST else 5)
                measured[shape.title] = measure(shape, tools, runs=runs, say=_progress)
    if "connect" in asked.what:
        tools = Tools(asked.netkit, None, work)
        runs = asked.runs or (1 if asked.quick else 3)
        for networks in (2, 50) if asked.quick else (2, 200):
            found = measure_connect(tools, networks=networks, runs=runs, say=_progress)
            measured[found.title] = found
        if (docker := measure_docker(runs=runs, say=_progress)) is not None:
            measured[docker.title] = docker
    if "start" in asked.what:
        runs = asked.runs or (10 if asked.quick else 20)
        measured["start"] = measure_start(asked.netkit, runs=runs, say=_progress)
    return measured


def _floor(source: str | None, work: Path) -> str | None:
    if source is None and not FLOOR.exists():
        print("the floor is left out: no source of it is there, see --floor\n")
        return None
    return compile_floor(Path(source or FLOOR), work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description="Measure netkit beside a plain script and beside the least the kernel needs.",
        epilog="How to read the numbers: docs/performance.md.",
    )
    parser.add_argument(
        "what",
        nargs="*",
        metavar="star|chain|connect|start",
        type=_what,
        default=list(WHAT),
        help="what to measure; default: all",
    )
    parser.add_argument("--quick", action="store_true", help="sizes 10 and 100, three runs")
    parser.add_argument("--sizes", type=_sizes, metavar="N,N", help="default: 10,100,1000")
    parser.add_argument("--runs", type=_runs, metavar="N", help="default: 5, and 3 of 1000")
    parser.add_argument("--json", metavar="FILE", help="write every number there, too")
    parser.add_argument(
        "--floor", metavar="FILE", help="source of the floor program; default: ../shared/bench/"
    )
    parser.add_argument(
        "--netkit",
        metavar="FILE",
        default=str(ROOT / "bin/netkit"),
        help="another netkit to measure; default: the one of this checkout",
    )
    return parser


def _what(given: str) -> str:
    if given not in WHAT:
        raise argparse.ArgumentTypeError(f"{given} is none of {', '.join(WHAT)}")
    return given


def _sizes(given: str) -> list[int]:
    words = given.split(",")
    if not all(word.isdecimal() and 2 <= int(word) <= LARGEST for word in words):
        raise argparse.ArgumentTypeError(f"a size is a number between 2 and {LARGEST}")
    return sorted({int(word) for word in words})


def _runs(given: str) -> int:
    if not given.isdecimal() or int(given) < 1:
        raise argparse.ArgumentTypeError("how often is a number, and at least 1")
    return int(given)


def _machine() -> str:
    """Say where the numbers were measured."""
    return f"Linux {platform.release()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"


def _document(results: Results) -> dict[str, object]:
    """Give every number, for machines; times in ms, memory in MB."""
    return {
        "machine": _machine(),
        "measured": [asdict(measured) for measured in results.measured.values()],
        "targets": [
            {**asdict(target), "verdict": target.verdict, "met": target.met}
            for target in targets(results)
        ],
    }


def _progress(doing: str) -> None:
    """Show on a terminal what goes on, in one line that makes room for the next."""
    if sys.stderr.isatty():
        print(f"\r\033[K{doing}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
