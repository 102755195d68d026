"""Networks on a parent: the exact lines that make them, whatever this machine's kernel has."""

from __future__ import annotations

import re
from typing import Any

import pytest

from netkit.expand.expand import expand
from netkit.expand.fill import Parent, fill
from netkit.expand.ipam.allotments import Allotments
from netkit.model.link import Ipvlan, Link, Macvlan
from netkit.model.netns import Namespace
from netkit.model.routing import Route
from netkit.model.state import NOTHING, State
from netkit.names import bridge_ifname, endpoint_ifname, group, hidden_netns, vlan_ifname
from netkit.plan.lower import lower
from netkit.plan.plan import plan
from netkit.spec import topology

NAMES = {
    hidden_netns("t"): "HIDDEN",
    bridge_ifname("t", "lan"): "nk-lan",
    endpoint_ifname("t", "lan", "a"): "nk-a",
    endpoint_ifname("t", "lan", "host"): "nk-far",
    vlan_ifname("t", "host", "eth0", 10): "nk-vlan",
}


def state(parents: dict[Parent, int] | None = None, **network: Any) -> State:
    said = {
        "name": "t",
        "networks": {"lan": {"subnets": ["10.1.0.0/24"], **network}},
        "namespaces": {"a": {"networks": ["lan"]}},
    }
    return expand(fill(topology(said), Allotments(), (), parents or {})[0])


def reduced(line: str) -> str:
    """Leave out what every device has, and write the names that are hashes as what they are."""
    for name, word in NAMES.items():
        line = line.replace(name, word)
    return re.sub(r" group \d+| mtu 1500| address 02:(?!42:0a)[0-9a-f:]+", "", line)


def lines(desired: State, current: State = NOTHING) -> list[str]:
    """Give the lines about devices and routes."""
    steps = lower(plan(current, desired), desired, group=group("t"))
    said = (reduced(str(item.step)) for item in steps)
    return [line for line in said if " link add " in line or " route add " in line]


def test_a_macvlan_is_made_on_the_parent_and_born_in_the_sandbox() -> None:
    assert lines(state(driver="macvlan", parent="eth0", mode="private")) == [
        "ip link add link eth0 name eth0 netns a"
        " address 02:42:0a:01:00:02 type macvlan mode private",
        "ip -n a route add 0.0.0.0/0 via 10.1.0.1 dev eth0",
    ]


def test_one_of_passthru_has_no_address_of_its_own() -> None:
    assert lines(state(driver="macvlan", parent="eth0", mode="passthru"))[0] == (
        "ip link add link eth0 name eth0 netns a type macvlan mode passthru"
    )


@pytest.mark.parametrize(
    ("mode", "way"), [("l2", "via 10.1.0.1 dev eth0"), ("l3", "dev eth0"), ("l3s", "dev eth0")]
)
def test_an_ipvlan_routes_by_its_mode(mode: str, way: str) -> None:
    assert lines(state(driver="ipvlan", parent="eth0", mode=mode)) == [
        f"ip link add link eth0 name eth0 netns a type ipvlan mode {mode}",
        f"ip -n a route add 0.0.0.0/0 {way}",
    ]


def test_a_vlan_lies_on_the_parent_and_is_a_port_of_a_hidden_switch() -> None:
    assert lines(state(driver="vlan", parent="eth0.10")) == [
        "ip -n HIDDEN link add name nk-lan type bridge",
        "ip -n HIDDEN link add name nk-a master nk-lan type veth peer name eth0"
        " address 02:42:0a:01:00:02 netns a",
        "ip link add link eth0 name nk-vlan netns HIDDEN type vlan id 10",
        "ip -n a route add 0.0.0.0/0 via 10.1.0.1 dev eth0",
    ]


def test_a_tagged_macvlan_lies_on_a_device_beside_the_parent() -> None:
    assert lines(state(driver="macvlan", parent="eth0", vid=10)) == [
        "ip link add link eth0 name nk-vlan type vlan id 10",
        "ip link add link nk-vlan name eth0 netns a address 02:42:0a:01:00:02"
        " type macvlan mode bridge",
        "ip -n a route add 0.0.0.0/0 via 10.1.0.1 dev eth0",
    ]


def test_networks_on_one_tag_share_its_device() -> None:
    said = {
        "name": "t",
        "networks": {
            name: {"driver": "macvlan", "parent": "eth0", "vid": 10, "mtu": mtu}
            for name, mtu in (("one", 1400), ("two", 1450))
        },
        "namespaces": {"a": {"networks": ["one"]}, "b": {"networks": ["two"]}},
    }
    found = lines(expand(fill(topology(said), Allotments())[0]))

    assert [line.split()[-4:] for line in found if "vlan id" in line] == [
        ["type", "vlan", "id", "10"]
    ]
    assert " mtu 1450 " in next(line for line in found if "vlan id" in line)


def test_without_a_parent_the_ground_is_a_cable_that_leads_nowhere() -> None:
    assert lines(state(driver="macvlan")) == [
        "ip link add name nk-lan netns HIDDEN type veth peer name nk-far netns HIDDEN",
        "ip -n HIDDEN link add link nk-lan name eth0 netns a address 02:42:0a:01:00:02"
        " type macvlan mode bridge",
    ]


def test_no_way_out_of_an_internal_network() -> None:
    for driver, mode in (("macvlan", "bridge"), ("ipvlan", "l3")):
        found = state(driver=driver, mode=mode, parent="eth0", internal=True)
        assert found.every(Route) == ()


def test_the_mtu_is_the_parents_unless_it_is_said() -> None:
    parents = {("host", "eth0"): 9000}

    (device,) = state(parents, driver="macvlan", parent="eth0").every(Macvlan)
    assert device.mtu == 9000
    (device,) = state(parents, driver="macvlan", parent="eth0", mtu=1400).every(Macvlan)
    assert device.mtu == 1400


def test_a_parent_in_a_namespace_of_the_spec() -> None:
    said = {
        "name": "t",
        "networks": {"lan": {"driver": "ipvlan", "parent": "box:wan"}},
        "namespaces": {"a": {"networks": ["lan"]}, "box": {}, "far": {}},
        "links": [{"ends": ["box:wan", "far:eth0"], "mtu": 1400}],
    }
    (device,) = expand(fill(topology(said), Allotments())[0]).every(Ipvlan)

    assert (device.parent_netns, device.parent, device.mtu) == ("box", "wan", 1400)


def test_a_device_on_a_parent_that_stays_does_not_wait_for_its_namespace_to_go() -> None:
    before = state(driver="macvlan", parent="eth0")
    gone = plan(before, NOTHING)

    assert [type(each.before) for each in gone][:1] == [Macvlan]
    assert [each.before for each in gone if isinstance(each.before, Namespace)] != []
    inside = [each for each in gone if isinstance(each.before, Link)]
    assert len(inside) == 1  # lo goes with its namespace
