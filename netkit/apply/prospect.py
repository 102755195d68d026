"""
What would happen: look, compare, plan. Nothing is changed here.

    memory ── what was applied, and what was cut off ──▶ former State ─┐
    spec ──── fill, expand ────────────────────────────▶ desired State ─┼─▶ look ─▶ own ─▶ plan
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from netkit.apply.admission.conflicts import check_conflicts, left_behind
from netkit.apply.admission.guests import yielded
from netkit.apply.admission.neighborhood import check_claims, check_name, check_sockets
from netkit.apply.admission.presence import check_parents, check_presence
from netkit.apply.admission.subnets import check_subnets, shadowed
from netkit.apply.admission.vacancy import residents
from netkit.apply.deferred.settling import read_settled
from netkit.apply.filling.filling import fill_here
from netkit.apply.ownership.claims import Claimed, claimed
from netkit.apply.ownership.ownership import left_to_the_user, without_idle
from netkit.apply.recall.foreign import meet
from netkit.apply.recall.recall import before, known_names, others, words
from netkit.apply.recall.recall import wanted as asked
from netkit.apply.recall.recollection import recollected
from netkit.apply.session import Session
from netkit.apply.values.former import Restored, lent, not_known, without_ended
from netkit.apply.values.values import complete, with_values
from netkit.errors import NetkitError
from netkit.expand.expand import expand
from netkit.expand.ipam.allotments import Allotments, ports_by_seat
from netkit.expand.ipam.ports import Chosen, opened
from netkit.facts.read import read
from netkit.facts.scope import Scope, narrowed, scope
from netkit.model.addressing import FdbEntry, Neighbor
from netkit.model.firewall import Chain, Jump, Policy
from netkit.model.netns import Namespace
from netkit.model.object import Key, Netns, Object
from netkit.model.routing import Route, Rule
from netkit.model.setting import Qdisc, Sysctl
from netkit.model.state import NOTHING, State
from netkit.model.topology import Topology
from netkit.names import chain, group
from netkit.plan.change import Change
from netkit.plan.lower import lower
from netkit.plan.phase import Planned
from netkit.plan.plan import plan
from netkit.run.enter import home_path
from netkit.value import Value, replace

if TYPE_CHECKING:
    from netkit.apply.admission.entrances import Entrances
    from netkit.apply.filling.reservation import Reserved
    from netkit.command.plugin import PluginCall

NO_ALLOTMENTS: Mapping[str, Any] = Allotments().to_json()
EVERYTHING = "--all"
"""Stands for the name of a spec, where all are meant; no spec can bear it."""
UNLOOKED = (Route, Rule, Neighbor, FdbEntry, Qdisc, Sysctl, Chain, Jump, Policy)


class Ending(Enum):
    """What the memory holds of a spec afterwards."""

    KEEP = "keep"
    """The spec as it was applied now."""
    FORGET = "forget"
    """Nothing."""
    LEAVE = "leave"
    """What it held before: this was the way back."""


class Prospect(Value, frozen=True):
    """
    What would happen.

    Args:
        name: The spec.
        topology: With nothing left open; None when the spec goes.
        document: The spec as it was written, as JSON; empty when it goes.
        allotments: What was chosen for it, as plain values.
        claimed: What it has a claim to.
        scope: What was looked at.
        seen: All that is there.
        current: What of it is the spec's.
        desired: What must be.
        changes: The way from one to the other.
        steps: The same, to be typed.
        restored: What becomes of the host's values that it no longer says.
        ending: What the memory holds afterwards.
        residents: Who lives in namespaces that go: a line each.
        notes: What is good to know and hinders nothing.
        ended: Which foreign namespaces are there no longer, a line each; among the notes, too.
        reservations: What plugins are asked before anything else; the plan then stands on guesses.
        guesses: Addresses and subnets that only stand for their answers.
    """

    name: str
    topology: Topology | None
    document: str
    allotments: Mapping[str, Any]
    claimed: Claimed
    scope: Scope
    seen: State
    current: State
    desired: State
    changes: tuple[Change, ...]
    steps: tuple[Planned, ...]
    restored: Restored
    ending: Ending
    residents: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    reservations: tuple[PluginCall, ...] = ()
    guesses: frozenset[str] = frozenset()

    def keeping(
        self,
        document: str,
        allotments: Mapping[str, Any],
        ended: tuple[str, ...],
        *,
        ports: Chosen,
    ) -> Prospect:
        """
        Give the same, with what is to be remembered of the spec, and which namespaces ended.

        Args:
            document: The spec as it was written.
            allotments: What was chosen for it.
            ended: A line each.
            ports: Which ports of the host were chosen before; it is told of others.
        """
        anew = opened(ports, ports_by_seat(allotments["ports"])) if allotments["ports"] else ()
        return replace(
            self,
            document=document,
            allotments=allotments,
            ended=ended,
            notes=(*ended, *anew, *self.notes),
        )


def prospect(
    session: Session,
    topology: Topology,
    *,
    adopt: bool = False,
    ignore_extra: bool = False,
    absent_too: bool = False,
) -> Prospect:
    """
    Say what applying a spec would do.

    Args:
        session: What is remembered, and the hands that look.
        topology: The spec.
        adopt: Take over what has the name of something in the spec, whosever it is.
        ignore_extra: Leave alone what no spec said, even in the spec's namespaces.
        absent_too: Leave out foreign namespaces that are not there, and do not look for the parents
            of networks that nobody is in.

    Raises:
        NetkitError: It cannot be applied beside what is there.
    """
    stored = session.memory.spec(topology.name)
    kept = None if stored is None else Allotments.from_json(stored.allotments)
    remembered = _remembered(session, topology, kept)
    met = meet(topology, remembered.foreign, needed=() if absent_too else None)
    document, topology = words(topology), met.topology
    remembered = replace(remembered, foreign=met.foreign)
    reserved = _reserved(session, topology)
    if reserved is not None:
        remembered = reserved.overlaid(remembered)
    filled, allotments = fill_here(session, topology, remembered)
    desired = expand(filled)
    if not absent_too:
        check_parents(session.runner, filled, desired)
    same = (
        stored is not None and not met.ended and stored.document == document and kept == allotments
    )
    claims = claimed(session, topology.name, desired, desired if same else None)
    if adopt or ignore_extra:
        claims = replace(claims, adopt=adopt, ignore_extra=ignore_extra)
    check_claims(desired, lambda everyone: others(session, topology.name, everyone))
    found = compared(session, claims, Ending.KEEP, said=filled)
    found = replace(found, topology=filled).keeping(
        document, allotments.to_json(), met.ended, ports=remembered.ports
    )
    if reserved is None or not reserved.wanted:
        return found
    return replace(found, reservations=reserved.calls(topology), guesses=reserved.guesses(filled))


def _remembered(session: Session, topology: Topology, kept: Allotments | None) -> Allotments:
    """Give what was chosen for a spec: by what was cut off, and ``kept`` when it was applied."""
    intent = session.memory.intent(topology.name)
    begun = Allotments() if intent is None else Allotments.from_json(intent.allotments)
    if kept is not None:
        return begun.merged(kept)
    return recollected(session, topology) if intent is None else begun


def _reserved(session: Session, topology: Topology) -> Reserved | None:
    """Give what plugins gave a spec, and what they are still to be asked for."""
    if not any(network.ipam.is_remote for network in topology.networks):
        return None
    from netkit.apply.filling.reservation import reserved  # of few networks

    return reserved(session, topology)


def farewell(session: Session, name: str, *, document: str = "") -> Prospect:
    """
    Say what destroying a spec would do.

    Args:
        session: What is remembered, and the hands that look.
        name: The spec.
        document: As written in its file: says where to look for its marks if it is not remembered.

    Raises:
        NetkitError: No spec of this name is applied, and nothing bears its mark.
    """
    if session.memory.spec(name) is not None or session.memory.intent(name) is not None:
        return compared(session, claimed(session, name, NOTHING), Ending.FORGET)
    if document:
        former = asked(document, NO_ALLOTMENTS)
        found = compared(session, claimed(session, name, NOTHING, former), Ending.FORGET)
        if found.changes:
            notes = (*found.restored.notes, *not_known(session.memory, former, found.seen))
            return replace(found, restored=replace(found.restored, notes=notes))
    known = ", ".join(each.name for each in session.memory.specs()) or "none"
    raise NetkitError(f"no spec called {name} is applied", hint=f"applied: {known}")


def way_back(session: Session, name: str) -> Prospect:
    """
    Say what returns to the state before a transaction that was cut off.

    Raises:
        NetkitError: No transaction of this spec was cut off.
    """
    intent = session.memory.intent(name)
    if intent is None:
        raise NetkitError(
            f"no transaction of {name} was cut off: there is nothing to go back from",
            hint="netkit status shows what is applied",
        )
    wanted = without_idle(without_ended(session.memory, intent, before(intent)))
    if intent.partial and (stored := session.memory.spec(name)) is not None:
        wanted = asked(stored.document, stored.allotments).merged(wanted)
    claims = replace(claimed(session, name, wanted), ignore_extra=intent.partial)
    return compared(session, claims, Ending.LEAVE)


def compared(
    session: Session, claims: Claimed, ending: Ending, *, said: Topology | None = None
) -> Prospect:
    """
    Look, and compare with what a spec asks for.

    Args:
        session: What is remembered, and the hands that look.
        claims: What it asks for, and what it has a claim to.
        ending: What the memory holds afterwards.
        said: What asks for it, so that errors can point there.

    Raises:
        NetkitError: It cannot be beside what is there.
    """
    name, former = claims.name, claims.former
    going = (item for item in former.every(Namespace) if item.key not in claims.desired)
    passing = frozenset(item.netns for item in going)
    looked = _looked(claims, claims.desired, passing)
    seen = read_settled(session.runner, looked, claims.own)
    own = lent(session.memory, name, claims.own(seen))
    own = own.merged(_unlooked(own, former, passing))
    given = yielded(seen, own, claims.desired, former, anew=claims.partial)
    claims = replace(claims, desired=given.desired)
    if ending is Ending.KEEP:
        check_name(name, known_names(session), seen)
    _check_beside(seen, own, claims.desired)
    both = complete(session, claims, seen, own)
    if both.desired is not claims.desired:
        looked = _looked(claims, both.desired, passing)
    changes = plan(both.current, both.desired)
    notes = [*given.notes, *left_behind(seen, claims.desired, claims.pending)]
    notes += shadowed(seen, own, claims.desired)
    notes += left_to_the_user(seen, former, claims.desired)
    if (entrances := _entrances(claims, said)) is not None:
        entrances.check_others(seen, own, claims.desired)
        entrances.check_programs(changes)
        anew = changes if claims.partial else None
        notes += entrances.notes(seen, claims.desired, anew)
    return Prospect(
        name=name,
        topology=None,
        document="",
        allotments=NO_ALLOTMENTS,
        claimed=claims,
        scope=looked,
        seen=both.seen,
        current=both.current,
        desired=both.desired,
        changes=changes,
        steps=lower(changes, both.desired, group=group(name), home=home_path()),
        restored=both.restored,
        ending=ending,
        residents=residents(both.seen, both.current, both.desired, claims.pending),
        notes=tuple(notes),
    )


def _check_beside(seen: State, own: State, desired: State) -> None:
    """Refuse what cannot be beside what is there."""
    check_conflicts(seen, own, desired)
    check_sockets(seen, own, desired)
    check_subnets(seen, own, desired)
    check_presence(seen, desired)


def _entrances(claims: Claimed, said: Topology | None) -> Entrances | None:
    """Give what a spec publishes; None where that is nothing."""
    if not any(key in claims.desired for key in _entrance_keys(claims.name)):
        return None
    from netkit.apply.admission.entrances import Entrances  # few specs publish anything

    return Entrances(claims.name, said)


def _looked(claims: Claimed, desired: State, passing: frozenset[Netns]) -> Scope:
    looked = scope(desired, claims.former, *claims.begun, passing=passing)
    if claims.crowded:
        return narrowed(looked, claims.crowded, desired, claims.former)
    return looked


def _unlooked(own: State, former: State, passing: frozenset[Netns]) -> Iterator[Object]:
    """Take for granted what nobody looks at in namespaces that are to go: it is as it was made."""
    for item in former:
        if item.netns in passing and ("netns", item.netns) in own and isinstance(item, UNLOOKED):
            yield item


def _entrance_keys(name: str) -> tuple[Key, ...]:
    """Name the chains that hold what a spec publishes."""
    return tuple(("chain", None, family, "nat", chain("OUTPUT", name)) for family in (4, 6))


def now(session: Session, prospect: Prospect, wanted: State) -> State:
    """Look again at all that a prospect looked at, and give what of it is the spec's."""
    return own_of(session, prospect, read(session.runner, prospect.scope), wanted)


def own_of(session: Session, prospect: Prospect, seen: State, wanted: State) -> State:
    """Keep of what was seen what is the spec's, on the way to ``wanted``."""
    desired = prospect.desired
    own = prospect.claimed.own(seen, begun=desired if wanted is desired else desired.merged(wanted))
    return with_values(lent(session.memory, prospect.name, own), seen, wanted)
