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
from netkit.model.topology import IPNetwork
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
    subnets: tuple[IPNetwork, ...] = tuple(ip_network(each) for each in taken)
    return fill(topology(written), before, subnets)[1]


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


def test_when_all_pools_are_taken_it_is_an_error() -> None:
    with pytest.raises(NetkitError, match=r"/networks/x: all 31 default pools are taken"):
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
