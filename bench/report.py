"""Medians, ratios and targets, as a table for people."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.measure import Measured

ROWS = {
    "script": "script, one process per command",
    "apply": "netkit apply",
    "again": "netkit apply again, nothing to do",
    "floor": "floor",
    "script away": "script away",
    "script away, gone": "  until the kernel is done",
    "destroy": "netkit destroy",
    "destroy, gone": "  until the kernel is done",
    "floor away": "floor away",
    "floor away, gone": "  until the kernel is done",
}
"""What is shown of a shape, in this order."""

RIVALS = {
    "apply": ("script", "floor"),
    "again": ("script", "floor"),
    "destroy": ("script away", "floor away"),
    "destroy, gone": ("script away, gone", "floor away, gone"),
}
"""What netkit's rows are compared with, for script / netkit and for netkit / floor."""

NETKIT = ("apply", "again", "destroy")


class Results:
    """
    Everything that was measured in one call.

    Args:
        measured: By title: ``star of 100``, ``start``.
    """

    def __init__(self, measured: Mapping[str, Measured]) -> None:
        self.measured = measured

    def median(self, title: str, name: str) -> float:
        """Give the median in ms; not a number where it was not measured."""
        runs = self.measured[title].times.get(name) if title in self.measured else None
        return statistics.median(runs) if runs else math.nan

    def ratio(self, title: str, above: str, below: str) -> float:
        """Say how many times as long one took as another of the same title, by their medians."""
        return self.median(title, above) / self.median(title, below)

    def memory(self, title: str) -> float:
        """Give the MB of the largest process that netkit needed in any run."""
        if title not in self.measured:
            return math.nan
        memory = self.measured[title].memory
        return max((mb for name in NETKIT for mb in memory.get(name, ())), default=math.nan)


@dataclass(frozen=True, slots=True)
class Target:
    """
    One promise about speed.

    Args:
        what: What is compared, in words.
        value: What was measured; not a number where it was not.
        limit: What is promised.
        unit: Stands after the numbers.
        aim: What is hoped for beyond the promise.
        more: Whether more is better.
    """

    what: str
    value: float
    limit: float
    unit: str
    aim: float | None = None
    more: bool = False

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self._within(self.limit)

    @property
    def verdict(self) -> str:
        """Say how it went in a word or two."""
        if not self.met:
            return "NOT MET"
        if self.aim is None:
            return "met"
        return "met, and the aim" if self._within(self.aim) else "met, not the aim"

    def _within(self, limit: float) -> bool:
        return self.value >= limit if self.more else self.value <= limit


def targets(results: Results) -> tuple[Target, ...]:
    """Give the promises about whose parts all was measured."""
    few, many = "connect, beside 2 networks", "connect, beside 200 networks"
    small, large = "star of 100", "star of 1000"
    bare = results.median("start", "python -c pass")
    every = (
        Target(
            "star of 100: script / apply",
            results.ratio(small, "script", "apply"),
            3,
            "x",
            aim=4,
            more=True,
        ),
        Target(
            "star of 100: apply / floor", results.ratio(small, "apply", "floor"), 3.5, "x", aim=2.5
        ),
        Target(
            "star of 1000: apply / floor, bridge last",
            results.ratio(large, "apply", "floor"),
            2,
            "x",
            aim=1.6,
        ),
        Target(
            "apply: star of 1000 / star of 100",
            results.median(large, "apply") / results.median(small, "apply"),
            12,
            "x",
        ),
        Target(
            "star of 100: script / nothing to do",
            results.ratio(small, "script", "again"),
            5,
            "x",
            more=True,
        ),
        Target(
            "nothing to do: star of 1000 / star of 100",
            results.median(large, "again") / results.median(small, "again"),
            12,
            "x",
        ),
        Target(
            "star of 1000: destroy / floor, until the kernel is done",
            results.ratio(large, "destroy, gone", "floor away, gone"),
            2,
            "x",
        ),
        Target("star of 1000: peak memory", results.memory(large), 150, " MB"),
        Target("chain of 1000: peak memory", results.memory("chain of 1000"), 150, " MB"),
        Target(
            "connect: beside 200 networks / beside 2",
            results.median(many, "connect") / results.median(few, "connect"),
            2,
            "x",
            aim=1.5,
        ),
        Target(
            "netkit --version, more than python -c pass",
            results.median("start", "netkit --version") - bare,
            60,
            " ms",
        ),
    )
    return tuple(target for target in every if not math.isnan(target.value))


def text(results: Results) -> Iterator[str]:
    """Write the tables, a line at a time."""
    for title, measured in results.measured.items():
        if title == "start":
            yield from _start(results)
        elif title.startswith("connect"):
            yield from _connect(measured)
        else:
            yield from _shape(results, measured)
        yield ""
    if promised := targets(results):
        width = max(len(target.what) for target in promised)
        yield f"{'targets'.ljust(width)}  measured  promised       aim"
        for target in promised:
            aim = "" if target.aim is None else _number(target.aim, target.unit)
            yield (
                f"{target.what.ljust(width)}  {_number(target.value, target.unit):>8}"
                f"  {_number(target.limit, target.unit):>8}  {aim:>8}  {target.verdict}"
            )


def _shape(results: Results, measured: Measured) -> Iterator[str]:
    title = measured.title
    yield _heading(title, measured, "script/netkit", "netkit/floor")
    for name, label in ROWS.items():
        if runs := measured.times.get(name):
            by_script = by_floor = math.nan
            if name in RIVALS:
                script, floor = RIVALS[name]
                by_script = results.ratio(title, script, name)
                by_floor = results.ratio(title, name, floor)
            yield f"{_row(label, runs)}{_times(by_script):>15}{_times(by_floor):>14}"
    yield f"peak memory of netkit: {results.memory(title):.0f} MB"


def _start(results: Results) -> Iterator[str]:
    measured = results.measured["start"]
    yield _heading("start", measured, "more than bare")
    bare = results.median("start", "python -c pass")
    for name, runs in measured.times.items():
        yield f"{_row(name, runs)}{results.median('start', name) - bare:>16.0f}"


def _connect(measured: Measured) -> Iterator[str]:
    yield _heading(measured.title, measured, "processor time")
    for name in ("connect", "disconnect"):
        cpu = statistics.median(measured.cpu[name])
        yield f"{_row(name, measured.times[name])}{f'{cpu:.0f}' if cpu else '':>16}"


def _heading(title: str, measured: Measured, *columns: str) -> str:
    runs = max(len(times) for times in measured.times.values())
    head = f"{title}, {runs} runs, ms"
    return f"{head:<36}{'median':>9}{'min':>9}{'max':>9}" + "".join(
        f"{column:>{len(column) + 2}}" for column in columns
    )


def _row(label: str, runs: Sequence[float]) -> str:
    return f"{label:<36}{statistics.median(runs):>9.0f}{min(runs):>9.0f}{max(runs):>9.0f}"


def _times(ratio: float) -> str:
    return "" if math.isnan(ratio) else f"{ratio:.2f}x"


def _number(value: float, unit: str) -> str:
    return f"{value:.{0 if unit != 'x' else 2}f}{unit}"
