"""What holds for whatever spec one may write; see ``specs`` for which are drawn."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings

from netkit.apply.prospect import Prospect, farewell, prospect
from netkit.apply.session import reading, writing
from netkit.apply.transaction import carry_out
from netkit.errors import SpecError
from netkit.expand.expand import expand
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.model.state import State
from netkit.model.topology import Topology
from netkit.plan.script import script
from netkit.spec import document, topology
from tests.root.faults import host
from tests.root.properties.conftest import counted
from tests.root.properties.specs import NAME, Spec, specs

pytestmark = [pytest.mark.root, pytest.mark.usefixtures("ground")]

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))
drawn = settings(settings.get_profile("root"))


def sound(spec: Spec) -> Topology:
    """Give a spec as checked; one that the check refuses is not tried."""
    try:
        found = topology(spec)
    except SpecError:
        counted["refused by the check"] += 1
        assume(False)
        raise
    counted["drawn and sound"] += 1
    return found


def apply(spec: Topology) -> Prospect:
    with writing() as session:
        return carry_out(session, prospect(session, spec)).prospect


def destroy() -> None:
    with writing() as session:
        if session.memory.spec(NAME) or session.memory.intent(NAME):
            carry_out(session, farewell(session, NAME))


def look(*states: State) -> host.Facts:
    """Say all that can be told, but for what netkit remembers of the way there."""
    found = host.look(*states)
    del found["memory"]
    return found


class Clean:
    """A host on which nothing of netkit's is, before and after, even where a property fails."""

    before: host.Facts | None = None

    def __enter__(self) -> None:
        Clean.before = Clean.before or look()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        assert self.before is not None
        try:
            destroy()
        finally:
            left = host.difference(self.before, look())
            if kind is not None or left:
                host.raze("busy")
        assert left == ""


def built_twice_is_built_once(one: Topology) -> None:
    with Clean():
        first = apply(one)
        found = look(first.desired)
        second = apply(one)

        assert second.changes == ()
        assert host.difference(found, look(first.desired)) == ""


def the_second_stands_as_if_it_were_alone(one: Topology, other: Topology) -> None:
    with Clean():
        first = apply(one)
        second = apply(other)
        states = (first.desired, second.desired)
        found = look(*states)
        destroy()
        assert second.topology is not None
        apply(topology(json.loads(json.dumps(document(second.topology)))))

        assert host.difference(look(*states), found) == ""


def its_script_builds_the_same(one: Topology) -> None:
    with Clean():
        with reading() as session:
            found = prospect(session, one)
        told = script(found.steps)
        done = subprocess.run(["sh", "-e"], input=told, text=True, capture_output=True, check=False)
        assert done.returncode == 0, f"{done.stderr}\n{told}"
        by_hand = look(found.desired)
        again = apply(one)

        assert again.steps == ()
        destroy()
        apply(one)
        assert host.difference(look(found.desired), by_hand) == ""


def rendered_it_says_the_same(one: Topology) -> None:
    filled, _ = fill(one, Allotments())
    words = document(filled)
    again, _ = fill(topology(json.loads(json.dumps(words))), Allotments())

    assert document(again) == words
    assert set(expand(again)) == set(expand(filled))


ALONE: tuple[Callable[[Topology], None], ...] = (
    built_twice_is_built_once,
    its_script_builds_the_same,
    rendered_it_says_the_same,
)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_what_once_failed_holds(case: Path) -> None:
    found = [topology({**spec, "name": NAME}) for spec in json.loads(case.read_text())]
    for spec in found:
        for holds in ALONE:
            holds(spec)
    the_second_stands_as_if_it_were_alone(found[0], found[-1])


@drawn
@given(specs())
def test_built_twice_is_built_once_and_destroyed_it_is_gone(spec: Spec) -> None:
    built_twice_is_built_once(sound(spec))


@drawn
@given(specs(), specs())
def test_the_second_stands_as_if_it_were_alone(one: Spec, other: Spec) -> None:
    the_second_stands_as_if_it_were_alone(sound(undetected(one)), sound(undetected(other)))


def undetected(spec: Spec) -> Spec:
    """Leave duplicate address detection off: an address that stays is through with it."""
    places = {
        name: {key: value for key, value in place.items() if key != "dad"}
        for name, place in spec.get("namespaces", {}).items()
    }
    return {**spec, "namespaces": places}


@drawn
@given(specs())
def test_its_script_builds_the_same(spec: Spec) -> None:
    its_script_builds_the_same(sound(spec))


@drawn
@given(specs())
def test_rendered_it_says_the_same(spec: Spec) -> None:
    rendered_it_says_the_same(sound(spec))


def test_most_of_what_is_drawn_is_sound() -> None:
    assert counted["drawn and sound"] >= counted["refused by the check"]
