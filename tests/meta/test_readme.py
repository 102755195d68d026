"""What the README shows of files and of Python is so; its commands are typed by tests/root/docs."""

from __future__ import annotations

import contextlib
import io
import json
import re
from itertools import pairwise
from pathlib import Path

from netkit.errors import NetkitError

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(found[1], found[2]) for found in FENCE.finditer(README)]


def test_it_opens_with_the_shop() -> None:
    kind, shown = next(block for block in BLOCKS if block[0])

    assert kind == "json"
    assert json.loads(shown) == json.loads((ROOT / "examples" / "shop.json").read_text())


def test_then_come_the_plan_and_the_two_commands() -> None:
    typed = [text.splitlines() for kind, text in BLOCKS if kind == "sh"]

    assert typed[0] == ["sudo bin/netkit plan examples/shop.json"]
    assert typed[1] == ["sudo bin/netkit apply examples/shop.json", "sudo bin/test"]


def test_its_python_prints_what_it_shows() -> None:
    for (kind, code), (_, shown) in pairwise(BLOCKS):
        if kind == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code, {})

            assert printed.getvalue() == shown


def test_its_exit_codes_are_those_of_the_errors() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d) ", README, re.MULTILINE)}

    assert codes == {0, 3} | {kind.exit_code for kind in _kinds(NetkitError)} - {125, 126, 127, 130}


def _kinds(kind: type[NetkitError]) -> set[type[NetkitError]]:
    return {kind}.union(*map(_kinds, kind.__subclasses__()))
