"""
Namespaces that netkit did not make: whether they are still there, and still those that were meant.

    {"pid": 4711}     the process with that start time, in that namespace: a later process of the
                      same number, or the same process elsewhere, is somebody else
    {"name": "vpn"}   what is there by that name, or
    {"path": "/…"}    in that file

One that has ended is as if the spec did not name it: what was made for it elsewhere (a cable's near
end, lines in the hosts files of others) goes, and nobody looks where it was, since that may be
somebody else's by now.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from netkit.errors import ConflictError, MissingError, Problem
from netkit.expand.ipam.allotments import Sighting
from netkit.expand.placement import is_made, kernel_netns
from netkit.facts.netns import inode
from netkit.facts.process import started
from netkit.model.link import Veth
from netkit.model.object import Netns, Object
from netkit.model.state import State
from netkit.model.topology import Sandbox, Topology
from netkit.names import HOST
from netkit.value import Value, replace

UNKNOWN = "?"
HERE = "/proc/self/ns/net"
Sightings = Mapping[str, Sighting]


class Met(Value, frozen=True):
    """
    A spec with those of its foreign namespaces that are there.

    Args:
        topology: Without the others.
        foreign: What was seen, now or when they were there, by their names in the spec.
        ended: Who is not there any more, a line each.
    """

    topology: Topology
    foreign: Sightings
    ended: tuple[str, ...] = ()


def meet(
    topology: Topology,
    remembered: Sightings,
    *,
    needed: Container[str] | None = None,
    way_out: str = "start it first, or correct its name",
) -> Met:
    """
    Look which of a spec's foreign namespaces are there.

    Args:
        topology: The spec.
        remembered: What was seen when it was last applied.
        needed: Names of those that must be there, unless they were seen and have ended since;
            others are left out. None: all.
        way_out: What to do about one that must be there and is not.

    Raises:
        MissingError: One that is needed is not there, and never was; all of them are named.
    """
    missing: list[Problem] = []
    foreign: dict[str, Sighting] = {}
    gone: dict[str, str] = {}
    for sandbox in topology.namespaces:
        if sandbox.netns is None or sandbox.name == HOST:
            continue
        place, before = str(kernel_netns(sandbox, "")), remembered.get(sandbox.name)
        now = _sighting(sandbox, place)
        if before is not None and before.place == place and not _is_same(before, now):
            foreign[sandbox.name] = before
            gone[sandbox.name] = f"{_called(sandbox)} has ended: what was left of it goes"
        elif now is not None:
            foreign[sandbox.name] = now
        elif needed is not None and sandbox.name not in needed:
            gone[sandbox.name] = f"{_called(sandbox)} is not there: it is left out"
        else:
            missing.append(Problem(f"{sandbox.pointer}/netns", f"there is no {_kind(sandbox)}"))
    if missing:
        raise MissingError.at(*missing, hint=f"netkit does not make it: {way_out}")
    _refuse_one_twice(topology, {name: foreign[name] for name in foreign if name not in gone})
    return Met(_without(topology, gone), foreign, tuple(gone.values()))


def _refuse_one_twice(topology: Topology, foreign: Sightings) -> None:
    """
    Refuse two names of the spec for one namespace: each would take the other's for its own.

    Raises:
        ConflictError: It says which.
    """
    if not foreign:
        return
    names = {inode(HERE): HOST}
    for sandbox in topology.namespaces:
        if is_made(sandbox):
            names.setdefault(inode(str(kernel_netns(sandbox, topology.prefix))), sandbox.name)
    for sandbox in topology.namespaces:
        if sandbox.name in foreign:
            first = names.setdefault(foreign[sandbox.name].inode, sandbox.name)
            if first != sandbox.name:
                raise ConflictError.at(
                    Problem(f"{sandbox.pointer}/netns", f"this is {first} already"),
                    hint="a namespace has one name in a spec",
                )


def places_ended(remembered: Sightings) -> frozenset[Netns]:
    """Name the places where somebody that was seen is no longer."""
    return frozenset(
        seen.place
        for seen in remembered.values()
        if (inode(seen.place) is None) or (seen.pid and not _is_alive(seen))
    )


def is_ended(seen: Sighting) -> bool:
    """Say whether somebody that was seen is there no longer."""
    return seen.place in places_ended({"": seen})


def left_alone(state: State, places: frozenset[Netns]) -> State:
    """Take out of a State what is said to be in some places: nobody is to look there."""
    return State.of(_cut_off(state, places)) if places else state


def _cut_off(state: State, places: frozenset[Netns]) -> Iterator[Object]:
    for item in state:
        if item.netns in places:
            continue
        if isinstance(item, Veth) and item.peer_netns in places:
            yield replace(item, peer_netns=UNKNOWN, peer="")
        else:
            yield item


def _sighting(sandbox: Sandbox, place: str) -> Sighting | None:
    number = inode(place)
    if number is None:
        return None
    assert sandbox.netns is not None
    pid = sandbox.netns.pid or 0
    since = started(pid) if pid else 0
    return None if since is None else Sighting(place, pid, since, number)


def _is_same(before: Sighting, now: Sighting | None) -> bool:
    """A name or a path is whatever is there; a process is itself, where it was."""
    return now is not None and (not before.pid or before == now)


def _is_alive(seen: Sighting) -> bool:
    return (started(seen.pid), inode(seen.place)) == (seen.started, seen.inode)


def _without(topology: Topology, names: Mapping[str, str]) -> Topology:
    if not names:
        return topology
    return replace(
        topology,
        namespaces=tuple(each for each in topology.namespaces if each.name not in names),
        links=tuple(
            each for each in topology.links if not any(end.namespace in names for end in each.ends)
        ),
    )


def _called(sandbox: Sandbox) -> str:
    return f"{sandbox.name} ({_kind(sandbox)})"


def _kind(sandbox: Sandbox) -> str:
    netns = sandbox.netns
    assert netns is not None
    if netns.pid is not None:
        return f"process {netns.pid}"
    return f"namespace {netns.path or netns.name}"
