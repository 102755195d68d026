"""Every verb's own example gives the line that its help promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from netkit.cli.thin.nouns import NOUNS, Verb
from tests.cli.conftest import Netkit

LINES = Path(__file__).with_name("thin_lines.txt")
VERBS = [(noun, verb) for noun, verbs in NOUNS.items() for verb in verbs]


def expected() -> dict[str, list[str]]:
    """Read the file: what was typed, and below it the lines it stands for."""
    found: dict[str, list[str]] = {}
    for line in LINES.read_text().splitlines():
        if line.startswith("$ "):
            found[line.removeprefix("$ ")] = lines = []
        elif line:
            lines.append(line.strip())
    return found


@pytest.mark.parametrize(("noun", "verb"), VERBS, ids=[f"{n}-{v.name}" for n, v in VERBS])
def test_example_gives_the_line(noun: str, verb: Verb, netkit: Netkit) -> None:
    typed = f"netkit {noun} {verb.name} {verb.example}".rstrip()
    said = netkit(*typed.split()[1:], "--dry-run")

    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == expected()[typed]


def test_no_line_is_left_over() -> None:
    typed = [f"netkit {noun} {verb.name} {verb.example}".rstrip() for noun, verb in VERBS]

    assert list(expected()) == typed
