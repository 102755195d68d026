"""
A document as written: what stands in it, found and altered without checking it.

    "h[1-20]": {"networks": ["lan"]}        entries:   h1 … h20, each with all that is said of it
                                            singled:   "h[1-6,8-20]": …, "h7": …, to alter h7 alone

Nothing is filled in and nothing is lost: what the user left open stays open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netkit.names import HOST
from netkit.spec import ranges
from netkit.spec.ranges import Expansion, Range
from netkit.spec.report import At, Report

SECTIONS = ("networks", "namespaces", "links")
"""Those that make something."""

Object = Mapping[str, Any]


def entries(section: Object) -> dict[str, Any]:
    """Write out the keys of a section: each name with all that is said of it."""
    if not any("[" in key for key in section):
        return dict(section)
    written = Expansion(Report()).keys(section, At())
    return {name: value for name, (value, _) in written.items()}


def members(sandbox: Object) -> dict[str, Object]:
    """Say which networks a namespace is in, and what it says of each."""
    said = sandbox.get("networks", ())
    if isinstance(said, Mapping):
        return entries(said)
    return {name: {} for text in said for name, _ in ranges.names(text)}


def with_members(sandbox: Object, found: Mapping[str, Object]) -> dict[str, Any]:
    """Give a namespace other networks, in a list where there is no more to say of any."""
    rest = {key: value for key, value in sandbox.items() if key != "networks"}
    if not found:
        return rest
    if any(found.values()) or isinstance(sandbox.get("networks"), Mapping):
        return {**rest, "networks": dict(found)}
    return {**rest, "networks": list(found)}


def kernel_netns(document: Object, name: str, sandbox: Object) -> str | None:
    """Name a namespace of a document as the kernel's tools know it; None for the host's own."""
    if name == HOST or _shares_host(document.get("networks", {}), sandbox):
        return None
    foreign = sandbox.get("netns")
    if foreign is None:
        return f"{document.get('prefix', '')}{name}"
    if "pid" in foreign:
        return f"/proc/{foreign['pid']}/ns/net"
    return str(foreign.get("path") or foreign["name"])


def _shares_host(networks: Object, sandbox: Object) -> bool:
    """Say whether a namespace is in a network of the driver host."""
    named = (networks.get(name, {}) for name in members(sandbox))
    return any(each.get("driver") == HOST for each in named)


def singled(section: Object, name: str) -> dict[str, Any]:
    """Give a section in which no range stands for ``name``, which has a key of its own."""
    spans = {key: span for key in section if (span := ranges.read_range(key)) is not None}
    around = {key: number for key, span in spans.items() if (number := _number(span, name))}
    if not around:
        return dict(section)
    whole = entries(section)[name]
    found: dict[str, Any] = {}
    for key, value in section.items():
        if key in around:
            found |= _without(spans[key], value, around[key])
        if key in around or key == name:
            found[name] = whole
        else:
            found[key] = value
    return found


def _number(span: Range, name: str) -> tuple[int] | None:
    """Say which number of a range makes a name, in a tuple since it may be 0."""
    return next(((number,) for number in span.numbers if span.name(number) == name), None)


def _without(span: Range, value: Any, number: tuple[int]) -> Iterator[tuple[str, Any]]:
    """Write a range with one number less; nothing is left of a range of one."""
    spans = tuple(part for each in span.spans for part in _cut(*each, *number))
    rest = Range(span.head, spans, span.width, span.tail)
    if len(rest) == 1:
        yield rest.first, ranges.fill(value, spans[0][0])
    elif spans:
        yield rest.text, value


def _cut(first: int, last: int, number: int) -> Iterator[tuple[int, int]]:
    if not first <= number <= last:
        yield first, last
        return
    if first < number:
        yield first, number - 1
    if number < last:
        yield number + 1, last
