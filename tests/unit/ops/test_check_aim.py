"""What a check aims at, and what it leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from netkit.errors import NetkitError
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.placement import Site
from netkit.ops.check.aim import Aim, Goal, Map, goal
from netkit.spec import topology

SHOP: dict[str, Any] = {
    "name": "shop",
    "prefix": "x-",
    "networks": {
        "backend": {"subnets": ["10.1.0.0/24", "fd00:1::/64"], "internal": True},
        "frontend": {"subnets": ["10.2.0.0/24"]},
        "far": {"subnets": ["10.1.0.0/24"], "internal": True},
    },
    "namespaces": {
        "con1": {"networks": ["backend"]},
        "con2": {
            "networks": {"frontend": {"aliases": ["web"]}, "backend": {"addresses": ["10.1.0.20"]}},
            "devices": {"lo": {"addresses": ["198.51.100.2/32"]}},
        },
        "con3": {"networks": ["frontend"]},
        "twin": {"networks": {"far": {"addresses": ["10.1.0.20"]}}},
        "bare": {},
        "wire": {},
    },
    "links": [{"ends": ["wire:e0", "con1:e1"], "addresses": [["10.3.0.1/24"], ["10.3.0.2/24"]]}],
}


def chart(*checks: dict[str, Any]) -> Map:
    written = topology({**SHOP, "checks": list(checks)})
    return Map(Site.of(fill(written, Allotments())[0]))


def aim(source: str, verb: str, target: str, **more: object) -> Aim:
    seen = chart({"from": source, verb: target, **more})
    (check,) = seen.site.topology.checks
    return seen.aim(check, seen.families(source))


def texts(found: Aim) -> list[str]:
    return [str(each) for each in found.addresses]


def test_shared_networks_come_first_and_both_families_must_answer() -> None:
    found = aim("con1", "ping", "con2")

    assert texts(found)[:2] == ["10.1.0.20", "fd00:1::3"] or texts(found)[0] == "10.1.0.20"
    assert set(texts(found)) >= {"10.1.0.20", "10.2.0.2", "198.51.100.2"}
    assert texts(found).index("10.2.0.2") > 1
    assert found.families == (4, 6)


def test_a_family_that_one_end_lacks_need_not_answer() -> None:
    found = aim("con3", "tcp", "con2:80")

    assert (found.families, found.port) == ((4,), 80)
    assert texts(found)[0] == "10.2.0.2"
    assert any(":" in each for each in texts(found))


def test_a_link_counts_as_shared() -> None:
    assert texts(aim("wire", "ping", "con1"))[0] == "10.3.0.2"


def test_the_host_has_the_gateways() -> None:
    assert texts(aim("con3", "ping", "host")) == ["10.2.0.1"]


def test_an_address_of_a_third_near_the_source_proves_nothing() -> None:
    with pytest.raises(NetkitError, match="proves nothing"):
        aim("con1", "ping", "twin", expect="unreachable")


def test_an_address_of_the_sources_own_proves_nothing() -> None:
    with pytest.raises(NetkitError, match="proves nothing"):
        aim("con2", "ping", "twin", expect="unreachable")


def test_the_source_may_be_its_own_target() -> None:
    assert texts(aim("con3", "ping", "con3")) == ["10.2.0.3"]


def test_who_has_no_address_is_no_target() -> None:
    with pytest.raises(NetkitError, match="gives bare no address"):
        aim("con1", "ping", "bare", expect="unreachable")


def test_without_a_common_family_nothing_can_answer() -> None:
    with pytest.raises(NetkitError, match="same family"):
        aim("bare", "ping", "con2")
    assert aim("bare", "ping", "con2", expect="unreachable").addresses


@pytest.mark.parametrize(
    ("verb", "target", "expected"),
    [
        ("ping", "con2", Goal("con2")),
        ("ping", "fd00:1::9", Goal("fd00:1::9")),
        ("tcp", "con2:80", Goal("con2", 80)),
        ("udp", "[fd00:1::9]:53", Goal("fd00:1::9", 53)),
        ("http", "http://web/x?y", Goal("web", 80)),
        ("http", "https://Web.x:8443/", Goal("Web.x", 8443)),
        ("http", "http://[fd00:1::9]:81", Goal("fd00:1::9", 81)),
    ],
)
def test_a_target_is_taken_apart(verb: str, target: str, expected: Goal) -> None:
    (check,) = chart({"from": "con1", verb: target}).site.topology.checks

    assert goal(check) == expected


def test_addresses_and_names_stay_what_they_are() -> None:
    assert texts(aim("con1", "ping", "192.0.2.1")) == ["192.0.2.1"]
    assert aim("con1", "ping", "fd00:1::9").families == (6,)
    assert aim("con1", "http", "http://web:81/") == Aim(port=81, name="web")
    assert aim("con1", "resolve", "con2") == Aim(name="con2")
    assert texts(aim("con1", "http", "http://con3/")) == ["10.2.0.3"]


def test_who_is_called_so() -> None:
    seen = chart()

    assert seen.called("web") == "con2"
    assert seen.called("con2.backend") == "con2"
    assert seen.called("con2") == "con2"
    assert seen.called("nobody") is None
