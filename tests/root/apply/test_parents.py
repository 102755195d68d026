"""Networks on a parent, with packets: who reaches whom in each mode, and what is refused."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from netkit.errors import ConflictError, MissingError

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

LAN = "192.0.2.0/24"
ROUTER = "192.0.2.1"


def street(mode: str, *members: str, **said: Any) -> dict[str, Any]:
    """Give members on a parent of a box, which a switch ties to a router."""
    return {
        "name": "street",
        "prefix": "street-",
        "networks": {
            "lan": {
                "driver": "macvlan",
                "parent": "box:wan",
                "mode": mode,
                "subnets": [LAN],
                "range": "192.0.2.128/25",
                **said,
            }
        },
        "namespaces": {
            "router": {"devices": {"lo": {"addresses": ["203.0.113.80/32"]}}},
            "box": {},
            "sw": {"devices": {"br0": {"type": "bridge", "ports": ["p1", "p2"]}}},
            **{name: {"networks": ["lan"]} for name in members},
        },
        "links": [
            {"ends": ["router:eth0", "sw:p1"], "addresses": [[f"{ROUTER}/24"], []]},
            {"ends": ["box:wan", "sw:p2"]},
        ],
    }


@pytest.mark.parametrize(("mode", "siblings"), [("bridge", True), ("private", False)])
def test_siblings_reach_each_other_or_not_and_the_lan_always(
    ground: Ground, mode: str, siblings: bool
) -> None:
    ground.apply(street(mode, "a", "b"))

    assert ground.pings("street-a", "192.0.2.129") is siblings
    assert ground.dead([("street-a", ROUTER), ("street-b", ROUTER)]) == []
    assert ground.pings("street-a", "203.0.113.80")  # by the default route
    assert ground.pings("street-router", "192.0.2.128")


def test_in_vepa_siblings_need_a_switch_that_sends_frames_back(ground: Ground) -> None:
    ground.apply(street("vepa", "a", "b"))
    assert ground.pings("street-a", ROUTER)
    assert not ground.pings("street-a", "192.0.2.129")

    ground.sh("ip -n street-sw link set dev p2 type bridge_slave hairpin on")

    assert any(ground.pings("street-a", "192.0.2.129") for _ in range(8))


def test_passthru_has_the_parents_own_address(ground: Ground) -> None:
    found = ground.apply(street("passthru", "a")).prospect
    parent, member = (
        ground.json(f"ip -n street-{netns} -json link show dev {ifname}")[0]["address"]
        for netns, ifname in (("box", "wan"), ("a", "eth0"))
    )

    assert member == parent
    assert ground.pings("street-a", ROUTER)
    assert ground.pings("street-router", "192.0.2.128")
    assert found.steps != ()
    assert ground.apply(street("passthru", "a")).prospect.steps == ()


def test_another_mode_makes_the_devices_anew(ground: Ground) -> None:
    ground.apply(street("bridge", "a", "b"))
    ground.apply(street("private", "a", "b"))

    assert not ground.pings("street-a", "192.0.2.129")
    assert ground.pings("street-b", ROUTER)


@pytest.mark.parametrize(
    ("harm", "mended"),
    [
        ("ip -n street-a link delete eth0", "create link street-a eth0"),
        (
            "ip -n street-a link set eth0 address 02:00:00:00:00:09",
            "change link street-a eth0 (mac)",
        ),
        ("ip -n street-a link set eth0 mtu 1300", "change link street-a eth0 (mtu)"),
        ("ip -n street-a link set eth0 type macvlan mode vepa", "replace link street-a eth0"),
    ],
)
def test_drift_is_found_and_mended(ground: Ground, tools: Any, harm: str, mended: str) -> None:
    ground.apply(street("bridge", "a", "b"))
    ground.sh(harm)

    assert mended in tools.said(ground.look(street("bridge", "a", "b")))
    ground.apply(street("bridge", "a", "b"))

    assert ground.dead([("street-a", "192.0.2.129"), ("street-a", "203.0.113.80")]) == []
    assert ground.look(street("bridge", "a", "b")).changes == ()


def test_without_a_parent_members_reach_each_other_alone(ground: Ground) -> None:
    spec = {
        "name": "own",
        "prefix": "own-",
        "networks": {"n": {"driver": "macvlan", "subnets": ["10.6.0.0/24", "fd00:6::/64"]}},
        "namespaces": {"a": {"networks": ["n"]}, "b": {"networks": ["n"]}},
    }
    ground.apply(spec)

    assert ground.dead([("own-a", "10.6.0.3"), ("own-b", "fd00:6::2")]) == []
    assert ground.json("ip -n own-a -json route show default") == []


def lacks(feature: str) -> str:
    """Give what the kernel says when it is asked for a device of a kind; empty when it makes it."""
    lines = f"link add base type veth peer far\nlink add link base name probe type {feature}\n"
    argv = ["unshare", "--net", "ip", "-batch", "-"]
    done = subprocess.run(argv, input=lines, capture_output=True, text=True, check=False)
    return done.stderr.strip()


HOST: dict[str, Any] = {
    "name": "onhost",
    "prefix": "onhost-",
    "networks": {"lan": {"driver": "macvlan", "parent": "up0", "subnets": [LAN]}},
    "namespaces": {"a": {"networks": ["lan"]}, "b": {"networks": ["lan"]}},
}


def uplink(ground: Ground, *, mtu: int = 1500, up: bool = True) -> None:
    """Make a device of the host's, with a router at its other end."""
    ground.undo("ip netns delete beyond")
    ground.undo("ip link delete up0")
    ground.sh("ip netns add beyond")
    ground.sh(f"ip link add up0 mtu {mtu} type veth peer name eth0 mtu {mtu} netns beyond")
    ground.sh(f"ip -n beyond address add {ROUTER}/24 dev eth0; ip -n beyond link set eth0 up")
    if up:
        ground.sh("ip link set up0 up")


def test_on_a_device_of_the_host_which_stays_as_it_is(ground: Ground, tools: Any) -> None:
    uplink(ground)
    before = tools.snapshot()

    ground.apply(HOST)
    assert (
        ground.dead([("onhost-a", ROUTER), ("onhost-a", "192.0.2.3"), ("beyond", "192.0.2.2")])
        == []
    )
    assert ground.apply(HOST).prospect.steps == ()
    ground.destroy("onhost")

    assert tools.differences(before, tools.snapshot()) == []


def test_the_mtu_is_the_parents(ground: Ground) -> None:
    uplink(ground, mtu=1400)

    ground.apply(HOST)

    (found,) = ground.json("ip -n onhost-a -json link show dev eth0")
    assert found["mtu"] == 1400
    ground.sh("ip link set up0 mtu 1450")
    ground.apply(HOST)
    (found,) = ground.json("ip -n onhost-a -json link show dev eth0")
    assert found["mtu"] == 1450


def test_an_mtu_over_the_parents_is_refused(ground: Ground) -> None:
    uplink(ground, mtu=1400)
    spec = {**HOST, "networks": {"lan": {**HOST["networks"]["lan"], "mtu": 1500}}}

    with pytest.raises(MissingError, match="up0 on the host has an MTU of 1400, less than 1500"):
        ground.apply(spec)


def test_a_parent_that_is_down_is_refused(ground: Ground) -> None:
    uplink(ground, up=False)

    with pytest.raises(MissingError, match="up0 on the host is down"):
        ground.apply(HOST)


def test_a_parent_that_is_not_there_is_refused_with_those_that_are(ground: Ground) -> None:
    uplink(ground)
    spec = {**HOST, "networks": {"lan": {**HOST["networks"]["lan"], "parent": "up1"}}}

    with pytest.raises(MissingError, match="there is no device up1 on the host") as caught:
        ground.apply(spec)
    assert "up0" in caught.value.hint


def test_a_port_of_a_bridge_is_no_parent(ground: Ground) -> None:
    uplink(ground)
    ground.undo("ip link delete br7")
    ground.sh("ip link add br7 type bridge; ip link set up0 master br7")

    with pytest.raises(MissingError, match="up0 on the host is a port of br7"):
        ground.apply(HOST)


def test_two_specs_share_a_parent_where_the_kernel_can(ground: Ground) -> None:
    uplink(ground)
    ground.apply(HOST)
    lan = HOST["networks"]["lan"]
    other = {**HOST, "name": "other", "prefix": "other-"}

    for said in ({"mode": "passthru"}, {"driver": "ipvlan"}):
        clash = {
            **other,
            "networks": {"lan": {**lan, "subnets": ["198.51.100.0/24"], **said}},
            "namespaces": {"a": {"networks": ["lan"]}},
        }
        with pytest.raises(ConflictError, match="carries macvlan bridge of spec onhost"):
            ground.apply(clash)

    ground.apply({**other, "networks": {"lan": {**lan, "range": "192.0.2.64/26"}}})
    assert ground.dead([("onhost-a", "192.0.2.64"), ("other-a", "192.0.2.2")]) == []


@pytest.mark.parametrize(("driver", "said"), [("ipvlan", {}), ("vlan", {"vid": 5})])
def test_what_the_kernel_lacks_is_refused_before_anything_is_changed(
    ground: Ground, tools: Any, driver: str, said: dict[str, Any]
) -> None:
    uplink(ground)
    if not lacks({"ipvlan": "ipvlan", "vlan": "vlan id 1"}[driver]):
        pytest.skip(f"this kernel has {driver}")
    before = tools.snapshot()
    lan = {"driver": driver, "parent": "up0", "subnets": [LAN], **said}

    with pytest.raises(MissingError, match=f"this kernel has no {driver}"):
        ground.apply({**HOST, "networks": {"lan": lan}})

    assert tools.differences(before, tools.snapshot()) == []


@pytest.mark.parametrize("mode", ["l2", "l3", "l3s"])
def test_ipvlan_shares_the_parents_address(ground: Ground, mode: str) -> None:
    if said := lacks("ipvlan"):
        pytest.skip(f"ipvlan: {said}")
    uplink(ground)
    lan = {"driver": "ipvlan", "mode": mode, "parent": "up0", "subnets": [LAN]}
    spec = {**HOST, "networks": {"lan": lan}}

    ground.apply(spec)

    assert ground.pings("onhost-a", "192.0.2.3")
    assert ground.apply(spec).prospect.steps == ()
    (way,) = ground.json("ip -n onhost-a -json route show default")
    assert ("gateway" in way) is (mode == "l2")


def test_a_vlan_is_tagged_on_the_parent(ground: Ground) -> None:
    if said := lacks("vlan id 1"):
        pytest.skip(f"vlan: {said}")
    uplink(ground)
    ground.sh("ip -n beyond link add link eth0 name v5 type vlan id 5; ip -n beyond link set v5 up")
    ground.sh("ip -n beyond address add 10.5.0.1/24 dev v5")
    lan = {"driver": "vlan", "parent": "up0.5", "subnets": ["10.5.0.0/24"]}
    spec = {**HOST, "networks": {"lan": lan}}

    ground.apply(spec)

    assert ground.dead([("onhost-a", "10.5.0.1"), ("onhost-a", "10.5.0.3")]) == []
    assert not ground.pings("onhost-a", ROUTER)
    assert ground.apply(spec).prospect.steps == ()
