"""What is free in a network: counted, and the first of it named."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.free import Room, rooms
from netkit.spec import topology


def look(written: dict[str, Any], before: Allotments | None = None) -> tuple[Room, ...]:
    filled, allotments = fill(topology(written), before or Allotments())
    return rooms(filled, filled.network("lan"), allotments)


def lan(*members: str, **said: Any) -> dict[str, Any]:
    return {
        "name": "t",
        "networks": {"lan": {"subnets": ["10.1.0.0/28"], **said}},
        "namespaces": {name: {"networks": ["lan"]} for name in members},
    }


def ranges(room: Room) -> list[str]:
    return [f"{first}-{last}" for first, last in room.ranges]


def test_what_is_held_and_what_is_free() -> None:
    written = lan("a", "b")
    written["namespaces"]["c"] = {"networks": {"lan": {"addresses": ["10.1.0.9"]}}}
    (room,) = look(written)

    assert room.subnet == ip_network("10.1.0.0/28")
    assert (room.size, room.allottable, room.used, room.free) == (14, 14, 4, 10)
    assert [(str(address), who) for address, who in room.held] == [
        ("10.1.0.1", "gateway"),
        ("10.1.0.2", "a"),
        ("10.1.0.3", "b"),
        ("10.1.0.9", "c"),
    ]
    assert room.next == ip_address("10.1.0.4")
    assert ranges(room) == ["10.1.0.4-10.1.0.8", "10.1.0.10-10.1.0.14"]


def test_a_range_and_reserved_parts_limit_it() -> None:
    (room,) = look(lan("a", range="10.1.0.8/29", ipam={"reserved": {"printer": "10.1.0.10"}}))

    assert (room.size, room.allottable, room.free) == (14, 6, 5)
    assert room.reserved == ((ip_network("10.1.0.10/32"), "printer"),)
    assert ranges(room) == ["10.1.0.9-10.1.0.9", "10.1.0.11-10.1.0.14"]


def test_where_there_is_no_gateway_its_place_is_not_free() -> None:
    (room,) = look(lan("a", gateway=False))

    assert (room.used, room.free, room.next) == (1, 12, ip_address("10.1.0.3"))


def test_what_was_given_back_is_free_and_comes_last() -> None:
    _, before = fill(topology(lan("a", "b")), Allotments())
    (room,) = look(lan("b"), before)

    assert (room.free, room.resting, room.next) == (12, 1, ip_address("10.1.0.4"))
    assert ranges(room)[0] == "10.1.0.2-10.1.0.2"


def test_a_full_subnet_has_nothing_next() -> None:
    (room,) = look(lan("a", subnets=["10.1.0.0/30"]))

    assert (room.size, room.free, room.next, room.ranges) == (2, 0, None, ())


def test_a_large_subnet_costs_nothing_and_each_subnet_is_told_of() -> None:
    four, six = look(lan("a", subnets=["10.1.0.0/28", "fd00:1::/64"], dns="server"))

    assert four.used == 2
    assert (six.size, six.free) == (2**64 - 1, 2**64 - 3)
    assert six.next == ip_address("fd00:1::3")
    assert look(lan(subnets=[])) == ()
