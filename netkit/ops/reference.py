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
    from netkit.state.memory import Memory, Stored

PID = "pid:"
SHOWN = 12


def resolve(reference: str, memory: Memory | None = None) -> Netns:
    """
    Find the namespace that somebody means.

    ======================  ==============================================
    ``con1``                a name under /run/netns, else what an applied spec calls so
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
        return _of_any_spec(reference, memory)
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
    """Find a namespace by a spec and its name there."""
    name, _, short = reference.partition("/")
    stored = {each.name: each for each in _specs(memory)}
    if name not in stored:
        raise absent(name, stored, "applied spec")
    if short == HOST:
        return None
    namespaces = _places(stored[name])
    if short not in namespaces:
        raise absent(reference, [f"{name}/{each}" for each in namespaces])
    return _there(reference, short, namespaces[short], stored[name])


def _of_any_spec(name: str, memory: Memory | None) -> Netns:
    """Find a namespace that has another name in the kernel than in the one spec that has it."""
    found = [(each, places[name]) for each in _specs(memory) if name in (places := _places(each))]
    if not found:
        raise absent(name, facts.names())
    if len(found) > 1:
        ways = " or ".join(f"{each.name}/{name}" for each, _ in found)
        raise UsageError(f"several specs have a namespace {name}", hint=f"write {ways}")
    ((stored, netns),) = found
    return _there(f"{stored.name}/{name}", name, netns, stored)


def _places(stored: Stored) -> dict[str, Netns]:
    """Say where each namespace of a spec is, by its short name."""
    from netkit.spec.written import entries, kernel_netns

    try:
        document: Mapping[str, Any] = json.loads(stored.document)
        found = entries(document.get("namespaces", {}))
        return {name: kernel_netns(document, name, each) for name, each in found.items()}
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise NetkitError(
            f"the remembered spec {stored.name} cannot be read: {error!r}",
            hint="netkit destroy --all removes what netkit made, by its marks",
        ) from error


def _there(reference: str, short: str, netns: Netns, stored: Stored) -> Netns:
    """
    See that a namespace of a spec is there, and still the one that was meant.

    Raises:
        NetkitError: It is not.
    """
    if netns is None:
        return None
    if not os.path.lexists(path_of(netns)):
        raise NetkitError(
            f"{reference} should be the namespace {netns}, which is gone",
            hint="" if netns.startswith("/") else "netkit apply makes it again",
        )
    if netns.startswith("/"):
        from netkit.apply.recall.foreign import is_ended
        from netkit.expand.ipam.allotments import FOREIGN, Sighting

        seen = stored.allotments.get(FOREIGN, {}).get(short)
        if seen and is_ended(Sighting(*seen)):
            raise NetkitError(f"{reference} was that of a process which has ended")
    return netns


def _specs(memory: Memory | None) -> tuple[Stored, ...]:
    if memory is not None:
        return memory.specs()
    from netkit.state.memory import Memory
    from netkit.state.place import folder

    opened = Memory(folder())
    try:
        return _specs(opened)
    finally:
        opened.close()


def _ways() -> str:
    return "a name as 'ip netns list' shows it, SPEC/NAME, pid:1234, a path, or host"
