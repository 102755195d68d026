"""Which namespace somebody means: a name, a pid, a path, or a spec's own short name."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from netkit.errors import NetkitError, UsageError
from netkit.facts import netns as facts
from netkit.model.object import Netns
from netkit.names import HOST
from netkit.run.enter import RUN_NETNS, path_of

if TYPE_CHECKING:
    from netkit.state.memory import Memory

PID = "pid:"
SHOWN = 12


def resolve(reference: str, memory: Memory | None = None) -> Netns:
    """
    Find the namespace that somebody means.

    ======================  ==============================================
    ``con1``                a name under /run/netns
    ``shop/con1``           the namespace con1 of the spec shop, as applied
    ``pid:1234``, ``1234``  where that process is; no name is all digits
    ``/proc/1234/ns/net``   a file; also ``./file``
    ``host``                where netkit itself runs
    ======================  ==============================================

    Args:
        reference: As typed.
        memory: Where applied specs are kept; opened when it is needed and not given.

    Raises:
        UsageError: It can mean nothing.
        NetkitError: There is no such namespace; the hint has the nearest names.
    """
    if not reference or "\0" in reference:
        raise UsageError(f"{reference!r} is not a namespace", hint=_ways())
    if reference == HOST:
        return None
    if reference.startswith(("/", "./", "../")):
        return _path(reference)
    if reference.startswith(PID) or _is_number(reference):
        return _pid(reference.removeprefix(PID))
    if "/" in reference:
        return _of_spec(reference, memory)
    if reference in {".", ".."} or not os.path.lexists(path_of(reference)):
        raise absent(reference, facts.names())
    return reference


def etc_name(netns: Netns) -> str | None:
    """Give the name whose files under /etc/netns belong to a namespace; None where none can."""
    if netns is None or not netns.startswith("/"):
        return netns
    try:
        folder, name = os.path.split(os.path.realpath(netns))
    except OSError:
        return None  # a process whose links may be followed, but not read
    return name if folder == os.path.realpath(RUN_NETNS) else None


def absent(name: str, known: Iterable[str], what: str = "namespace") -> NetkitError:
    """Say that there is no such thing, and what comes nearest."""
    known = tuple(known)
    near = get_close_matches(name, known, n=3)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    elif known:
        more = ", ..." if len(known) > SHOWN else ""
        hint = f"there are: {', '.join(known[:SHOWN])}{more}"
    else:
        hint = f"there is no {what} at all: netkit apply makes them"
    return NetkitError(f"there is no {what} {name}", hint=hint)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _path(reference: str) -> str:
    path = os.path.abspath(reference)
    if not os.path.lexists(path):
        raise NetkitError(f"there is no file {path}", hint=_ways())
    return path


def _pid(number: str) -> str:
    if not _is_number(number):
        raise UsageError(f"{number!r} is not the number of a process", hint=_ways())
    path = f"/proc/{int(number)}/ns/net"
    if not os.path.lexists(path):
        raise NetkitError(f"there is no process {int(number)}", hint="ps -e lists them")
    return path


def _of_spec(reference: str, memory: Memory | None) -> Netns:
    from netkit.spec.written import entries

    name, _, short = reference.partition("/")
    stored = _specs(memory)
    if name not in stored:
        raise absent(name, stored, "applied spec")
    if short == HOST:
        return None
    try:
        document: Mapping[str, Any] = json.loads(stored[name])
        namespaces = entries(document.get("namespaces", {}))
        netns = _kernel_netns(document, namespaces[short], short) if short in namespaces else ""
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise NetkitError(
            f"the remembered spec {name} cannot be read: {error!r}",
            hint="netkit destroy --all removes what netkit made, by its marks",
        ) from error
    if short not in namespaces:
        raise absent(reference, [f"{name}/{each}" for each in namespaces])
    if not os.path.lexists(path_of(netns)):
        raise NetkitError(
            f"{reference} should be the namespace {netns}, which is gone",
            hint="netkit apply makes it again",
        )
    return netns


def _kernel_netns(document: Mapping[str, Any], sandbox: Mapping[str, Any], short: str) -> str:
    """Name a spec's namespace as the kernel knows it; without ``netns`` netkit has made it."""
    foreign = sandbox.get("netns")
    if foreign is None:
        return f"{document.get('prefix', '')}{short}"
    if "pid" in foreign:
        return f"/proc/{foreign['pid']}/ns/net"
    return str(foreign.get("path") or foreign["name"])


def _specs(memory: Memory | None) -> dict[str, str]:
    if memory is not None:
        return {stored.name: stored.document for stored in memory.specs()}
    from netkit.state.memory import Memory
    from netkit.state.place import folder

    opened = Memory(folder())
    try:
        return _specs(opened)
    finally:
        opened.close()


def _ways() -> str:
    return "a name as 'ip netns list' shows it, SPEC/NAME, pid:1234, a path, or host"
