"""How what went wrong is said: to a person on standard error, to a machine in the envelope."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from netkit.cli.told.envelope import FAILED, reply
from netkit.cli.told.screen import painted
from netkit.cli.typed.menu import COMMANDS, GROUP, THIN
from netkit.errors import CommandError, NetkitError, Problem, SpecError, UnwrittenError

BUG_EXIT = 1
USAGE_EXIT = 2
DEBUG = "NETKIT_DEBUG"


def complain(error: Exception, argv: Sequence[str]) -> int:
    """
    Say what went wrong.

    Args:
        error: Of netkit's tree, of typer's, or a bug.
        argv: What was typed.

    Returns:
        The exit code.
    """
    error = _blamed(error)
    if os.environ.get(DEBUG) and not _is_usage(error):
        import traceback

        traceback.print_exception(error)
    if not _answered(error, argv):
        sys.stderr.writelines(f"{line}\n" for line in lines(error))
    if isinstance(error, NetkitError):
        return error.exit_code
    return USAGE_EXIT if _is_usage(error) else BUG_EXIT


def _answered(error: Exception, argv: Sequence[str]) -> bool:
    """Answer in JSON where that was asked for, after all that was said before, if it can be."""
    if isinstance(error, UnwrittenError):
        return False
    asked = wants_json(argv)
    try:
        if asked:
            reply(_typed(argv), status=FAILED, errors=list(entries(error)))
        sys.stdout.flush()
    except UnwrittenError as unwritten:
        sys.stderr.writelines(f"{line}\n" for line in lines(unwritten))
        return False
    return asked


def _blamed(error: Exception) -> Exception:
    """Where nobody thought of an error, see whether the memory holds nonsense, and say that."""
    if isinstance(error, NetkitError) or _is_usage(error):
        return error
    from netkit.apply.recall.recall import check
    from netkit.apply.session import reading

    with suppress(Exception), reading() as session:
        try:
            check(session.memory)
        except NetkitError as found:
            found.__cause__ = error
            for note in getattr(error, "__notes__", ()):
                found.add_note(note)
            return found
    return error


def wants_json(argv: Sequence[str]) -> bool:
    """Say whether an answer in JSON was asked for, even if the words could not be understood."""
    own = argv[: argv.index("--")] if "--" in argv else argv
    asked = ("--json", "--format=json")
    return any(word in asked for word in own) or ("--format", "json") in pairwise(own)


def lines(error: Exception) -> Iterator[str]:
    """Say an error to a person."""
    if isinstance(error, SpecError):
        yield from spec_lines(error)
        return
    if _is_usage(error):
        yield from _usage_lines(error)
        return
    if not isinstance(error, NetkitError):
        yield f"{_red('netkit failed unexpectedly')}: {type(error).__name__}: {fit(str(error))}"
        yield from map(fit, getattr(error, "__notes__", ()))
        yield f"This is a bug of netkit's: please report it, with what {DEBUG}=1 shows."
        return
    if isinstance(error, CommandError):
        yield _red("a command failed:")
        yield f"  {fit(error.command)}"
        yield f"  said: {fit(error.said) or '(nothing)'} (exit code {error.returncode})"
        if error.pointer:
            yield f"  from: {fit(error.pointer)} of the spec"
    else:
        yield f"{_red('error:')} {fit(error.message)}"
    yield from map(fit, getattr(error, "__notes__", ()))
    if error.hint:
        yield f"hint: {fit(error.hint)}"


def fit(text: str) -> str:
    """Make a text fit for a terminal: others' names in it may hold what moves a cursor."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in "\n\t" else ascii(char)[1:-1] for char in text
    )


def spec_lines(error: SpecError) -> Iterator[str]:
    """Say all that is wrong with a spec, as a compiler would, and how many that is."""
    for problem in error.problems:
        source = fit(error.source)
        place = f"{source}:{problem.line}:{problem.column}" if problem.line else source
        where = f" {problem.pointer}:" if problem.pointer else ""
        hint = f" ({problem.hint})" if problem.hint else ""
        yield f"{painted(place, 'bold', sys.stderr)}:{where} {problem.message}{hint}"
    yield f"{_red('error:')} {fit(error.message)}"


def entries(error: Exception) -> Iterator[dict[str, Any]]:
    """Say an error to a machine."""
    if isinstance(error, SpecError):
        for problem in error.problems:
            yield _entry(error.code, problem.message, problem.hint, pointer=problem.pointer) | {
                "line": problem.line,
                "column": problem.column,
                "source": error.source,
            }
    elif isinstance(error, CommandError):
        yield _entry(error.code, error.message, error.hint, pointer=error.pointer) | {
            "command": error.command,
            "returncode": error.returncode,
            "said": error.said,
            "notes": list(getattr(error, "__notes__", ())),
        }
    elif isinstance(error, NetkitError):
        for each in error.problems or (Problem("", error.message),):
            found = _entry(error.code, each.message, each.hint or error.hint, pointer=each.pointer)
            yield found | _notes(error)
    elif _is_usage(error):
        yield _entry("usage", _sentence(error), "")
    else:
        what = f"{type(error).__name__}: {error}"
        yield _entry("bug", what, f"{DEBUG}=1 shows where") | _notes(error)


def _notes(error: Exception) -> dict[str, Any]:
    notes = list(getattr(error, "__notes__", ()))
    return {"notes": notes} if notes else {}


def _entry(code: str, message: str, hint: str, *, pointer: str = "") -> dict[str, Any]:
    return {
        "code": code,
        "message": message,
        "hint": hint,
        "pointer": pointer,
        "line": 0,
        "column": 0,
    }


def _is_usage(error: Exception) -> bool:
    """Say whether typer could not understand the words; where it keeps its errors changes."""
    return hasattr(error, "format_message")


def _usage_lines(error: Any) -> Iterator[str]:
    sentence = _sentence(error)
    if sentence.startswith("Usage:"):  # nothing was said at all
        yield sentence
        return
    yield f"{_red('error:')} {sentence}"
    ctx = getattr(error, "ctx", None)
    if ctx is not None:
        yield ctx.get_usage().strip()
        yield f"hint: {ctx.command_path} --help"


def _sentence(error: Any) -> str:
    return str(error.format_message()).rstrip(".")


def _red(text: str) -> str:
    return painted(text, "red", sys.stderr)


def _typed(argv: Sequence[str]) -> str:
    """Name the command; the verb as well where there are several."""
    if argv[0] in COMMANDS and COMMANDS[argv[0]][1] in {THIN, GROUP}:
        return " ".join([argv[0], *(word for word in argv[1:2] if not word.startswith("-"))])
    return argv[0]
