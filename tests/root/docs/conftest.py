"""
The documents' commands, typed as a reader would: in order, in one shell, on a host of its own.

In a page of documentation
    a block fenced ``sh`` is typed; a line that ends with ``# exits with N`` must do so, any other
    must succeed;
    a block fenced ``text`` right below one is what it printed, but for times; a line ``…`` stands
    for any number of lines;
    a line ``sudo bin/isolated bash`` begins on a new host;
    what is fenced otherwise is neither typed nor compared.
"""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netkit.value import Value

ROOT = Path(__file__).parents[3]
ISOLATED = ("bin/isolated", "bash")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"\s+# exits with (\d+)$")
NEW_HOST = "sudo bin/isolated bash"
NOT_HERE = frozenset({"sudo bin/test"})  # it would run this test, and so for ever
# What a test of a document may not leave behind, nor two of them share.
TMP = "/tmp/"
TIMES = (
    (re.compile(r"\d+\.\d+ (?=m?s\b)"), "N "),
    (re.compile(r"(?<=[ (])\d+ (?=ms\b)"), "N "),
)


class Typed(Value, frozen=True):
    """
    One command of a document.

    Args:
        line: What is typed.
        code: The exit code that the document promises.
        place: File and line, to find it again.
        opens: It begins on a new host.
    """

    line: str
    code: int
    place: str
    opens: bool


class Block(Value, frozen=True):
    """
    What is typed together.

    Args:
        commands: In order.
        shown: What they print, as the document shows it; None where it shows nothing.
    """

    commands: tuple[Typed, ...]
    shown: str | None


class Page:
    """A document, and a shell that types it."""

    def __init__(self, path: Path, place: Path) -> None:
        self.path = path
        self.place = place
        self.blocks = tuple(blocks(path))

    def wrong(self) -> list[str]:
        """Type all of it; say where the document and the machine differ."""
        complaints: list[str] = []
        for number, host in enumerate(hosts(self.blocks)):
            complaints += self._on_host(host, self.place / str(number))
        return complaints

    def _on_host(self, host: list[Block], place: Path) -> list[str]:
        place.mkdir()
        script = place / "script"
        script.write_text("\n".join(lines(host, place)) + "\n")
        ended = subprocess.run(
            (*ISOLATED, script), cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
        )
        assert ended.returncode == 0, ended.stderr
        return [
            complaint
            for number, block in enumerate(host)
            for complaint in differences(block, place, number)
        ]


def blocks(path: Path) -> Iterator[Block]:
    """Find what is typed, and what the document says that it prints."""
    text = path.read_text()
    found = list(FENCE.finditer(text))
    for each, following in zip(found, [*found[1:], None], strict=True):
        if each[1] != "sh":
            continue
        shown = None
        is_below = following is not None and not text[each.end() : following.start()].strip()
        if following is not None and is_below and following[1] == "text":
            shown = following[2]
        line = text[: each.start()].count("\n") + 2
        yield Block(tuple(commands(each[2], path, line)), shown)


def commands(text: str, path: Path, number: int) -> Iterator[Typed]:
    """Take a block apart into commands; a backslash at its end continues a line."""
    opens = False
    for offset, line in enumerate(text.replace("\\\n", "").splitlines()):
        if line == NEW_HOST:
            opens = True
        elif line and not line.startswith("#") and line not in NOT_HERE:
            code = CODE.search(line)
            place = f"{path.relative_to(ROOT)}:{number + offset}"
            yield Typed(CODE.sub("", line), int(code[1]) if code else 0, place, opens)
            opens = False


def hosts(all_blocks: tuple[Block, ...]) -> Iterator[list[Block]]:
    """Divide a document where it begins on a new host."""
    host: list[Block] = []
    for block in all_blocks:
        if host and any(command.opens for command in block.commands):
            yield host
            host = []
        host.append(block)
    yield host


def lines(host: list[Block], place: Path) -> Iterator[str]:
    """Write the script that types blocks and takes down what they print and end with."""
    yield 'sudo() { "$@"; }'
    for number, block in enumerate(host):
        yield f"exec 3>{place / 'codes'}.{number}"
        yield "{"
        for command in block.commands:
            yield command.line.replace(TMP, f"{place}/")
            yield "echo $? >&3"
        yield "true"
        yield f"}} >{place / 'out'}.{number} 2>&1 </dev/null"


def differences(block: Block, place: Path, number: int) -> Iterator[str]:
    """Compare what happened with what the document says."""
    codes = (place / f"codes.{number}").read_text().split()
    said = (place / f"out.{number}").read_text().replace(f"{place}/", TMP)
    for command, code in zip(block.commands, codes, strict=True):
        if int(code) != command.code:
            yield f"{command.place}: {command.line}: ended with {code}\n{said}"
    if block.shown is not None and not pattern(block.shown).fullmatch(timeless(said)):
        compared = difflib.unified_diff(
            timeless(block.shown).splitlines(), timeless(said).splitlines(), "shown", "printed", n=1
        )
        yield f"{block.commands[-1].place}:\n" + "\n".join(compared)


def timeless(text: str) -> str:
    """Take out how long things took, and blanks at the ends of lines."""
    for found, put in TIMES:
        text = found.sub(put, text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def pattern(shown: str) -> re.Pattern[str]:
    """Write what is shown as a pattern."""
    parts = (
        "(?:.*\n)*" if line == "…" else re.escape(line) + "\n"
        for line in timeless(shown).splitlines()
    )
    return re.compile("".join(parts))


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Callable[[str], Page]]:
    """Give a document, to be typed."""
    yield lambda name: Page(ROOT / name, tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)
