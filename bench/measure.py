"""Runs the ways of building a network in turns, and keeps every time that was measured."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.inside import Step
from bench.shapes import Packet, Shape, star

ROOT = Path(__file__).resolve().parent.parent

Say = Callable[[str], None]


class BenchError(Exception):
    """Something failed to run, so there is no number for it."""


@dataclass(slots=True)
class Measured:
    """
    All numbers of one shape in one size, or of the start.

    Args:
        title: What was measured.
        times: Milliseconds of each run, by what was run.
        cpu: Milliseconds of processor time of each run, all its processes together; what the
            kernel does for it in threads of its own is not in it.
        memory: MB of each run's largest process, by what was run.
    """

    title: str
    times: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tools:
    """
    What is compared.

    Args:
        netkit: The command, by default the one of this checkout.
        floor: The compiled floor program, or None where it is left out.
        work: A directory for specs and scripts.
    """

    netkit: str
    floor: str | None
    work: Path


def compile_floor(source: Path, work: Path) -> str:
    """
    Compile the floor program.

    Raises:
        BenchError: There is no compiler, or it refused.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise BenchError("the floor needs a C compiler, cc")
    binary = work / "floor"
    words = [compiler, "-O2", "-o", str(binary), str(source), "-lpthread"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{source} does not compile:\n{done.stderr}")
    return str(binary)


def measure(shape: Shape, tools: Tools, *, runs: int, say: Say) -> Measured:
    """
    Build and remove a shape in every way, in turns.

    Raises:
        BenchError: A command failed, or what it built does not work.
    """
    measured = Measured(shape.title)
    ways = _ways(shape, tools)
    for run in range(runs):
        # First in one run is last in the next, so a machine that slows down slows all of them.
        for way, steps in ways if run % 2 == 0 else reversed(ways):
            say(f"{shape.title}: run {run + 1} of {runs}, {way}")
            note(measured, isolated(way, steps))
    return measured


def warm_up(tools: Tools) -> None:
    """
    Run everything once unmeasured, so that no run pays for cold files or for compiling Python.

    Raises:
        BenchError: A command failed, or what it built does not work.
    """
    for way, steps in _ways(star(2), tools):
        isolated(way, steps)


def measure_start(netkit: str, *, runs: int, say: Say) -> Measured:
    """
    Start the command for what it answers without looking at the kernel, beside a bare Python.

    Raises:
        BenchError: A command failed.
    """
    measured = Measured("start")
    shop = str(ROOT / "examples/shop.json")
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "netkit --version": [netkit, "--version"],
        "netkit --help": [netkit, "--help"],
        "netkit validate": [netkit, "validate", shop],
    }
    for run in range(-1, runs):  # the first one warms up
        say(f"start: run {max(run, 0) + 1} of {runs}")
        for name, argv in commands.items():
            began = time.monotonic()
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            ended = time.monotonic()
            if done.returncode:
                raise BenchError(f"{name}: exit code {done.returncode}: {done.stderr}")
            if run >= 0:
                measured.times.setdefault(name, []).append((ended - began) * 1000)
    return measured


def _ways(shape: Shape, tools: Tools) -> list[tuple[str, list[Step]]]:
    spec, script, unscript = (
        _written(tools.work / f"{shape.name}-{shape.size}{suffix}", text)
        for suffix, text in (
            (".json", shape.spec),
            (".sh", shape.script),
            ("-away.sh", shape.unscript),
        )
    )
    netkit, packet = tools.netkit, shape.packet
    ways = [
        (
            "script",
            [
                _build("script", "sh", "-e", script, packet=packet),
                _remove("script away", "sh", "-e", unscript),
            ],
        ),
        (
            "netkit",
            [
                _build("apply", netkit, "apply", spec, packet=packet),
                _build("again", netkit, "apply", spec, packet=packet),
                _remove("destroy", netkit, "destroy", spec),
            ],
        ),
    ]
    if tools.floor is not None:
        ways.append(
            (
                "floor",
                [
                    _build("floor", tools.floor, *shape.floor, packet=shape.floor_packet),
                    _remove("floor away", tools.floor, *shape.unfloor),
                ],
            )
        )
    return ways


def _build(name: str, *argv: str, packet: Packet) -> Step:
    return {"name": name, "argv": list(argv), "ping": [packet.netns, packet.to], "gone": False}


def _remove(name: str, *argv: str) -> Step:
    return {"name": name, "argv": list(argv), "ping": [], "gone": True}


def _written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def isolated(way: str, steps: Sequence[Step]) -> list[dict[str, float]]:
    """Run the steps of one way in a network of their own."""
    inside = str(Path(__file__).with_name("inside.py"))
    words = [str(ROOT / "bin/isolated"), sys.executable, "-I", inside, json.dumps(steps)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{way}: bin/isolated: {done.stderr}")
    results: list[dict[str, float]] = json.loads(done.stdout)
    for result in results:
        if "failure" in result:
            raise BenchError(f"{way}, {result['name']}: {result['failure']}")
    return results


def note(measured: Measured, results: Sequence[dict[str, float]]) -> None:
    """Add to what was measured."""
    for result in results:
        name = str(result["name"])
        measured.times.setdefault(name, []).append(result["ms"])
        measured.cpu.setdefault(name, []).append(result["cpu_ms"])
        measured.memory.setdefault(name, []).append(result["mb"])
        if "gone_ms" in result:
            measured.times.setdefault(f"{name}, gone", []).append(result["gone_ms"])
