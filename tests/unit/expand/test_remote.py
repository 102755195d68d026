"""What plugins are asked for, in which order, and what follows from what they gave."""

from __future__ import annotations

from typing import Any

from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.remote import guesses, leased, wishes
from netkit.model.lease import Lease
from netkit.model.topology import Topology
from netkit.spec import topology


def spec(*members: str, **said: Any) -> Topology:
    return topology(
        {
            "name": "t",
            "networks": {"lan": {"ipam": "x", **said}, "own": {"subnets": ["10.9.0.0/24"]}},
            "namespaces": {name: {"networks": ["lan", "own"]} for name in members},
        }
    )


def asked(found: Topology) -> list[str]:
    return [
        f"{wish.slot} {wish.holder or 'pool'} {wish.part or wish.address or ''}".strip()
        for wish in wishes(found)
    ]


def test_subnet_then_gateway_then_members() -> None:
    assert asked(spec("b", "a")) == ["ipv4 pool", "ipv4 nk-gateway", "ipv4 b", "ipv4 a"]


def test_each_family_by_itself() -> None:
    assert asked(spec("a", subnets=["10.1.0.0/24"], ipv6=True, internal=True)) == [
        *("10.1.0.0/24 pool", "10.1.0.0/24 a", "ipv6 pool", "ipv6 a"),
    ]


def test_all_that_the_spec_says_is_asked_for() -> None:
    found = spec(
        "a",
        subnets=["10.1.0.0/24"],
        range="10.1.0.128/25",
        gateway="10.1.0.254",
        dns={"server": "10.1.0.53"},
        ipam={"driver": "x", "reserved": ["10.1.0.5", "10.1.0.64/28"]},
    )

    assert asked(found) == [
        "10.1.0.0/24 pool 10.1.0.128/25",
        "10.1.0.0/24 nk-gateway 10.1.0.254",
        "10.1.0.0/24 nk-reserved 10.1.0.5",
        "10.1.0.0/24 nk-dns 10.1.0.53",
        "10.1.0.0/24 a",
    ]


def test_who_names_an_address_asks_for_that_one_and_who_wants_none_for_none() -> None:
    written = {
        "name": "t",
        "networks": {"lan": {"ipam": "x", "subnets": ["10.1.0.0/24"], "gateway": "10.1.0.9"}},
        "namespaces": {
            "r": {"networks": {"lan": {"addresses": ["10.1.0.9"]}}},
            "n": {"networks": {"lan": {"addresses": []}}},
        },
    }

    assert asked(topology(written)) == ["10.1.0.0/24 pool", "10.1.0.0/24 r 10.1.0.9"]


def test_without_a_plugin_nobody_is_asked() -> None:
    assert asked(spec("a", ipam={"reserved": []})) == []


def test_what_was_given_is_what_they_have_even_where_netkit_would_keep_it_back() -> None:
    keys = {wish.holder: wish.key for wish in wishes(spec("a", internal=True))}
    given = (
        Lease(keys[""], "id", "10.7.0.0/24"),
        Lease(keys["a"], "id", "10.7.0.1/24"),
    )
    filled, allotments = fill(spec("a", internal=True), leased(Allotments(), given))
    (a,) = filled.namespaces

    assert str(filled.network("lan").subnets) == "(IPv4Network('10.7.0.0/24'),)"
    assert [str(each) for each in a.endpoints[0].addresses or ()] == ["10.7.0.1/24"]
    assert Allotments.from_json(allotments.to_json()) == allotments


def test_a_gateway_that_was_given_is_the_gateway() -> None:
    keys = {wish.holder: wish.key for wish in wishes(spec("a"))}
    given = (
        Lease(keys[""], "id", "10.7.0.0/24"),
        Lease(keys["nk-gateway"], "id", "10.7.0.200/24"),
        Lease(keys["a"], "id", "10.7.0.1/24"),
    )
    filled, allotments = fill(spec("a"), leased(Allotments(), given))
    again, same = fill(spec("a"), allotments)

    assert [str(each) for each in filled.network("lan").gateways or ()] == ["10.7.0.200"]
    assert (again, same) == (filled, allotments)


def test_a_guess_is_all_that_stands_for_an_answer_and_nothing_else() -> None:
    found = spec("a", subnets=["10.1.0.0/24"], gateway="10.1.0.1")
    filled, _ = fill(found, Allotments())

    assert guesses(filled, wishes(found)) == {"10.1.0.2"}
    assert guesses(filled, ()) == frozenset()
