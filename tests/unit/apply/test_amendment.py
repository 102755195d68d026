"""An edit told by its part is the edit told by the whole; pure, and without looking."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from netkit.apply.amendment import Edit, Sides, _is_of_all, _more, _part
from netkit.apply.session import Session
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.model.state import State
from netkit.spec import topology
from netkit.spec.cut import cut, spelled, touched, widened
from netkit.spec.written import members, singled, with_members
from netkit.state.memory import Stored

EXAMPLES = Path(__file__).parents[3] / "examples"
Document = dict[str, Any]

MANY: Document = {
    "name": "many",
    "networks": {
        "a": {"subnets": ["10.1.0.0/24", "fd00:1::/64"]},
        "b": {},
        "c": {"internal": True, "subnets": ["10.3.0.0/24"]},
        "d": {"subnets": ["10.4.0.0/24"], "gateway": "10.4.0.9"},
        "e": {"subnets": []},
    },
    "namespaces": {
        "a[1-3]": {"networks": ["a"]},
        "b[1-3]": {"networks": {"b": {"aliases": ["x{n}"]}}},
        "c[1-2]": {"networks": ["c"]},
        "r": {"networks": ["b", "a"], "forwarding": True},
        "d9": {"networks": {"d": {"addresses": ["10.4.0.9"]}}},
        "d1": {"networks": ["d"], "devices": {"eth0": {"mtu": 1400}}},
        "l": {},
        "host": {"networks": ["c"]},
    },
    "links": [{"ends": ["l:up", "r:down"], "subnet": "192.0.2.0/30"}],
}
NOBODY = cast("Session", None)  # nothing is read
Change = Callable[[Document], None]


def connected(network: str, name: str, said: Mapping[str, Any] | None = None) -> Change:
    def change(document: Document) -> None:
        section = singled(document["namespaces"], name)
        entry = section.get(name, {})
        section[name] = with_members(entry, {**members(entry), network: said or {}})
        document["namespaces"] = section

    return change


def disconnected(network: str, name: str) -> Change:
    def change(document: Document) -> None:
        section = singled(document["namespaces"], name)
        entry = section[name]
        left = {key: value for key, value in members(entry).items() if key != network}
        section[name] = with_members(entry, left)
        document["namespaces"] = section

    return change


def gone(name: str) -> Change:
    return lambda document: document["namespaces"].pop(name)


EDITS: dict[str, tuple[Document, Change]] = {
    "a member more": (MANY, connected("a", "b2")),
    "a new namespace": (MANY, connected("b", "new")),
    "into a hidden network": (MANY, connected("c", "a1")),
    "where a member is the gateway": (MANY, connected("d", "a1", {"addresses": ["10.4.0.7"]})),
    "with all that can be said": (
        MANY,
        connected("b", "a2", {"aliases": ["y"], "mac": "02:00:00:00:00:07", "priority": 7}),
    ),
    "without addresses": (MANY, connected("e", "d1")),
    "a member less": (MANY, disconnected("a", "a2")),
    "a router leaves": (MANY, disconnected("b", "r")),
    "the gateway leaves": (MANY, disconnected("d", "d9")),
    "the host leaves": (MANY, disconnected("c", "host")),
    "a namespace goes": (MANY, gone("d1")),
    "a foreign one": (MANY, connected("a", "f")),
}


def edit_of(document: Document, change: Change) -> Edit:
    after = json.loads(json.dumps(document))
    change(after)
    _, allotted = fill(topology(document), Allotments())
    text = json.dumps(document)
    stored = Stored(document["name"], text, json.loads(json.dumps(allotted.to_json())))
    before, after = spelled(document), spelled(after)
    found = touched(before, after)
    assert found is not None
    return Edit(stored, before, after, found, found.sandboxes)


def own(side: State, spec: str) -> State:
    return side.where(lambda item: not _is_of_all(item, spec))


def both(edit: Edit) -> tuple[Sides | None, Sides]:
    return _part(NOBODY, edit, wide=False), _more(NOBODY, edit)


@pytest.mark.parametrize("name", EDITS)
def test_the_part_tells_what_the_whole_tells(name: str) -> None:
    edit = edit_of(*EDITS[name])
    little, more = both(edit)

    if little is None:  # it changes what belongs to the whole spec
        assert name == "the gateway leaves"
        return
    assert own(little.desired, edit.spec) == own(more.desired, edit.spec)
    assert own(little.former, edit.spec) == own(more.former, edit.spec)
    assert len(own(more.desired, edit.spec)) > 0
    assert Allotments.from_json(little.allotments) == Allotments.from_json(more.allotments)


def test_a_part_does_not_grow_with_what_is_not_touched() -> None:
    def parts(count: int) -> str:
        document = {
            "name": "n",
            "networks": {f"n{i}": {"subnets": [f"10.{i}.0.0/24"]} for i in range(count)},
            "namespaces": {
                f"c{i}-{j}": {"networks": [f"n{i}"]} for i in range(count) for j in range(5)
            },
        }
        edit = edit_of(document, connected("n0", "c1-1"))
        little = _part(NOBODY, edit, wide=False)
        assert little is not None
        return f"{cut(edit.after, edit.touched)} {sorted(map(str, little.desired.objects))}"

    assert parts(5) == parts(50)


def test_a_network_that_comes_concerns_the_chains_of_all() -> None:
    def change(document: Document) -> None:
        document["networks"]["f"] = {"subnets": ["10.7.0.0/24"], "mtu": 1500}

    edit = edit_of(MANY, change)
    little, more = both(edit)

    assert little is None
    kinds = {type(item).__name__ for item in more.desired if item.key not in more.former}
    assert kinds == {"Bridge", "Address", "Sysctl"}
    assert {item.netns for item in more.desired} == {None, "nk-" + edit_hidden()}


def altered(document: Document) -> None:
    document["networks"]["a"]["isolate"] = True
    document["networks"]["f"] = {"subnets": ["10.7.0.0/24"], "mtu": 1500}


def without_one(document: Document) -> None:
    del document["networks"]["e"]


WIDE: dict[str, tuple[Document, Change]] = {
    **EDITS,
    "a network comes and one alters": (MANY, altered),
    "a network goes": (MANY, without_one),
    "a port is published": (MANY, connected("a", "b1", {"publish": ["80:80"]})),
    "a publisher leaves": (MANY, disconnected("b", "p")),
}


@pytest.mark.parametrize("name", WIDE)
def test_the_wide_part_tells_all_that_the_whole_tells(name: str) -> None:
    document = {
        **MANY,
        "namespaces": {
            **MANY["namespaces"],
            "p": {"networks": {"b": {"publish": ["8080:80"]}, "a": {}}},
        },
    }
    edit = edit_of(document, WIDE[name][1])

    wide, more = _part(NOBODY, edit, wide=True), _more(NOBODY, edit)

    assert wide is not None
    assert wide.desired == more.desired
    assert wide.former == more.former
    assert Allotments.from_json(wide.allotments) == Allotments.from_json(more.allotments)


@pytest.mark.parametrize(("network", "is_told"), [("b", True), ("p", False)])
def test_a_plugin_has_a_say_in_its_own_network_alone(network: str, is_told: bool) -> None:
    document: Document = {
        "name": "n",
        "networks": {"b": {"subnets": ["10.1.0.0/24"]}, "p": {}},
        "namespaces": {"b1": {"networks": ["b"]}, "p1": {"networks": ["p"]}, "new": {}},
    }
    edit = edit_of(document, connected(network, "new"))
    for side in (edit.before, edit.after):
        cast("Document", side)["networks"]["p"] = {"ipam": "tester"}

    assert edit.leased == {"p"}
    assert (_part(NOBODY, edit, wide=False) is not None) is is_told


def test_a_wide_part_says_nothing_of_who_is_not_touched() -> None:
    document: Document = {
        "name": "n",
        "networks": {f"n{i}": {"subnets": [f"10.{i}.0.0/24"]} for i in range(9)},
        "namespaces": {f"c{i}": {"networks": [f"n{i}"]} for i in range(9)},
    }
    edit = edit_of(document, connected("n0", "c1", {"publish": ["80:80"]}))

    found = widened(edit.after, cut(edit.after, edit.touched))

    assert len(found["networks"]) == 9
    assert found["namespaces"].keys() == {"c0", "c1"}


def edit_hidden() -> str:
    from netkit.names import hidden_netns

    return hidden_netns("many").removeprefix("nk-")
