"""The root of all commands, which imports a command only when it is called by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import typer
from typer.main import get_command

from netkit.cli.typed.command import command_of
from netkit.cli.typed.menu import COMMANDS, function_of, overview
from netkit.cli.typed.verbs import Group


class Menu(Group):
    """A group whose commands are those of ``menu``."""

    def names(self) -> Iterable[str]:
        """Name all commands."""
        return COMMANDS

    def summary(self, verb: str) -> str:
        """Say in one line what a command does."""
        return COMMANDS[verb][0]

    def command(self, verb: str) -> Any:
        """Import a command; None when there is none of that name."""
        if verb not in COMMANDS:
            return None
        function = function_of(verb)
        if function is not None:
            return command_of(verb, function)
        summary, place = COMMANDS[verb]
        return import_module(f"netkit.cli.{place}").group(verb, summary)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that was typed, or say which one may have been meant."""
        if not args[0].startswith("-") and args[0] not in COMMANDS and not ctx.resilient_parsing:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Say what comes after the program's name."""
        return ["COMMAND [ARGUMENTS]..."]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help that needs no command."""
        formatter.write(f"{overview()}\n")


def root() -> Any:
    """Give the command of all commands."""
    app = typer.Typer(
        cls=Menu,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_netkit)
    return get_command(app)


def _netkit() -> None:
    """Begin nothing by itself: every word after it is a command's."""
