"""
What a command takes, as its signature declares it: typer reads it, and so does ``direct``.

    Spec = Annotated[str, Argument(metavar="SPEC", help="A file.")]
    Json = Annotated[bool, Option("--json", help="Answer in JSON.")]

    def validate(spec: Spec, *, as_json: Json = False) -> int: ...

What several commands take alike is one parameter, of a class of options:

    class Manner(Options, frozen=True, kw_only=True):
        as_json: Json = False

    def rm(names: Names, *, manner: Manner = USUAL) -> None: ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from netkit.value import Value

CONVERTERS: dict[Any, Callable[[Any], Any]] = {
    str: str,
    int: int,
    float: float,
    bool: bool,
    list[str]: lambda values: [str(each) for each in values],
    list[int]: lambda values: [int(each) for each in values],
}
"""By the type in a signature: from what was typed to a value; ValueError where it is none."""


class Argument:
    """
    A word by its place: a parameter before the star.

    Args:
        metavar: What help calls it.
        help: Its line.
        autocompletion: Gives the words that begin like one.
    """

    def __init__(
        self, *, metavar: str, help: str, autocompletion: Callable[..., list[str]] | None = None
    ) -> None:
        self.metavar = metavar
        self.help = help
        self.autocompletion = autocompletion


class Option:
    """
    A word by its name: a parameter after the star.

    Args:
        names: Of which each may be typed: ``--netns``, ``-n``.
        metavar: What help calls its value; None for a flag.
        help: Its line.
        autocompletion: Gives the values that begin like one.
    """

    def __init__(
        self,
        *names: str,
        help: str,
        metavar: str | None = None,
        autocompletion: Callable[..., list[str]] | None = None,
    ) -> None:
        self.names = names
        self.metavar = metavar
        self.help = help
        self.autocompletion = autocompletion


class Options(Value, frozen=True, kw_only=True):
    """Options that several commands share; each attribute is one, with its default."""


def parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Give what a command takes, by name: its annotations, those of Options in their place."""
    found: dict[str, Any] = {}
    for name, hint in get_type_hints(function, include_extras=True).items():
        found |= get_type_hints(hint, include_extras=True) if _is_group(hint) else {name: hint}
    return found


def gathered(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Put what was typed into its Options, as the function takes it; none of several is nothing."""
    found = dict(given)
    for name, hint in get_type_hints(function).items():
        if _is_group(hint):
            own = {key: found.pop(key) for key in hint.__struct_fields__ if key in found}
            said = {key: value for key, value in own.items() if value not in ([], ())}
            found[name] = hint(**said)
    return found


def _is_group(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Options)
