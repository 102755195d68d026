"""Paint on a terminal only, and tables that a pipe can read."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stderr, redirect_stdout

import pytest

from netkit.cli.told import screen
from netkit.cli.told.progress import Progress


class Terminal(io.StringIO):
    """A stream at which somebody looks."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(screen, "_width", lambda: 60)
    return Terminal()


def test_paint_is_for_terminals(terminal: Terminal) -> None:
    assert screen.painted("x", "red", terminal) == "\x1b[31mx\x1b[0m"
    assert screen.painted("x", "red", io.StringIO()) == "x"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_paint_where_it_is_not_wanted(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert screen.painted("x", "red", terminal) == "x"


def test_a_table_in_a_pipe_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    screen.table(("a", "long"), [("wider", "1"), ("b", "")])

    assert capsys.readouterr().out == "A      LONG\nwider  1\nb\n"


def test_a_table_on_a_terminal_is_painted(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        screen.table(("result", "seen"), [("ok", "1"), ("FAIL", "2")], marked=True)

    assert "\x1b[32mok\x1b[0m" in terminal.getvalue()
    assert "\x1b[31mFAIL\x1b[0m" in terminal.getvalue()


def test_a_table_too_wide_for_the_terminal_is_folded(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        screen.table(("result", "seen"), [("ok", "[red]word " * 20)], marked=True)
    lines = terminal.getvalue().splitlines()

    assert len(lines) > 2
    assert terminal.getvalue().count("[red]word") == 20


def test_a_folded_table_has_no_paint_where_it_is_not_wanted(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    with redirect_stdout(terminal):
        screen.table(("result", "seen"), [("ok", "word " * 20)], marked=True)

    assert "\x1b" not in terminal.getvalue()


def test_a_terminal_that_does_not_know_its_width_is_80_wide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.get_terminal_size", lambda _: os.terminal_size((0, 0)))

    assert screen._width() == 80


def test_a_progress_bar_is_for_terminals_and_for_what_lasts(
    terminal: Terminal,
) -> None:
    with redirect_stderr(terminal), Progress("quick") as progress:
        progress(1, 2)
    assert terminal.getvalue() == ""

    with redirect_stderr(terminal), Progress("slow") as progress:
        progress.begun -= 2
        progress(1, 2)
    assert "slow" in terminal.getvalue()
