"""What a person sees: paint on a terminal, none in a pipe; tables in both."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Literal, TextIO

PAINTS = {"green": "32", "yellow": "33", "red": "31", "cyan": "36", "bold": "1", "dim": "2"}
MARKS = {
    "ok": "green",
    "in order": "green",
    "drifted": "red",
    "cut off": "red",
    "unknown": "red",
    "FAIL": "red",
    "ERROR": "red",
    "skipped": "dim",
}
"""First words of rows that say how something went."""
GAP = "  "
UNKNOWN_WIDTH = 80


def is_terminal(stream: TextIO) -> bool:
    """Say whether a person looks at ``stream``."""
    return stream.isatty()


def colours(stream: TextIO) -> bool:
    """Say whether ``stream`` may be painted: a terminal, and nobody said NO_COLOR."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


def painted(text: str, paint: str, stream: TextIO | None = None) -> str:
    """Give ``text`` in a colour, where colours are seen."""
    if not text or not colours(stream or sys.stdout):
        return text
    return f"\x1b[{PAINTS[paint]}m{text}\x1b[0m"


def say(text: str) -> None:
    """Write an answer."""
    sys.stdout.write(f"{text}\n")


def remark(text: str) -> None:
    """Write what is not the answer itself, such as what to do next."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, marked: bool = False) -> None:
    """
    Write rows below each other, their columns aligned.

    Args:
        head: One word for each column.
        rows: Of as many cells.
        marked: The first cell says how it went, and is painted.
    """
    lines = [tuple(str(cell) for cell in row) for row in rows]
    if not lines:
        if is_terminal(sys.stdout):
            remark("none")
        return
    titles = tuple(title.upper() for title in head)
    widths = [max(map(len, column)) for column in zip(titles, *lines, strict=True)]
    if is_terminal(sys.stdout) and sum(widths) + len(GAP) * len(widths) > _width():
        _folded(titles, lines, marked=marked)
        return
    say(painted(_aligned(titles, widths), "bold"))
    for line in lines:
        text = _aligned(line, widths)
        if marked:
            text = painted(line[0], MARKS[line[0]]) + text[len(line[0]) :]
        say(text)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return GAP.join(padded).rstrip()


def _folded(titles: Sequence[str], lines: Sequence[Sequence[str]], *, marked: bool) -> None:
    """Leave to rich a table that is wider than the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    wide = Table(*titles, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for line in lines:
        style = MARKS[line[0]] if marked else ""
        wide.add_row(Text(line[0], style), *(Text(cell) for cell in line[1:]))
    paints: Literal["auto"] | None = "auto" if colours(sys.stdout) else None
    Console(color_system=paints, highlight=False).print(wide)


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or UNKNOWN_WIDTH
    except OSError:
        return UNKNOWN_WIDTH
