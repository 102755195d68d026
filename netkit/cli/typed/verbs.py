"""Groups of commands, whose verbs are made only when they are called by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperGroup

from netkit.cli.typed.command import command_of
from netkit.cli.typed.light import Light
from netkit.cli.typed.menu import VERBS, function_of


class Group(Light, TyperGroup):
    """A group of verbs: says which there are, and makes one when it is called."""

    naming = False
    """Only names are wanted, for a completion: no module is imported for them."""

    def names(self) -> Iterable[str]:
        """Name all verbs."""
        raise NotImplementedError

    def summary(self, verb: str) -> str:
        """Say in one line what a verb does."""
        raise NotImplementedError

    def command(self, verb: str) -> Any:
        """Make the command of a verb; None when there is none of that name."""
        raise NotImplementedError

    def list_commands(self, ctx: Any) -> list[str]:
        """Name all verbs."""
        return list(self.names())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Make the command of a verb; None when there is none of that name."""
        if self.naming:
            return TyperCommand(name=cmd_name, help=self.summary(cmd_name))
        return self.command(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one line for each verb."""
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, self.summary(verb)) for verb in self.names()])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Say what comes after the noun."""
        return ["VERB [ARGUMENTS]..."]

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Give the verbs that begin so."""
        self.naming = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self.naming = False


OTHERWISE = {
    **{"remove": "rm", "delete": "rm", "del": "rm", "list": "ls", "show": "inspect"},
    **{"add": "create", "new": "create", "attach": "connect", "join": "connect"},
    **{"detach": "disconnect", "leave": "disconnect"},
}
"""What Docker, iproute2 and libnetwork call these verbs."""


class Own(Group):
    """A noun whose verbs are commands of their own, as the menu has them."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the verb that was typed, or say what it is called here."""
        meant = OTHERWISE.get(args[0], "")
        if meant in self.names() and not ctx.resilient_parsing:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {meant!r}?")
        return super().resolve_command(ctx, args)

    def names(self) -> Iterable[str]:
        """Name all verbs."""
        return VERBS[str(self.name)]

    def summary(self, verb: str) -> str:
        """Say in one line what a verb does."""
        return VERBS[str(self.name)][verb][0]

    def command(self, verb: str) -> Any:
        """Make the command of a verb; None when there is none of that name."""
        function = function_of(f"{self.name} {verb}")
        return None if function is None else command_of(verb, function)


def made(kind: type[Group], name: str, help: str) -> Any:
    """Give the group of a noun."""
    group = kind(
        name=name,
        help=help,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    group.commands = dict.fromkeys(group.names())  # type: ignore[assignment] # for suggestions
    return group


def group(name: str, help: str) -> Any:
    """Give the group of a noun of the menu."""
    return made(Own, name, help)
