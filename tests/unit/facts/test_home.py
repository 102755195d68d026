"""What hangs on devices at home, as ip tells it of both protocols and all kinds of addresses."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netkit.errors import NetkitError
from netkit.facts import home
from netkit.model.home import HomeAddress

FOREVER = 4294967295


def device(*given: dict[str, Any]) -> str:
    return json.dumps([{"ifname": "eth1", "link_type": "[1]", "addr_info": given}])


def told(local: str, length: int, **more: Any) -> dict[str, Any]:
    return {"local": local, "prefixlen": length, "scope": "0", "label": "eth1", **more}


def cidrs(said: str, *ifnames: str) -> list[str]:
    return [item.cidr for item in home.addresses(said, None, ifnames or ("eth1",))]


def test_addresses_that_come_back_by_themselves_are_left_out() -> None:
    said = device(
        told("10.7.0.1", 24),
        told("10.7.0.3", 24, dynamic=True),
        told("fd00::2", 64, mngtmpaddr=True),
        told("fd00::1", 64),
        told("fe80::5054:ff:fe12:3456", 64, scope="253"),
        told("fe80::1", 64, scope="253"),
    )

    assert cidrs(said) == ["10.7.0.1/24", "fe80::1/64", "fd00::1/64"]
    assert cidrs(said, "eth2") == []


def test_an_address_is_read_in_full() -> None:
    more = {"broadcast": "10.7.0.255", "label": "eth1:x", "metric": 5, "noprefixroute": True}
    said = device(
        told("10.7.0.1", 24, scope="253", **more),
        told("10.9.0.1", 32, address="10.9.0.2", deprecated=True, preferred_life_time=FOREVER),
    )
    (full, peer) = home.addresses(said, "blue", ("eth1",))

    assert (full.netns, full.scope, full.metric, full.noprefixroute) == ("blue", "link", 5, True)
    assert (full.broadcast, full.label, full.deprecated) == ("10.7.0.255", "eth1:x", False)
    assert peer == HomeAddress(netns="blue", ifname="eth1", cidr="10.9.0.1/32", peer="10.9.0.2/32")
    assert (peer.label, peer.scope, peer.deprecated) == (None, None, True)


def way(dst: str, **more: Any) -> dict[str, Any]:
    return {"type": "1", "dst": dst, "table": "254", "scope": "0", "flags": [], **more}


def test_routes_by_other_devices_and_odd_ones_are_left_out() -> None:
    said = [
        way("default", gateway="10.7.0.9", dev="eth1", flags=["onlink"], metrics=[{"mtu": 1400}]),
        way("10.1.0.0/16", dev="eth2"),
        way("10.2.0.0/16", nexthops=[{"dev": "eth1", "weight": 1}, {"dev": "eth2", "weight": 1}]),
        way("10.3.0.0/16", dev="eth1", encap="mpls"),
        way("10.4.0.0/16", type="6"),
        way("10.5.0.0/16", dev="eth1", scope="253"),
        way("10.6.0.0/16", dev="eth1", scope="254", table="77", tos="0x10"),
    ]
    found = tuple(home.ways(json.dumps(said), None, ("eth1",), protocol="static"))

    assert [item.to for item in found] == ["0.0.0.0/0", "10.5.0.0/16", "10.6.0.0/16"]
    assert [item.scope for item in found] == [None, None, "host"]
    assert (found[0].onlink, found[0].mtu, found[0].protocol) == (True, 1400, "static")
    assert found[2].place == (4, 77, "10.6.0.0/16", 0, 16)


def test_the_place_of_a_route_is_taken_by_one_of_the_same_metric() -> None:
    (mine,) = home.ways(
        json.dumps([way("10.8.0.0/16", dev="eth1", metric=5)]), None, ("eth1",), protocol="boot"
    )
    others = [
        way("10.8.0.0/16", dev="eth2", metric=6, protocol="16"),
        way("10.8.0.0/16", dev="eth3", metric=5, protocol="16"),
    ]

    assert home.rival(json.dumps(others[:1]), mine) is None
    assert home.rival(json.dumps(others), mine) == "eth3"
    asked = str(home.rivals(mine))
    assert asked.endswith("ip -Numeric -details -json route show table all exact 10.8.0.0/16")


DOCUMENTS = st.recursive(st.none() | st.integers() | st.text(), st.lists)


@given(DOCUMENTS, st.dictionaries(st.sampled_from(tuple(told("10.7.0.1", 24))), DOCUMENTS))
def test_what_makes_no_sense_ends_in_an_error_that_names_the_tool(
    document: Any, more: dict[str, Any]
) -> None:
    for said in (json.dumps(document), device(told("10.7.0.1", 24) | more)):
        with suppress(NetkitError):  # any other error is none of netkit's
            tuple(home.addresses(said, None, ("eth1",)))
    for said in (json.dumps(document), json.dumps([way("default", dev="eth1") | more])):
        with suppress(NetkitError):
            tuple(home.ways(said, None, ("eth1",), protocol="boot"))


@pytest.mark.parametrize("wrong", [told("10.7.0.300", 24), told("10.7.0.1", 99), {"local": 1}])
def test_an_address_that_is_none_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(NetkitError, match="ip address show"):
        cidrs(device(wrong))
