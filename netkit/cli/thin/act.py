"""What is done with the commands that a verb has built: run, printed, or asked and shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from netkit.cli.told.envelope import reply
from netkit.cli.told.screen import say
from netkit.command.command import Command
from netkit.command.step import Step
from netkit.errors import ExistsError
from netkit.ops.reference import resolve
from netkit.run.enter import home_path
from netkit.run.job import Job
from netkit.run.process import call
from netkit.run.sayings import refusal
from netkit.run.system import SystemRunner

LIMIT = 60.0


def act(
    command: str,
    built: Step | Iterable[Step],
    *,
    place: str | None,
    asks: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """
    Do what a verb says.

    Args:
        command: Noun and verb.
        built: One step, or several.
        place: The namespace, as typed; None for the one netkit runs in.
        asks: The layout of the answer; empty for what changes something.
        dry_run: Print the lines only.
        as_json: Answer in JSON.
    """
    netns = None if place is None else resolve(place)
    steps = tuple(built) if isinstance(built, Sequence) else (built,)
    steps = tuple(step.within(netns) for step in steps)
    lines = [str(step) for step in steps]
    if dry_run:
        _rehearse(command, lines, as_json=as_json)
    elif asks:
        _ask(command, steps, asks, as_json=as_json)
    else:
        _run(Job(netns, steps))
        if as_json:
            reply(command, {"commands": lines})


def _run(job: Job) -> None:
    try:
        SystemRunner().run([job])
    except ExistsError as error:
        error.hint = ""  # of a transaction's: here nobody else need have been at work
        raise


def reachable(place: str) -> str:
    """Name a namespace as an argument of ``ip``, which knows names and paths."""
    netns = resolve(place)
    return home_path() if netns is None else netns


def _rehearse(command: str, lines: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        reply(command, {"dry_run": True, "commands": list(lines)})
    else:
        say("\n".join(lines))


def _ask(command: str, steps: Sequence[Any], asks: str, *, as_json: bool) -> None:
    texts = [_answer(step) for step in steps]
    if as_json:
        reply(command, _data(texts, asks))
        return
    from netkit.cli.thin.show import show

    show(asks, steps, texts)


def _answer(question: Command) -> str:
    """Ask one question; through the tool itself, since some answers have many lines."""
    ended = call(question.argv, input=question.input or "", limit=LIMIT)
    if ended.code != 0:
        said = ended.stderr if ended.code is not None else f"it did not end within {LIMIT:g} s"
        raise refusal(str(question), ended.code or 1, said)
    return ended.stdout


def _data(texts: Sequence[str], asks: str) -> Any:
    if asks == "lines":
        return [line for text in texts for line in text.splitlines()]
    if asks == "conntrack":
        from netkit.cli.thin.flows import flows

        return [flow for text in texts for flow in flows(text)]
    return [entry for text in texts for entry in json.loads(text or "[]") if entry]
