"""
What a command takes, as its signature declares it: typer reads it, and so does ``direct``.

    Spec = Annotated[str, Argument(metavar="SPEC", help="A file.")]
    Json = Annotated[bool, Option("--json", help="Answer in JSON.")]

    def validate(spec: Spec, *, as_json: Json = False) -> int: ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
