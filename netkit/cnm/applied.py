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
from contextlib import suppress
from typing import Any

from netkit.apply.recall.foreign import is_ended
from netkit.apply.session import Session
from netkit.cnm.edits import endpoints, remove_namespace
from netkit.errors import ConflictError, NetkitError, UsageError
from netkit.expand.ipam.allotments import FOREIGN, Sighting
from netkit.facts import netns
from netkit.facts.netns import inode
from netkit.names import HIDDEN_PREFIX, HOST, NAME
from netkit.spec.cut import ends
from netkit.spec.report import meant
from netkit.spec.written import entries, kernel_netns
from netkit.value import Value

DEFAULT = "local"
"""The spec of what no spec has yet."""

Documents = Mapping[str, Mapping[str, Any]]
SECTIONS = {"networks": "network", "namespaces": "namespace"}
HERE = "/proc/self/ns/net"
WAYS = "a name, a path, or --pid PID"
FILES = "ls -l /run/netns, or /proc/PID/ns/net"


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


def ended(session: Session) -> Mapping[str, Mapping[str, int]]:
    """Name the processes' namespaces that are there no longer: by spec, name and process."""
    found: dict[str, dict[str, int]] = {}
    for stored in session.memory.specs():
        for name, row in stored.allotments.get(FOREIGN, {}).items():
            seen = Sighting(*row)
            if seen.pid and is_ended(seen):
                found.setdefault(stored.name, {})[name] = seen.pid
    return found


def without(document: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, Any]:
    """Leave namespaces out of a spec, but those at an end of a link."""
    for name in names:
        if name in entries(document.get("namespaces", {})) and name not in ends(document):
            document = remove_namespace(document, name)
    return document


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


def absent(
    known: Documents,
    reference: str,
    section: str,
    more: Iterable[str] = (),
    *,
    wanted: bool = False,
) -> NetkitError:
    """
    Say that there is no such thing, and what comes nearest.

    Args:
        known: As ``documents`` gives them.
        reference: As typed.
        section: ``networks`` or ``namespaces``.
        more: Names that could be meant as well.
        wanted: It was to become a part of something, so that it may be made.
    """
    what = SECTIONS[section]
    owner, _, name = reference.rpartition("/")
    names = {name for each in known.values() for name in entries(each.get(section, {}))}
    names |= {each for each in more if not each.startswith(HIDDEN_PREFIX)}
    others = (other for other in SECTIONS if other != section)
    is_other = [SECTIONS[each] for each in others if places(known, reference, each)]
    hint = f"{reference} is a {is_other[0]}" if is_other else meant(name, names)
    if not hint:
        shown = ", ".join(sorted(names)[:12])
        create = f"netkit {what} create {name}{f' --spec {owner}' if owner else ''}"
        hint = f"there is {shown}" if shown else create
        if shown and wanted:
            hint += f"; {create} makes it"
    return NetkitError(f"there is no {what} {reference}", hint=hint)


def check_new(name: str, section: str) -> None:
    """
    Refuse ``SPEC/NAME`` for something new: the spec is said otherwise.

    Raises:
        UsageError: The name has a slash.
    """
    spec, slash, rest = name.partition("/")
    if slash:
        raise UsageError(
            f"{name} cannot be the name of a {SECTIONS[section]}",
            hint=f"netkit {SECTIONS[section]} create {rest} --spec {spec}",
        )


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
        ConflictError: The spec knows it by another name than the one that is given.
    """
    where = _where(reference, pid, path)
    if where is None:
        assert reference is not None
        found, name = _named(known, reference, into), None
    else:
        name = reference if pid is not None or path is not None else None
        found = Member(_name(name, _usual(where)), where)
    if found.netns is None:
        return found
    if inode(_place(found.netns)) is None:
        raise _nowhere(found.netns)
    there = tenant(known[into], found.netns)
    if there is None:
        return found
    if name is not None and name != there:
        raise ConflictError(
            f"this is {there} already: a namespace has one name in a spec",
            hint=f"netkit network connect NETWORK {there}",
        )
    return Member(there)


def resident(
    known: Documents,
    place: Place,
    reference: str | None,
    *,
    pid: int | None = None,
    path: str | None = None,
) -> str:
    """
    Find a member of a network as its spec calls it: by its name, or where it is.

    Args:
        known: As ``documents`` gives them.
        place: The network.
        reference: As typed.
        pid: Of a process in it.
        path: Of its file.

    Raises:
        UsageError: It can mean several, or nothing.
        NetkitError: Nobody there is called so, or is there.
    """
    document = known[place.spec]
    found = endpoints(document, place.name)
    where = _where(reference, pid, path, among=found)
    owner, _, name = (reference or "").rpartition("/")
    if where is None and not (owner in {"", place.spec} and name in found):
        with suppress(NetkitError):  # nobody is called so at all
            where = _named(known, reference or "", place.spec).netns
    there = name if where is None else tenant(document, where)
    if there is None or there not in found:
        who = reference if pid is None and path is None else f"{pid or path}"
        raise NetkitError(
            f"{who} is not in network {place.name}",
            hint=meant(name, found) or f"in it: {', '.join(found) or 'nobody'}",
        )
    return there


def tenant(document: Mapping[str, Any], netns: Mapping[str, Any]) -> str | None:
    """
    Say what a spec calls a namespace, however it is told of; None when it does not know it.

    Args:
        document: The spec.
        netns: Where it is: ``{"name": …}``, path or pid.
    """
    number = inode(_place(netns))
    if number is not None and number == inode(HERE):
        return HOST
    for name, entry in entries(document.get("namespaces", {})).items():
        place = kernel_netns(document, name, entry)
        if place is None:
            continue
        if entry.get("netns") == netns or (number is not None and inode(place) == number):
            return name
    return None


def _where(
    reference: str | None, pid: int | None, path: str | None, among: Iterable[str] = ()
) -> Mapping[str, Any] | None:
    """Say where a namespace is, when that is what was typed; None: it was called by a name."""
    if pid is not None and path is not None:
        raise UsageError("--pid and --path exclude each other")
    if pid is None and path is None:
        if reference is None:
            raise UsageError(
                "say which namespace",
                hint=f"in the network: {', '.join(among)}" if among else WAYS,
            )
        if reference.isascii() and reference.isdecimal():
            pid = int(reference)
        elif reference.startswith(("/", "./", "../")):
            path = reference
    if path is not None:
        path = os.path.abspath(path)
        if of_process := re.fullmatch(r"/proc/([0-9]+)/ns/net", path):
            return {"pid": int(of_process[1])}
        return {"path": path}
    return None if pid is None else {"pid": pid}


def _place(netns: Mapping[str, Any]) -> str:
    """Name a place as the kernel's tools know it."""
    if "pid" in netns:
        return f"/proc/{netns['pid']}/ns/net"
    return str(netns.get("path") or netns["name"])


def _nowhere(netns: Mapping[str, Any]) -> NetkitError:
    if "pid" in netns:
        return NetkitError(f"there is no process {netns['pid']}", hint="ps -e lists them")
    place = _place(netns)
    if "path" in netns and not os.path.exists(place):
        return NetkitError(f"there is no file {place}", hint=FILES)
    return NetkitError(f"{place} is no network namespace", hint=FILES)


def _usual(where: Mapping[str, Any]) -> str:
    """Give the name of a namespace that is told of only by its place."""
    if "pid" in where:
        return f"pid-{where['pid']}"
    return re.sub(r"[^A-Za-z0-9_.-]", "-", os.path.basename(where["path"]))


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
    raise absent(known, reference, "namespaces", names, wanted=True)


def _elsewhere(document: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """Say where a namespace of another spec is."""
    entry = entries(document["namespaces"])[place.name]
    own = {"name": kernel_netns(document, place.name, entry)}
    netns: Mapping[str, Any] = entry.get("netns", own)
    return netns


def _name(name: str | None, otherwise: str) -> str:
    found = otherwise if name is None else name
    if not NAME.fullmatch(found) or found.startswith(HIDDEN_PREFIX) or found == HOST:
        raise UsageError(
            f"{found!r} cannot be the name of a namespace",
            hint="write the name before --pid or --path",
        )
    return found


def _ambiguous(found: list[Place], what: str) -> ConflictError:
    names = " or ".join(f"{place.spec}/{place.name}" for place in found)
    return ConflictError(f"several specs have a {what} {found[0].name}", hint=f"write {names}")
