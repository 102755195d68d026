"""
What an edit of a document touches, and the part of a document that tells it all.

    edit: con2 joins frontend             touched    con2, frontend
                                          cut        con2 and the members of frontend, whole;
                                                     every network that one of them is in;
                                                     of their other members only that they are

An edit of the whole, such as one more network, leads to more of it: a part, ``widened``.

A part is a document like any other. What it says of what is touched is what the whole would say:
addresses, names and gateways of a network follow from its members alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netkit.names import HOST
from netkit.spec import ranges
from netkit.spec.written import Object, entries, members, with_members
from netkit.value import Value

SECTIONS = ("networks", "namespaces")
LEFT_OUT = frozenset({"checks", "description"})


class Touched(Value, frozen=True):
    """
    What two documents say differently.

    Args:
        networks: Of which the entry or a membership differs.
        sandboxes: Of which the entry differs.
        altered: A network's own entry does.
        lessened: Something is there no longer, to which another part may refer.
    """

    networks: frozenset[str]
    sandboxes: frozenset[str]
    altered: bool
    lessened: bool


def spelled(document: Object) -> dict[str, Any]:
    """Write out the names of a document, but for what builds nothing."""
    rest = {key: value for key, value in document.items() if key not in LEFT_OUT}
    return rest | {section: entries(rest[section]) for section in SECTIONS if section in rest}


def touched(before: Object, after: Object) -> Touched | None:
    """
    Say what an edit touches.

    Args:
        before: A spelled document.
        after: Another.

    Returns:
        None where they differ in more than networks and namespaces.
    """
    rest = (before.keys() | after.keys()) - {*SECTIONS}
    if any(before.get(key) != after.get(key) for key in rest):
        return None
    networks = set(_differing(before, after, "networks"))
    sandboxes = set(_differing(before, after, "namespaces"))
    altered = bool(networks)
    lessened = not sandboxes <= after.get("namespaces", {}).keys()
    for name in sandboxes:
        was, shall = (members(each.get("namespaces", {}).get(name, {})) for each in (before, after))
        networks |= {key for key in was.keys() | shall.keys() if was.get(key) != shall.get(key)}
        lessened |= not was.keys() <= shall.keys()
    return Touched(frozenset(networks), frozenset(sandboxes), altered=altered, lessened=lessened)


def _differing(before: Object, after: Object, section: str) -> Iterator[str]:
    one, other = before.get(section, {}), after.get(section, {})
    for name in one.keys() | other.keys():
        if (name in one) != (name in other) or one.get(name) != other.get(name):
            yield name


def cut(document: Object, edit: Touched) -> dict[str, Any]:
    """
    Give the part of a document that tells all of what an edit touches.

    Args:
        document: A spelled one.
        edit: What is touched.
    """
    sandboxes: Mapping[str, Any] = document.get("namespaces", {})
    networks: Mapping[str, Any] = document.get("networks", {})
    joined = {name: members(entry) for name, entry in sandboxes.items()}
    whole = {name for name, found in joined.items() if not edit.networks.isdisjoint(found)}
    whole |= edit.sandboxes & sandboxes.keys()
    whole |= set(ends(document))
    kept = edit.networks | {network for name in whole for network in joined.get(name, ())}
    return {
        **document,
        "networks": {name: entry for name, entry in networks.items() if name in kept},
        "namespaces": {
            name: entry if name in whole else _stub(entry, joined[name], kept)
            for name, entry in sandboxes.items()
            if name in whole or not kept.isdisjoint(joined[name])
        },
    }


def widened(document: Object, part: Object) -> dict[str, Any]:
    """
    Add to a part all that tells what belongs to the whole, such as the chains of a spec.

    That are all networks, and who publishes, is a gateway or a parent, or is the host; of the other
    members of networks that are not in the part it says nothing.
    """
    networks: Mapping[str, Any] = document.get("networks", {})
    parents = {str(each.get("parent", "")).partition(":")[0] for each in networks.values()}
    sandboxes = document.get("namespaces", {})
    kept = part["namespaces"]
    return {
        **document,
        "networks": networks,
        "namespaces": {
            name: entry if weighs else kept[name]
            for name, entry in sandboxes.items()
            if (weighs := name in {HOST, *parents} or _weighs(entry)) or name in kept
        },
    }


def _weighs(entry: Object) -> bool:
    """Say whether a member says more of itself than where it is."""
    return any("publish" in said or "addresses" in said for said in members(entry).values())


def _stub(entry: Object, joined: Mapping[str, Object], kept: frozenset[str]) -> dict[str, Any]:
    """Say of a namespace only where it is, and in which of the networks."""
    place = {"netns": entry["netns"]} if "netns" in entry else {}
    return with_members(place, {name: said for name, said in joined.items() if name in kept})


def ends(document: Object) -> Iterator[str]:
    """Name the namespaces at the ends of links."""
    for link in document.get("links", ()):
        for end in link["ends"]:
            for name, _ in ranges.names(end.partition(":")[0]):
                yield name
