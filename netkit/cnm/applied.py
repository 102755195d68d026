"""
Which network and which namespace somebody means, among all that is applied.

    frontend, shop/frontend    a network: where one applied spec has it, or the spec that is named
    con2, shop/con2            a namespace of a spec
    vpn                        else one that `ip netns` knows: somebody else's
    /run/docker/netns/1f0c…    a namespace file
    4711                       where that process is
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from netkit.apply.session import Session
from netkit.errors import ConflictError, NetkitError, UsageError
from netkit.facts import netns
from netkit.names import HOST, NAME
from netkit.spec.report import meant
from netkit.spec.written import entries
from netkit.value import Value

DEFAULT = "local"
"""The spec of what no spec has yet."""

Documents = Mapping[str, Mapping[str, Any]]
SECTIONS = {"networks": "network", "namespaces": "namespace"}


class Place(Value, frozen=True):
    """
    Something of a spec.

    Args:
        spec: Its name.
        name: The thing's.
    """

    spec: str
    name: str


class Member(Value, frozen=True):
    """
    A namespace, as a spec calls it.

    Args:
        name: In that spec.
        netns: Where it is, when the spec does not make it: ``{"name": …}``, path or pid.
    """

    name: str
    netns: Mapping[str, Any] | None = None


def documents(session: Session) -> Documents:
    """Give the documents of all applied specs, by name."""
    return {each.name: json.loads(each.document) for each in session.memory.specs()}


def find(known: Documents, reference: str, section: str, *, spec: str | None = None) -> Place:
    """
    Find a network or a namespace of an applied spec.

    Args:
        known: As ``documents`` gives them.
        reference: As typed.
        section: ``networks`` or ``namespaces``.
        spec: Only there.

    Raises:
        NetkitError: There is none; the hint has the nearest.
        UsageError: Several specs have one.
    """
    found = places(known, reference, section, spec=spec)
    if not found:
        raise absent(known, reference, section)
    if len(found) > 1:
        raise _ambiguous(found, SECTIONS[section])
    return found[0]


def places(
    known: Documents, reference: str, section: str, *, spec: str | None = None
) -> list[Place]:
    """Name all that a reference may mean."""
    owner, slash, name = reference.rpartition("/")
    if slash:
        if owner not in known:
            raise NetkitError(
                f"no spec called {owner} is applied",
                hint=meant(owner, known) or f"applied: {', '.join(known) or 'none'}",
            )
        spec = owner
    return [
        Place(each, name)
        for each, document in known.items()
        if spec in {None, each} and name in entries(document.get(section, {}))
    ]


def absent(known: Documents, reference: str, section: str, more: Iterable[str] = ()) -> NetkitError:
    """Say that there is no such thing, and what comes nearest."""
    what = SECTIONS[section]
    names = {name for each in known.values() for name in entries(each.get(section, {}))} | {*more}
    hint = meant(reference.rpartition("/")[2], names)
    if not hint:
        shown = ", ".join(sorted(names)[:12])
        hint = f"there is {shown}" if shown else f"netkit {what} create {reference}"
    return NetkitError(f"there is no {what} {reference}", hint=hint)


def member(
    known: Documents,
    reference: str | None,
    into: str,
    *,
    pid: int | None = None,
    path: str | None = None,
) -> Member:
    """
    Find the namespace that is to be a member of a network.

    Args:
        known: As ``documents`` gives them.
        reference: As typed; with ``pid`` or ``path`` the name it gets.
        into: The network's spec.
        pid: Of a process in it.
        path: Of its file.

    Raises:
        UsageError: It can mean several, or nothing.
        NetkitError: There is none; the hint has the nearest.
    """
    if reference is not None and pid is None and path is None:
        if reference.isascii() and reference.isdecimal():
            return _of_pid(int(reference), None)
        if reference.startswith(("/", "./", "../")):
            return _of_path(reference, None)
        return _named(known, reference, into)
    if pid is not None:
        return _of_pid(pid, reference)
    if path is not None:
        return _of_path(path, reference)
    raise UsageError("say which namespace", hint="a name, a path, or --pid PID")


def _named(known: Documents, reference: str, into: str) -> Member:
    if reference == HOST:
        return Member(HOST)
    found = places(known, reference, "namespaces")
    if Place(into, reference) in found:
        return Member(reference)
    if len(found) > 1:
        raise _ambiguous(found, "namespace")
    if found:
        (place,) = found
        return Member(
            place.name, _elsewhere(known[place.spec], place) if place.spec != into else None
        )
    names = netns.names()
    if reference in names:
        return Member(reference, {"name": reference})
    raise absent(known, reference, "namespaces", names)


def _elsewhere(document: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """Say where a namespace of another spec is."""
    entry = entries(document["namespaces"])[place.name]
    own = {"name": f"{document.get('prefix', '')}{place.name}"}
    netns: Mapping[str, Any] = entry.get("netns", own)
    return netns


def _of_pid(pid: int, name: str | None) -> Member:
    if not os.path.exists(f"/proc/{pid}"):
        raise NetkitError(f"there is no process {pid}", hint="ps -e lists them")
    return Member(_name(name, f"pid-{pid}"), {"pid": pid})


def _of_path(path: str, name: str | None) -> Member:
    path = os.path.abspath(path)
    if not os.path.exists(path):
        raise NetkitError(f"there is no file {path}", hint="ls -l /run/netns, or /proc/PID/ns/net")
    base = re.sub(r"[^A-Za-z0-9_.-]", "-", os.path.basename(path))
    return Member(_name(name, base), {"path": path})


def _name(name: str | None, otherwise: str) -> str:
    found = otherwise if name is None else name
    if not NAME.fullmatch(found) or found.startswith("nk-") or found == HOST:
        raise UsageError(
            f"{found!r} cannot be the name of a namespace",
            hint="write the name before --pid or --path",
        )
    return found


def _ambiguous(found: list[Place], what: str) -> ConflictError:
    names = " or ".join(f"{place.spec}/{place.name}" for place in found)
    return ConflictError(f"several specs have a {what} {found[0].name}", hint=f"write {names}")
