"""
From the signature of a builder to the words of a command line.

    add(to, *, via=None, onlink=False, nexthops=()) ─▶ add TO [--via VIA] [--onlink] [--nexthop …]

Parameters before the star are arguments, the others options. ``netns`` of a builder, the place a
device is made in or moved to, is ``--into``, since ``--netns`` says where a command acts.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args

from netkit.cli.thin.act import act
from netkit.cli.thin.hops import FORM, hops
from netkit.cli.typed import command
from netkit.cli.typed.complete import devices, namespaces
from netkit.cli.typed.docstring import Told, told
from netkit.cli.typed.options import DryRun, Json, Netns
from netkit.cli.typed.parameter import Argument, Option
from netkit.value import Value

PLACES = frozenset({"netns", "peer_netns"})
DEVICES = frozenset({"dev", "ifname", "master", "parent", "iif", "oif", "in_", "out", "br"})
LIVE = frozenset({"netns.delete", "netns.pids", "netns.set_id"})
"""Builders whose name is that of a namespace which must be there."""
RENAMED = {"netns": "into", "nexthops": "nexthop"}
WITHOUT_PLACE = frozenset({"ns"})
LEADS = {
    "Build the command that ": "",
    "Build the commands that ": "",
    "Build the step that ": "",
    "Build the question for ": "Shows ",
    "Build the questions for ": "Shows ",
}


class Word(Value, frozen=True):
    """
    One parameter of a builder.

    Args:
        name: In the builder.
        kind: What is typed: str, int, float, bool, or list for several next hops.
        keyword: It is an option.
        default: ``inspect.Parameter.empty`` when it must be given.
        help: Its line.
        place: It names a namespace.
    """

    name: str
    kind: type
    keyword: bool
    default: Any
    help: str
    place: bool

    @property
    def dest(self) -> str:
        """Its name in the command's own function."""
        return RENAMED.get(self.name, self.name)

    @property
    def typed(self) -> str:
        """Its name on the command line."""
        return typed(self.name)

    def parameter(self) -> inspect.Parameter:
        """Give it as a parameter of the command."""
        kind: Any = list[str] if self.kind is list else self.kind
        default = None if self.kind is list else self.default
        typed: Any = kind | None if default is None else kind
        annotation = Annotated[typed, self._shown()]
        return inspect.Parameter(
            self.dest, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )

    def _shown(self) -> Any:
        more: dict[str, Any] = {"help": self.help, "autocompletion": self._completion()}
        name = self.typed.upper()
        if not self.keyword:
            return Argument(metavar=name, **more)
        if self.kind is not bool:
            return Option(f"--{self.typed}", metavar=name, **more)
        if self.default is False:
            return Option(f"--{self.typed}", **more)
        contrary = "--down" if self.typed == "up" else f"--no-{self.typed}"
        return Option(f"--{self.typed}/{contrary}", **more)

    def _completion(self) -> Callable[..., Any] | None:
        if self.place:
            return namespaces
        return devices if self.name in DEVICES else None


def words_of(function: Callable[..., Any]) -> tuple[Word, ...]:
    """Read a builder's parameters."""
    doc = spoken(function)
    live = f"{function.__module__.rpartition('.')[2]}.{function.__name__}" in LIVE
    return tuple(
        _word(each, doc, place=each.name in PLACES or (live and each.name == "name"))
        for each in inspect.signature(function, eval_str=True).parameters.values()
    )


def typed(name: str) -> str:
    """Give the name of a parameter as it is typed."""
    return RENAMED.get(name, name).rstrip("_").replace("_", "-")


def spoken(function: Callable[..., Any]) -> Told:
    """Read a builder's docstring; its parameters are called there as they are typed."""
    text = function.__doc__ or ""
    for each in inspect.signature(function).parameters.values():
        option = each.kind is inspect.Parameter.KEYWORD_ONLY
        word = f"--{typed(each.name)}" if option else typed(each.name).upper()
        text = text.replace(f"``{each.name}``", f"``{word}``")
    return told(text)


def _word(taken: inspect.Parameter, doc: Told, *, place: bool) -> Word:
    parts = get_args(taken.annotation) or (taken.annotation,)
    kinds = {part for part in parts if part is not type(None)}
    kind: type
    if taken.default == ():
        kind = list
    else:
        kind = kinds.pop() if len(kinds) == 1 and kinds <= {int, float, bool} else str
    help = doc.args.get(taken.name, "")
    return Word(
        name=taken.name,
        kind=kind,
        keyword=taken.kind is inspect.Parameter.KEYWORD_ONLY,
        default=taken.default,
        help=f"{help} {FORM}" if kind is list else help,
        place=place,
    )


def summary(doc: Told) -> str:
    """Say what a verb does; the docstring of its builder says what the builder does."""
    text = doc.summary
    for lead, instead in LEADS.items():
        if text.startswith(lead):
            text = instead + text.removeprefix(lead)
    return text[:1].upper() + text[1:]


def command_of(
    noun: str, verb: str, function: Callable[..., Any], *, example: str, asks: str
) -> Any:
    """
    Make the command of a verb.

    Args:
        noun: The group it stands in.
        verb: As typed.
        function: The builder.
        example: What may follow.
        asks: The layout of its answer; empty for what changes something.
    """
    words = words_of(function)

    def run(**given: Any) -> None:
        first = [_meant(word, given[word.dest]) for word in words if not word.keyword]
        rest = {word.name: _meant(word, given[word.dest]) for word in words if word.keyword}
        act(
            f"{noun} {verb}",
            function(*first, **rest),
            place=given.get("netns"),
            asks=asks,
            dry_run=given["dry_run"],
            as_json=given["as_json"],
        )

    parameters = [word.parameter() for word in words] + _common(noun)
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    doc = spoken(function)
    line = f"netkit {noun} {verb} {example}".rstrip()
    full = Told(summary(doc), doc.body, doc.equivalent, (line,), doc.args)
    return command.command_of(verb, run, help=command.help_of(full))


def _common(noun: str) -> list[inspect.Parameter]:
    named: dict[str, tuple[Any, Any]] = {
        "netns": (Netns, None),
        "dry_run": (DryRun, False),
        "as_json": (Json, False),
    }
    if noun in WITHOUT_PLACE:
        del named["netns"]
    return [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
        for name, (annotation, default) in named.items()
    ]


def _meant(word: Word, value: Any) -> Any:
    """Turn what was typed into what the builder takes."""
    if word.kind is list:
        return hops(value or ())
    if word.name in PLACES and value is not None:
        from netkit.cli.thin.act import reachable

        return reachable(value)
    return value
