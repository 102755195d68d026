"""What inputs are bred from: specs, wrong specs and captured answers of this checkout."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "tests" / "unit"


@cache
def specs() -> tuple[Any, ...]:
    """Give every spec that is right."""
    paths = (*ROOT.glob("examples/*.json"), *UNIT.glob("spec/good/*/spec.json"))
    return tuple(json.loads(path.read_text()) for path in sorted(paths))


@cache
def texts() -> tuple[bytes, ...]:
    """Give every spec as it stands in its file, the wrong ones too."""
    paths = (
        *ROOT.glob("examples/*.json"),
        *UNIT.glob("spec/good/*/spec.json"),
        *UNIT.glob("spec/cases/*/spec.*"),
    )
    return tuple(path.read_bytes() for path in sorted(paths))


@cache
def answers() -> tuple[tuple[str, str], ...]:
    """Give what tools said: each question with an answer to it."""
    folders = sorted(path.parent for path in UNIT.glob("facts/cases/*/question.txt"))
    return tuple(
        ((folder / "question.txt").read_text().strip(), (folder / "output.txt").read_text())
        for folder in folders
    )


@cache
def said_under() -> dict[str, tuple[Any, ...]]:
    """Give what the specs say under each key: a value from elsewhere is often a valid one."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for spec in specs():
        for key, value in _entries(spec):
            if value not in found[key]:
                found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from _entries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _entries(inner)
