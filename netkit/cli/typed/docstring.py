"""Docstrings in Google's manner, read for what a help text needs."""

from __future__ import annotations

import inspect
import re

from netkit.value import Value

SECTION = re.compile(r"(Args|Returns|Raises|Yields|Source|Example|Examples|Equivalent to):\s*(.*)")


class Told(Value, frozen=True):
    """
    What a docstring tells.

    Args:
        summary: Its first line.
        body: The paragraphs before the first section.
        equivalent: The shell line, without back-quotes; empty when there is none.
        examples: The lines of the section of that name.
        args: Help of each argument.
    """

    summary: str
    body: str
    equivalent: str
    examples: tuple[str, ...]
    args: dict[str, str]


def told(text: str | None) -> Told:
    """Read a docstring."""
    sections: dict[str, list[str]] = {"": []}
    name = ""
    for line in inspect.cleandoc(text or "").splitlines():
        if found := SECTION.fullmatch(line):
            name = found[1]
            sections[name] = [found[2]] if found[2] else []
        else:
            sections[name].append(line)
    summary, _, body = "\n".join(sections[""]).strip().partition("\n")
    examples = sections.get("Example", sections.get("Examples", []))
    return Told(
        summary=bare(summary),
        body=bare(body.strip()),
        equivalent=bare(" ".join(sections.get("Equivalent to", [])).strip()),
        examples=tuple(line.strip() for line in examples if line.strip()),
        args=_args(sections.get("Args", [])),
    )


def bare(text: str) -> str:
    """Take the marks of reStructuredText away."""
    return text.replace("``", "")


def _args(lines: list[str]) -> dict[str, str]:
    args: dict[str, str] = {}
    name = ""
    for line in lines:
        if found := re.fullmatch(r"    (\w+): (.*)", line):
            name = found[1]
            args[name] = bare(found[2].strip())
        elif name and line.strip():
            args[name] += " " + bare(line.strip())
    return args
