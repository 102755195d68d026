"""
The prospect of an edit: of a spec, only what the edit touches is read, planned and verified.

    documents before, after ─▶ touched ─┬─ part:    their parts, filled and expanded
                                        ├─ wide:    with what tells the chains of the whole spec
                                        └─ more:    all of both
                                     ─▶ of both States what the edit touches ─▶ look, plan

What it touches: the namespaces whose entries differ, with all that is in them; the networks they
join or leave; and what follows from that elsewhere, such as the others' hosts files. What belongs
to the whole spec (its chains on the host, its hidden namespace, forwarding) is left out while the
edit does not change it, and else taken as the whole says it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from netkit.apply.admission.neighborhood import check_claims
from netkit.apply.admission.presence import check_parents
from netkit.apply.filling.filling import fill_here
from netkit.apply.filling.parents import parent_mtus
from netkit.apply.ownership.claims import Claimed
from netkit.apply.prospect import NO_ALLOTMENTS, Ending, Prospect, compared, prospect
from netkit.apply.recall.foreign import is_ended, left_alone, meet, places_ended
from netkit.apply.recall.recall import others
from netkit.apply.session import Session
from netkit.errors import ConflictError, SpecError
from netkit.expand.expand import expand
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import FOREIGN, Allotments, about, ports_by_seat, replaced
from netkit.model.firewall import FIREWALL
from netkit.model.link import Link
from netkit.model.object import Key, Object
from netkit.model.state import State
from netkit.model.topology import Topology
from netkit.names import hidden_netns
from netkit.spec import topology as checked
from netkit.spec.cut import Touched, cut, spelled, touched, widened
from netkit.spec.sections.ipam import DEFAULT, NULL, allots
from netkit.spec.written import SECTIONS, members
from netkit.state.memory import Stored
from netkit.value import Value, replace

WAY_OUT = (
    "start it first; netkit network disconnect --force takes it out of a network all the same,"
    " netkit namespace rm out of the spec"
)


class Edit(Value, frozen=True):
    """
    An edit of a spec.

    Args:
        stored: The spec as it is applied.
        before: What it says, spelled.
        after: What it is to say, spelled.
        touched: What they say differently.
        needed: The foreign namespaces that must be there.
    """

    stored: Stored
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    touched: Touched
    needed: frozenset[str]

    @property
    def spec(self) -> str:
        """The spec's name."""
        return self.stored.name

    @property
    def leased(self) -> frozenset[str]:
        """The networks of which a plugin may have a say in what is chosen."""
        return frozenset(
            name
            for document in (self.before, self.after)
            for name, entry in document.get("networks", {}).items()
            if allots(entry) not in {DEFAULT, NULL}
        )

    @property
    def altered(self) -> frozenset[str]:
        """The networks that are new, or say something else than before."""
        was, now = (each.get("networks", {}) for each in (self.before, self.after))
        return frozenset(name for name in now if now[name] != was.get(name))

    @property
    def around(self) -> frozenset[str]:
        """The networks that are touched, and those that a touched namespace is in."""
        found = set(self.touched.networks)
        for document in (self.before, self.after):
            for name in self.touched.sandboxes & document.get("namespaces", {}).keys():
                found |= members(document["namespaces"][name]).keys()
        return frozenset(found)

    @property
    def members(self) -> frozenset[str]:
        """The namespaces that are in a network that is touched."""
        return frozenset(
            name
            for document in (self.before, self.after)
            for name, entry in document.get("namespaces", {}).items()
            if not self.touched.networks.isdisjoint(members(entry))
        )


class Sides(Value, frozen=True):
    """
    What an edit leads from and to.

    Args:
        former: What the spec asked for.
        desired: What it asks for now.
        filled: What says so.
        allotments: What is chosen for all of it now, as plain values.
        ended: Which foreign namespaces are there no longer, a line each.
    """

    former: State
    desired: State
    filled: Topology
    allotments: Mapping[str, Any]
    ended: tuple[str, ...] = ()


def amended(
    session: Session,
    document: Mapping[str, Any],
    *,
    force: bool = False,
    absent_too: bool = False,
) -> Prospect:
    """
    Say what applying an edited spec would do.

    Args:
        session: What is remembered, and the hands that look.
        document: All of it, as it is to be.
        force: Read, plan and verify all of it.
        absent_too: Leave out foreign namespaces that are not there, even those that are edited.

    Raises:
        NetkitError: It cannot be applied beside what is there.
        SpecError: The edit makes it unsound.
    """
    stored = session.memory.spec(document["name"])
    if force or stored is None or session.memory.intent(document["name"]) is not None:
        return prospect(session, checked(document), ignore_extra=True, absent_too=absent_too)
    stored = replace(stored, allotments={**NO_ALLOTMENTS, **stored.allotments})  # an older one's
    before, after = spelled(json.loads(stored.document)), spelled(document)
    found = touched(before, after)
    if found is None:
        return prospect(session, checked(document), ignore_extra=True, absent_too=absent_too)
    if found.lessened:
        checked(document)
    edit = Edit(stored, before, after, found, frozenset() if absent_too else found.sandboxes)
    little = _part(session, edit, wide=False)
    if little is None and edit.leased:
        return prospect(session, checked(document), ignore_extra=True, absent_too=absent_too)
    sides = little or _part(session, edit, wide=True) or _more(session, edit)
    _refuse_moves(stored.allotments, sides.allotments, found)
    check_claims(sides.desired, lambda everyone: others(session, edit.spec, everyone))
    if found.altered:
        check_parents(session.runner, sides.filled, sides.desired, edit.altered)
    claims = Claimed(edit.spec, sides.desired, sides.former, ignore_extra=True, partial=True)
    if little is not None:
        claims = replace(claims, crowded=frozenset({None, hidden_netns(edit.spec)}))
    text = json.dumps(document, ensure_ascii=False)
    planned = compared(session, claims, Ending.KEEP, said=sides.filled)
    ports = ports_by_seat(stored.allotments["ports"])
    return planned.keeping(text, sides.allotments, sides.ended, ports=ports)


def _part(session: Session, edit: Edit, *, wide: bool) -> Sides | None:
    """
    Tell the sides by their parts alone; None where that would not tell all.

    Args:
        session: Where parents and foreign namespaces are looked for.
        edit: What is touched.
        wide: With what tells that which belongs to the whole spec.
    """
    if edit.touched.altered and not wide:
        return None
    before, after = (cut(each, edit.touched) for each in (edit.before, edit.after))
    networks = before.get("networks", {}).keys() | after.get("networks", {}).keys()
    if not edit.leased.isdisjoint(networks):
        return None
    remembered = edit.stored.allotments
    if wide:
        before, after = widened(edit.before, before), widened(edit.after, after)
    else:
        remembered = about(remembered, networks)
    try:
        sides = _sides(session, before, after, Allotments.from_json(remembered), needed=edit.needed)
    except SpecError:  # all that is wrong is said of all of it
        return None
    if not wide and _of_all(sides.former, edit.spec) != _of_all(sides.desired, edit.spec):
        return None
    chosen = about(sides.allotments, networks)
    allotments = replaced(edit.stored.allotments, networks, chosen)
    named = {name for name, entry in edit.after.get("namespaces", {}).items() if "netns" in entry}
    seen = {name: each for name, each in allotments[FOREIGN].items() if name in named}
    allotments = {**allotments, FOREIGN: seen}
    return _touched_sides(replace(sides, allotments=allotments), edit, whole=wide)


def _more(session: Session, edit: Edit) -> Sides:
    """Tell the sides by all that both documents say; what is read is still only what differs."""
    remembered = Allotments.from_json(edit.stored.allotments)
    sides = _sides(session, edit.before, edit.after, remembered, needed=edit.needed)
    return _touched_sides(sides, edit, whole=True)


def _sides(
    session: Session,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    remembered: Allotments,
    *,
    needed: frozenset[str],
) -> Sides:
    """Fill and expand two documents."""
    now, was = checked(after), checked(before)
    known = remembered.foreign
    met = meet(now, known, needed=needed, way_out=WAY_OUT)
    former = expand(fill(was, remembered, parents=parent_mtus(session, met.topology))[0])
    remembered = replace(remembered, foreign=met.foreign)
    filled, allotted = fill_here(session, met.topology, remembered)
    here = {each.place for each in met.foreign.values() if not is_ended(each)}
    ended = places_ended({**known, **met.foreign}) - here
    former = left_alone(former, ended)
    return Sides(former, expand(filled), filled, allotted.to_json(), met.ended)


def _refuse_moves(before: Mapping[str, Any], after: Mapping[str, Any], edit: Touched) -> None:
    """
    Refuse an edit that takes a name, address or port that was allotted from who has it.

    Raises:
        ConflictError: It says whose.
    """
    devices = {(network, name): ifname for network, name, ifname in before["devices"]}
    for network, name, ifname in after["devices"]:
        if (had := devices.get((network, name), ifname)) != ifname:
            raise ConflictError(
                f"{had} of {name} is its device in network {network}",
                hint=f"another name; netkit namespace inspect {name} shows them all",
            )
    opened = ports_by_seat(after["ports"])
    for (network, name), ports in ports_by_seat(before["ports"]).items():
        for said, first in ports.items():
            if opened.get((network, name), {}).get(said, first) != first:
                raise ConflictError(
                    f"port {first} of the host leads to {name} in network {network}: {said}",
                    hint=f"another port; netkit network inspect {network} shows them all",
                )
    held = {(network, name): cidrs for network, name, cidrs in before["addresses"]}
    for network, name, cidrs in after["addresses"]:
        lost = [cidr for cidr in held.get((network, name), ()) if cidr not in cidrs]
        if lost and name not in edit.sandboxes:
            raise ConflictError(
                f"{lost[0].partition('/')[0]} is {name}'s in network {network}",
                hint=f"another address; netkit network inspect {network} shows them all",
            )


def _touched_sides(sides: Sides, edit: Edit, *, whole: bool) -> Sides:
    """
    Keep of both sides what the edit touches; what is kept of one is kept of the other, too.

    Args:
        sides: Of the spec, or of a part of it that tells all of this.
        edit: What is touched.
        whole: What belongs to the whole spec is told rightly, and kept as well.
    """
    former, desired = sides.former, sides.desired
    differing = _differing(former, desired)
    rebuilt = any(
        isinstance(item, Link) and _place(item)[0] == "networks"
        for item in (*former, *desired)
        if item.key in differing
    )

    around = edit.around
    members = edit.members if rebuilt else frozenset()

    def counts(item: Object) -> bool:
        section, name = _place(item)
        if _is_of_all(item, edit.spec):
            hidden = item.netns is not None and not isinstance(item, FIREWALL)
            return whole or hidden
        if section == "networks":
            return name in around
        if name in edit.touched.sandboxes or name in members:
            return section == "namespaces"
        return item.key in differing

    keys = {item.key for side in (former, desired) for item in side if counts(item)}
    former, desired = (side.where(lambda item: item.key in keys) for side in (former, desired))
    return replace(sides, former=former, desired=desired)


def _differing(one: State, other: State) -> set[Key]:
    keys = one.objects.keys() | other.objects.keys()
    return {key for key in keys if one.get(key) != other.get(key)}


def _of_all(state: State, spec: str) -> State:
    return state.where(lambda item: _is_of_all(item, spec))


def _is_of_all(item: Object, spec: str) -> bool:
    """Say whether something belongs to no network or namespace alone."""
    if isinstance(item, FIREWALL) and item.netns in {None, hidden_netns(spec)}:
        return True
    return _place(item)[0] not in SECTIONS


def _place(item: Object) -> tuple[str, str]:
    """Say which entry of the document asked for something: its section, and its name."""
    _, section, name, *_ = (*item.origin.split("/", 3), "", "")
    return (section, name) if name else ("", "")
