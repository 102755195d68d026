"""
The usual words, read without typer, which takes longer to start than a small network to build.

What is not wholly understood here is left to typer: help, completion, all that is wrong, groups of
commands, and spellings that few use, such as ``--name=x``. So each word has one meaning, and a test
holds both readers to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, get_args

from netkit.cli.typed.menu import VERBS, function_of
from netkit.cli.typed.parameter import CONVERTERS, Argument, Option, gathered, parameters

Function = Callable[..., Any]
Given = dict[str, Any]


class _OddError(Exception):
    """Typer has to look at these words."""


def read(argv: Sequence[str]) -> tuple[Function, Given] | None:
    """
    Read a command line.

    Args:
        argv: The words after ``netkit``.

    Returns:
        The command's function, and what to call it with; None where typer has to look.
    """
    count = 2 if argv[0] in VERBS else 1
    function = function_of(" ".join(argv[:count]))
    given = None if function is None else understood(function, argv[count:])
    return None if function is None or given is None else (function, given)


def understood(function: Function, words: Sequence[str]) -> Given | None:
    """
    Read the words of one command.

    Returns:
        What was typed, by parameter; what was not is left to the defaults. None where typer has to
        look.
    """
    arguments: dict[str, Any] = {}
    options: dict[str, tuple[str, Any]] = {}
    for name, hint in parameters(function).items():
        declared = getattr(hint, "__metadata__", (None,))[0]
        if isinstance(declared, Argument):
            arguments[name] = _kind(hint)
        elif isinstance(declared, Option):
            options |= dict.fromkeys(declared.names, (name, _kind(hint)))
        elif name != "return":
            return None
    try:
        if getattr(function, "passes_on", False):
            return _placed(function, arguments, words)
        rest, given = _named(options, words)
        return gathered(function, given | _placed(function, arguments, rest))
    except (_OddError, ValueError):
        return None


def _kind(hint: Any) -> Any:
    """Give the type of what is typed, which is never None."""
    kind = hint.__origin__
    if isinstance(kind, UnionType):
        return next(part for part in get_args(kind) if part is not NoneType)
    return kind


def _named(options: Mapping[str, tuple[str, Any]], words: Iterable[str]) -> tuple[list[str], Given]:
    """Read the options, and give the words that are left."""
    rest: list[str] = []
    given: Given = {}
    left = iter(words)
    for word in left:
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        name, kind = options.get(word, ("", None))
        if kind == list[str]:
            given[name] = [*given.get(name, ()), _plain(next(left, ""))]
            continue
        if kind is None or name in given:
            raise _OddError
        given[name] = kind is bool or CONVERTERS[kind](_plain(next(left, "")))
    return rest, given


def _placed(function: Any, arguments: Mapping[str, Any], words: Sequence[str]) -> Given:
    """Read the arguments; the last of them may take all that is left."""
    required = function.__code__.co_argcount - len(function.__defaults__ or ())
    given: Given = {}
    left = list(words)
    for place, (name, kind) in enumerate(arguments.items()):
        if not left:
            if place < required:
                raise _OddError
        elif kind == list[str]:
            given[name], left = left, []
        else:
            given[name] = CONVERTERS[kind](_plain(left.pop(0)))
    if left:
        raise _OddError
    return given


def _plain(word: str) -> str:
    """Let a word pass that can be nothing but a value."""
    if (word.startswith("-") and word != "-") or not word:
        raise _OddError
    return word
