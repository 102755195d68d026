"""The root of all commands, which imports a command only when it is called by name."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from netkit.cli.typed.command import command_of
from netkit.cli.typed.light import Light
from netkit.cli.typed.menu import COMMANDS, function_of, overview


class Menu(Light, TyperGroup):
    """A group whose commands are those of ``menu``."""

    naming = False
    """Only names are wanted, for a completion: no module is imported for them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        summary, place = COMMANDS[cmd_name]
        if self.naming:
            return TyperCommand(name=cmd_name, help=summary)
        function = function_of(cmd_name)
        if function is None:
            return import_module(f"netkit.cli.{place}").group(cmd_name, summary)
        return command_of(cmd_name, function)

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

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Give the commands that begin so."""
        self.naming = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self.naming = False

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
