"""What a spec leaves open is chosen once, stays, and is written out as a spec again."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from netkit.errors import NetkitError, SpecError
from netkit.expand.expand import expand
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.pools import Holding
from netkit.spec import document, load_topology, topology
from netkit.value import replace

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.json"))
NONE = Allotments()


def spec(**said: Any) -> dict[str, Any]:
    return {"name": "t", **said}


def lan(*members: str, **said: Any) -> dict[str, Any]:
    return spec(
        networks={"lan": {"subnets": ["10.1.0.0/29"], **said}},
        namespaces={name: {"networks": ["lan"]} for name in members},
    )


def filled(
    written: dict[str, Any], before: Allotments = NONE, taken: tuple[str, ...] = ()
) -> Allotments:
    holdings = tuple(Holding(ip_network(each), "somebody") for each in taken)
    return fill(topology(written), before, holdings)[1]


def seats(found: Allotments) -> dict[str, str]:
    return {name: cidrs[0].partition("/")[0] for (_, name), cidrs in found.addresses.items()}


def test_addresses_are_the_lowest_free_in_document_order() -> None:
    assert seats(filled(lan("b", "a"))) == {"b": "10.1.0.2", "a": "10.1.0.3"}


def test_ranges_come_in_numeric_order() -> None:
    found = seats(filled(lan("h[9-11]")))

    assert found == {"h9": "10.1.0.2", "h10": "10.1.0.3", "h11": "10.1.0.4"}


def test_who_is_added_moves_nobody() -> None:
    first = filled(lan("b", "c"))
    second = filled(lan("a", "b", "c"), first)

    assert seats(second) == {**seats(first), "a": "10.1.0.4"}


def test_who_leaves_and_comes_back_takes_what_is_free() -> None:
    first = filled(lan("a", "b", "c"))
    second = filled(lan("b", "c"), first)
    third = filled(lan("a", "b", "c"), second)

    assert seats(second) == {"b": "10.1.0.3", "c": "10.1.0.4"}
    assert seats(third) == {"a": "10.1.0.2", "b": "10.1.0.3", "c": "10.1.0.4"}


def test_what_was_given_back_is_allotted_last_and_the_oldest_first() -> None:
    first = filled(lan("a", "b", "c"))
    second = filled(lan("c", "b"), first)
    third = filled(lan("c"), second)
    last = filled(lan("c", "v", "w", "x", "y"), third)

    assert seats(first) == {"a": "10.1.0.2", "b": "10.1.0.3", "c": "10.1.0.4"}
    assert seats(last) == {
        "c": "10.1.0.4",
        "v": "10.1.0.5",
        "w": "10.1.0.6",
        "x": "10.1.0.2",
        "y": "10.1.0.3",
    }


def test_who_comes_back_is_served_before_who_is_new() -> None:
    first = filled(lan("a", "b", "c", "d", "e"))
    second = filled(lan("a", "e"), first)
    third = filled(lan("a", "e", "x", "c"), second)

    assert seats(third) == {"a": "10.1.0.2", "e": "10.1.0.6", "x": "10.1.0.3", "c": "10.1.0.4"}


def test_an_address_that_somebody_else_has_by_now_is_forgotten() -> None:
    first = filled(lan("a"))
    second = filled(lan("b"), first)
    written = lan("b")
    written["namespaces"]["z"] = {"networks": {"lan": {"addresses": ["10.1.0.2"]}}}
    third = filled(written, second)

    assert second.released == {("lan", "a"): ("10.1.0.2/29",)}
    assert seats(filled(lan("a", "b"), second)) == {"a": "10.1.0.2", "b": "10.1.0.3"}
    assert third.released == {}


def test_what_was_given_back_in_a_network_that_has_gone_is_forgotten() -> None:
    first = filled(lan("a"))

    assert filled(lan("b", subnets=["10.9.0.0/29"]), first).released == {}
    assert filled(spec(networks={"x": {}}, namespaces={}), first).released == {}


def test_what_is_reserved_is_not_allotted() -> None:
    reserved = {"printer": "10.1.0.2", "phones": "10.1.0.4/31"}

    assert seats(filled(lan("a", "b", ipam={"reserved": reserved}))) == {
        "a": "10.1.0.3",
        "b": "10.1.0.6",
    }


def test_a_range_and_what_is_reserved_in_it() -> None:
    said = {
        "subnets": ["10.1.0.0/24"],
        "range": "10.1.0.64/30",
        "ipam": {"reserved": ["10.1.0.64/31"]},
    }

    assert seats(filled(lan("a", "b", **said))) == {"a": "10.1.0.66", "b": "10.1.0.67"}


def test_half_of_a_large_subnet_is_reserved_at_no_cost() -> None:
    said = {"subnets": ["fd00:1::/64"], "ipam": {"reserved": ["fd00:1::/65"]}}

    assert filled(lan("a", gateway="fd00:1:0:0:8000::1", **said)).addresses == {
        ("lan", "a"): ("fd00:1:0:0:8000::/64",)
    }


def test_nobody_allots_where_the_driver_is_null() -> None:
    written = lan("a", subnets=[], ipam="null")
    written["namespaces"]["b"] = {"networks": {"lan": {"addresses": ["10.1.0.9/24"]}}}

    assert filled(written).addresses == {}


def test_ipv6_adds_a_subnet_of_the_specs_own() -> None:
    written = spec(
        networks={"x": {"ipv6": True}, "y": {"subnets": ["10.1.0.0/24"], "ipv6": True}},
        namespaces={"a": {"networks": ["x"]}},
    )
    found = filled(written)
    (v4, v6), (other,) = found.pools["x"], found.pools["y"]

    assert v4 == "172.17.0.0/16"
    assert ip_network(v6).prefixlen == ip_network(other).prefixlen == 64
    assert v6.startswith("fd")
    assert v6 != other
    assert ip_network(v6).supernet(new_prefix=48) == ip_network(other).supernet(new_prefix=48)
    assert filled(written, taken=(v6,)).pools["x"] != found.pools["x"]
    assert filled(written, found).pools == found.pools


def test_ipv6_that_comes_later_leaves_the_pool_as_it_is() -> None:
    first = filled(spec(networks={"w": {}, "x": {}}, namespaces={}))
    second = filled(spec(networks={"x": {"ipv6": True}}, namespaces={}), first)

    assert second.pools["x"][0] == first.pools["x"][0] == "172.18.0.0/16"
    assert len(second.pools["x"]) == 2


def test_an_address_that_is_named_is_nobody_elses_even_if_it_comes_later() -> None:
    written = lan("a", "b")
    written["namespaces"]["z"] = {"networks": {"lan": {"addresses": ["10.1.0.2"]}}}

    assert seats(filled(written)) == {"a": "10.1.0.3", "b": "10.1.0.4"}


def test_an_address_that_is_named_now_takes_it_from_who_was_allotted_it() -> None:
    first = filled(lan("a", "b"))
    written = lan("a", "b")
    written["namespaces"]["z"] = {"networks": {"lan": {"addresses": ["10.1.0.2"]}}}

    assert seats(filled(written, first)) == {"a": "10.1.0.4", "b": "10.1.0.3"}


def test_another_subnet_gives_other_addresses() -> None:
    first = filled(lan("a"))

    assert seats(filled(lan("a", subnets=["10.2.0.0/29"]), first)) == {"a": "10.2.0.2"}


def test_a_range_limits_what_is_allotted_and_not_what_is_named() -> None:
    written = lan("a", subnets=["10.1.0.0/24"], range="10.1.0.64/26")
    written["namespaces"]["b"] = {"networks": {"lan": {"addresses": ["10.1.0.9"]}}}

    assert seats(filled(written)) == {"a": "10.1.0.64"}


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ({}, "10.1.0.2"),
        ({"gateway": "10.1.0.5"}, "10.1.0.1"),
        ({"gateway": False}, "10.1.0.2"),
        ({"internal": True}, "10.1.0.2"),
    ],
)
def test_the_gateway_or_its_place_is_kept_back(said: dict[str, Any], first: str) -> None:
    assert seats(filled(lan("a", **said))) == {"a": first}


def test_of_each_subnet_of_which_nothing_is_named_one_is_allotted() -> None:
    written = lan("a", subnets=["10.1.0.0/29", "fd00:1::/64"])
    written["namespaces"]["b"] = {"networks": {"lan": {"addresses": ["10.1.0.6"]}}}
    written["namespaces"]["c"] = {"networks": {"lan": {"addresses": []}}}

    assert filled(written).addresses == {
        ("lan", "a"): ("10.1.0.2/29", "fd00:1::2/64"),
        ("lan", "b"): ("fd00:1::3/64",),
    }


@pytest.mark.parametrize(("holder", "count"), [("", 2), ("r", 1)])
def test_an_allotted_subnet_has_its_gateway_beside_a_named_one(holder: str, count: int) -> None:
    written = lan("a", gateway="10.1.0.6", ipv6=True)
    if holder:  # then no gateway is netkit's
        written["namespaces"][holder] = {"networks": {"lan": {"addresses": ["10.1.0.6"]}}}

    (network,) = fill(topology(written), NONE, ())[0].networks

    assert network.gateways is not None
    assert [each.version for each in network.gateways] == [4, 6][:count]


@pytest.mark.parametrize(
    ("members", "said", "where"),
    [
        ("abcdef", {}, "10.1.0.0/29"),
        ("abc", {"subnets": ["10.1.0.0/24"], "range": "10.1.0.64/31"}, "10.1.0.64/31"),
    ],
)
def test_a_subnet_or_range_that_is_full_is_an_error_that_names_it(
    members: str, said: dict[str, Any], where: str
) -> None:
    with pytest.raises(SpecError) as caught:
        filled(lan(*members, **said))

    (problem,) = caught.value.problems
    assert where in problem.message
    assert problem.pointer.startswith("/")


def test_a_subnet_that_was_full_all_along_is_found_here_too() -> None:
    full = topology(lan("a", "b"))
    (network,) = full.networks
    small = replace(network, subnets=(ip_network("10.1.0.0/30"),), gateways=None)

    with pytest.raises(NetkitError, match=r"/namespaces/b.* 10\.1\.0\.0/30 of network lan"):
        fill(replace(full, networks=(small,)), NONE)


def test_pools_avoid_what_is_taken_and_each_other() -> None:
    written = spec(networks={"x": {}, "y": {}}, namespaces={"a": {"networks": ["x", "y"]}})

    found = filled(written, taken=("172.18.5.0/24", "172.16.0.0/15"))

    assert found.pools == {"x": ("172.19.0.0/16",), "y": ("172.20.0.0/16",)}


def test_a_pool_stays_with_its_network() -> None:
    one = spec(networks={"x": {}}, namespaces={"a": {"networks": ["x"]}})
    two = spec(networks={"w": {}, "x": {}}, namespaces={"a": {"networks": ["w", "x"]}})

    first = filled(one)
    second = filled(two, first)

    assert second.pools == {"x": ("172.17.0.0/16",), "w": ("172.18.0.0/16",)}


def test_when_all_pools_are_taken_it_is_an_error_that_says_by_whom() -> None:
    said = r"/networks/x: all 31 default pools are taken\n  172\.0\.0\.0/8: somebody"
    with pytest.raises(NetkitError, match=said):
        filled(spec(networks={"x": {}}, namespaces={}), taken=("172.0.0.0/8", "192.168.0.0/16"))


def test_device_names_skip_what_is_taken_and_stay() -> None:
    written = spec(
        networks={"x": {}, "y": {}},
        namespaces={"a": {"networks": ["x", "y"]}, "b": {}},
        links=[{"ends": ["a:eth0", "b:eth0"]}],
    )
    first = filled(written)
    written["namespaces"]["a"]["networks"] = ["y", "x"]

    assert first.devices == {("x", "a"): "eth1", ("y", "a"): "eth2"}
    assert filled(written, first).devices == first.devices


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_is_filled_stays_as_it_is(path: Path) -> None:
    once, allotted = fill(load_topology(path), NONE)
    twice, again = fill(once, allotted)

    assert twice == once
    assert again.pools == {} or again == allotted
    assert fill(once, NONE)[0] == once


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_is_filled_is_a_spec_that_means_the_same(path: Path) -> None:
    once, _ = fill(load_topology(path), NONE)

    again = topology(document(once))

    assert again == once
    assert dict(expand(fill(again, NONE)[0]).objects) == dict(expand(once).objects)


def test_allotments_survive_being_written() -> None:
    found = filled(spec(networks={"x": {}}, namespaces={"a": {"networks": ["x"]}}))

    assert Allotments.from_json(found.to_json()) == found
