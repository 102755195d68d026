"""
What can still be checked of a document that is wrong by the schema.

All errors at once means those of the second look as well. So each entry that the schema finds
fault with is taken out, with all that depends on it, and what is found in the rest is true.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from netkit.spec import ranges
from netkit.spec.report import Finding, escape, steps

TOP_WORDS = {"name": "unnamed", "prefix": "", "description": "", "$schema": ""}
LISTS = ("links", "checks")
OPEN = {"netns": {"name": "unknown"}}  # of such a namespace nothing is known, so nothing is missed


class Hopeless(Exception):
    """A whole section is no section, so nothing can be said of the others."""


def salvage(document: Any, findings: Iterable[Finding]) -> tuple[dict[str, Any], frozenset[str]]:
    """
    Take out what the findings are about.

    Returns:
        The rest, and the pointers of the entries that are no longer what was written.

    Raises:
        Hopeless: There is no rest.
    """
    if not isinstance(document, dict):
        raise Hopeless
    rest = {**document, "name": document.get("name", TOP_WORDS["name"])}
    tainted: set[tuple[str, str]] = set()
    for finding in findings:
        path = steps(finding.pointer)
        if len(path) > 1:
            tainted.add((path[0], path[1]))
        elif path and path[0] in TOP_WORDS:
            rest[path[0]] = TOP_WORDS[path[0]]
        elif path and finding.at_key:
            rest.pop(path[0], None)
        elif path or "name" in document:
            raise Hopeless
    tainted |= {("namespaces", name) for name in _dependents(document, tainted)}
    for section, entry in tainted:
        _take_out(rest, section, entry)
    return rest, frozenset(f"/{section}/{escape(entry)}" for section, entry in tainted)


def _take_out(rest: dict[str, Any], section: str, entry: str) -> None:
    if section in LISTS:
        rest[section] = list(rest[section])
        rest[section][int(entry)] = None
    elif section == "namespaces":
        rest[section] = {**rest[section], entry: OPEN}
    else:
        rest[section] = {**rest[section], entry: {}}


def _dependents(document: dict[str, Any], tainted: set[tuple[str, str]]) -> set[str]:
    """Name the namespaces that a network or a link would have given something."""
    namespaces = document.get("namespaces", {})
    found: set[str] = set()
    if any(section == "networks" for section, _ in tainted):
        found |= {key for key, value in namespaces.items() if _is_member(value)}
    ended = {
        name for section, entry in tainted if section == "links" for name in _ends(document, entry)
    }
    for key in namespaces:
        if not ended.isdisjoint(_names(key)):
            found.add(key)
    return found


def _is_member(value: Any) -> bool:
    return isinstance(value, dict) and bool(value.get("networks"))


def _ends(document: dict[str, Any], entry: str) -> Iterable[str]:
    link = document["links"][int(entry)]
    ends = link.get("ends") if isinstance(link, dict) else None
    if not isinstance(ends, list) or not all(isinstance(end, str) for end in ends):
        raise Hopeless
    for end in ends:
        yield from _names(end.partition(":")[0])


def _names(text: str) -> set[str]:
    try:
        return {name for name, _ in ranges.names(text)}
    except ValueError:
        return {text}


def is_tainted(pointer: str, tainted: frozenset[str]) -> bool:
    """Say whether a finding is about an entry that was taken out."""
    return "/".join(pointer.split("/", 3)[:3]) in tainted
