"""How a function becomes a command: its signature are the words, its docstring is the help."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from netkit.cli.typed.docstring import Told, told
from netkit.cli.typed.light import Light
from netkit.cli.typed.parameter import Argument, Option, Options, gathered, parameters

PASSES_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


class Command(Light, TyperCommand):
    """A command that starts fast, whose help keeps its examples as they are."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Write the words of the usage line as a manual page would."""
        pieces = super().collect_usage_pieces(ctx)
        return [piece.replace("{", "").replace("}", "") for piece in pieces]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write what each word means; the type of an argument says nothing here."""
        shown: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                name, help = record
                if param.param_type_name == "argument":
                    name, help = name.partition(" <")[0], help.removesuffix("[required]").rstrip()
                shown[param.param_type_name].append((name, help))
        for kind, title in (("argument", "Arguments"), ("option", "Options")):
            if shown[kind]:
                with formatter.section(title):
                    formatter.write_dl(shown[kind])


def command_of(name: str, function: Callable[..., Any], *, help: str | None = None) -> Any:
    """
    Make a command out of a function.

    Args:
        name: As typed.
        function: Its parameters carry ``Option`` and ``Argument``; it gives the exit code, or None
            for 0. ``function.passes_on`` says that what follows the first argument belongs to
            another program.
        help: Instead of the docstring's.
    """
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    settings: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    if getattr(function, "passes_on", False):
        settings |= PASSES_ON
    app.command(
        name, cls=Command, help=help or help_of(told(function.__doc__)), context_settings=settings
    )(_typers(function))
    return get_command(app)


def _typers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the same function with a signature that typer reads."""

    @wraps(function)
    def run(**given: Any) -> Any:
        return function(**gathered(function, given))

    hints = parameters(function)
    found = [
        each.replace(annotation=_typed(hints[each.name]))
        for own in inspect.signature(function).parameters.values()
        for each in _parameters(own)
    ]
    run.__signature__ = inspect.Signature(found)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in found}
    return run


def _parameters(own: inspect.Parameter) -> list[inspect.Parameter]:
    """Write out what Options hold."""
    if not isinstance(own.default, Options):
        return [own]
    return [
        own.replace(name=name, default=getattr(own.default, name))
        for name in type(own.default).__struct_fields__
    ]


def _typed(hint: Any) -> Any:
    """Give a parameter's annotation as typer knows it."""
    (declared,) = hint.__metadata__
    more = {
        "metavar": declared.metavar,
        "help": declared.help,
        "autocompletion": declared.autocompletion,
    }
    match declared:
        case Argument():
            return Annotated[hint.__origin__, typer.Argument(**more)]
        case Option():
            return Annotated[hint.__origin__, typer.Option(*declared.names, **more)]
    raise TypeError(f"{declared!r} is neither an Argument nor an Option")


def help_of(doc: Told) -> str:
    """Write what ``--help`` says before the options."""
    parts = [doc.summary]
    if doc.body:
        parts.append(doc.body)
    if doc.equivalent:
        parts.append(f"\b\nEquivalent to:\n  {doc.equivalent}")
    if doc.examples:
        parts.append("\n".join(("\b\nExamples:", *(f"  {line}" for line in doc.examples))))
    return "\n\n".join(parts)
