"""A port of the host for what is published without one: the lowest free, and always the same."""

from __future__ import annotations

from typing import Any

import pytest

from netkit.errors import NetkitError, SpecError
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.ports import Doors, opened
from netkit.spec import document, topology
from netkit.spec.publish import read_publish, write_publish

NONE = Allotments()
FEW = Doors(40000, 40003)


def spec(network: dict[str, Any] | None = None, **published: list[str]) -> dict[str, Any]:
    return {
        "name": "t",
        "networks": {"lan": {"subnets": ["10.1.0.0/24", "fd00:1::/64"], **(network or {})}},
        "namespaces": {
            name: {"networks": {"lan": {"publish": said}}} for name, said in published.items()
        },
    }


def chosen(
    said: dict[str, Any], before: Allotments = NONE, doors: Doors = FEW
) -> tuple[dict[str, list[str]], Allotments]:
    filled, allotments = fill(topology(said), before, doors=doors)
    found = document(filled)["namespaces"]
    return {
        name: entry["networks"]["lan"].get("publish", []) for name, entry in found.items()
    }, allotments


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("80", "80/tcp"),
        ("80-82/udp", "80-82/udp"),
        ("192.0.2.1::80", "192.0.2.1::80/tcp"),
        ("[2001:db8::1]::80/sctp", "[2001:db8::1]::80/sctp"),
        ("8080:80", "8080:80/tcp"),
    ],
)
def test_it_is_read_as_it_is_written(text: str, whole: str) -> None:
    assert write_publish(read_publish(text)) == whole
    assert read_publish(whole) == read_publish(text)


def test_the_lowest_that_nobody_has() -> None:
    doors = Doors(40000, 40009, frozenset({("tcp", 40001), ("udp", 40000)}))

    found, _ = chosen(spec(a=["80", "40002:9"], b=["80", "53/udp"]), doors=doors)

    assert found == {
        "a": ["40000:80/tcp", "40002:9/tcp"],
        "b": ["40003:80/tcp", "40001:53/udp"],
    }


def test_a_range_is_in_a_row() -> None:
    found, _ = chosen(spec(a=["8000-8001"]), doors=Doors(40000, 40003, frozenset({("tcp", 40001)})))

    assert found == {"a": ["40002-40003:8000-8001/tcp"]}


def test_what_was_chosen_stays_and_is_told_once() -> None:
    _, first = chosen(spec(a=["80"], b=["80"]))
    found, second = chosen(spec(z=["80"], b=["81", "80"]), first)

    assert found == {"z": ["40000:80/tcp"], "b": ["40002:81/tcp", "40001:80/tcp"]}
    assert list(opened(first.ports, second.ports)) == [
        "z: 80/tcp of network lan is published at port 40000",
        "b: 81/tcp of network lan is published at port 40002",
    ]
    assert list(opened(second.ports, chosen(spec(z=["80"], b=["81", "80"]), second)[1].ports)) == []


def test_a_listener_that_came_later_takes_nothing() -> None:
    _, first = chosen(spec(a=["80"]))

    found, _ = chosen(spec(a=["80"]), first, Doors(40000, 40003, frozenset({("tcp", 40000)})))

    assert found == {"a": ["40000:80/tcp"]}


def test_who_names_it_has_it() -> None:
    _, first = chosen(spec(a=["80"]))

    assert chosen(spec(a=["80"], b=["40000:80"]), first)[0] == {
        "a": ["40001:80/tcp"],
        "b": ["40000:80/tcp"],
    }


def test_none_is_left() -> None:
    with pytest.raises(NetkitError, match=r"/publish/4: of the ports 40000 to 40003 .* none is"):
        chosen(spec(a=["1", "2", "3", "4", "5"]))
    with pytest.raises(NetkitError, match="no 5 in a row are free"):
        chosen(spec(a=["1-5"]))


@pytest.mark.parametrize(
    ("said", "masquerade", "found"),
    [
        ("80", False, "80/tcp"),
        ("80", {"ipv6": False}, "40000:80/tcp"),
        ("80", {"ipv4": False}, "40000:80/tcp"),
    ],
)
def test_a_routed_network_needs_none(said: str, masquerade: object, found: str) -> None:
    assert chosen(spec({"masquerade": masquerade}, a=[said]))[0] == {"a": [found]}


def test_the_same_twice_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        topology(spec(a=["80", "80/tcp", "80/udp"]))

    (problem,) = caught.value.problems
    assert problem.pointer == "/namespaces/a/networks/lan/publish/1"


def test_the_memory_holds_them() -> None:
    _, first = chosen(spec(a=["80", "192.0.2.1::81-82"]))

    assert Allotments.from_json(first.to_json()) == first
    with pytest.raises(NetkitError):
        Allotments.from_json({**first.to_json(), "ports": [["lan", "a", {"80/tcp": 0}]]})
