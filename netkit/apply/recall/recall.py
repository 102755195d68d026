"""What the memory holds, as the States and specs that it stands for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from netkit.apply.recall.foreign import left_alone, places_ended
from netkit.apply.session import Session
from netkit.errors import NetkitError, SpecError
from netkit.expand.expand import expand
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.model import record
from netkit.model.state import State
from netkit.model.topology import Topology
from netkit.spec import document
from netkit.spec import topology as checked
from netkit.state.memory import Intent, Memory, Stored

FOREIGN_PLACES = ('"host"', '"host:', '"netns"', '"parent"')
"""What a spec as remembered holds when it speaks of places that it did not make."""


def words(topology: Topology) -> str:
    """Give a spec as the memory keeps it: as it was written, what it leaves open left open."""
    return topology.written or json.dumps(document(topology), ensure_ascii=False)


def read_again(text: str) -> Topology:
    """
    Read a spec as the memory keeps it.

    Raises:
        NetkitError: It is none.
    """
    try:
        found = json.loads(text)
        if not isinstance(found, dict) or "name" not in found:
            raise ValueError("it is no object with a name")
        return checked(found)
    except (TypeError, ValueError, RecursionError, SpecError) as error:
        raise NetkitError(
            f"a remembered spec cannot be read: {error}",
            hint="netkit destroy --all removes what netkit made, by its marks",
        ) from error


def check(memory: Memory) -> None:
    """
    Hold that all that is remembered of specs can be read.

    Raises:
        NetkitError: It says of which it cannot.
    """
    for stored in memory.specs():
        try:
            filled(stored.document, stored.allotments)
        except NetkitError as error:
            raise NetkitError(f"{stored.name}: {error}", hint=error.hint) from error
    for intent in memory.intents():
        before(intent)


def filled(text: str, allotments: Any) -> Topology:
    """Give a remembered spec with nothing left open."""
    return fill(read_again(text), Allotments.from_json(allotments))[0]


def wanted(text: str, allotments: Any) -> State:
    """Say what a remembered spec asks for, but for where foreign namespaces have ended."""
    kept = Allotments.from_json(allotments)
    state = expand(fill(read_again(text), kept)[0])
    return left_alone(state, places_ended(kept.foreign))


def before(intent: Intent) -> State:
    """
    Give what was a spec's own before a transaction that was cut off.

    Raises:
        NetkitError: The journal is damaged.
    """
    try:
        ended = places_ended(Allotments.from_json(intent.allotments).foreign)
        return left_alone(record.read(intent.before), ended)
    except ValueError as error:
        raise NetkitError(
            f"the journal of {intent.spec} cannot be read: {error}",
            hint="netkit destroy --all removes what netkit made, by its marks",
        ) from error


def stored(session: Session, name: str) -> Stored:
    """
    Give a spec as it is applied.

    Raises:
        NetkitError: No spec of this name is.
    """
    found = session.memory.spec(name)
    if found is None:
        known = ", ".join(each.name for each in session.memory.specs()) or "none"
        raise NetkitError(f"no spec called {name} is applied", hint=f"applied: {known}")
    return found


def known_names(session: Session) -> Iterator[str]:
    """Name the specs that are applied, or were about to be."""
    yield from session.memory.names()
    yield from (each.spec for each in session.memory.intents())


def others(session: Session, name: str, everyone: bool) -> Mapping[str, State]:
    """
    Say what other specs want.

    Args:
        session: What is remembered.
        name: Of the spec that is not meant.
        everyone: Also of specs that stay in places of their own.
    """
    return {
        each.name: wanted(each.document, each.allotments)
        for each in session.memory.specs()
        if each.name != name and (everyone or any(word in each.document for word in FOREIGN_PLACES))
    }
