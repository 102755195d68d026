"""Networks of Open vSwitch, on the real one: who reaches whom, what drifts, and what is left."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from netkit.apply.session import writing
from netkit.apply.sweep import leftovers
from netkit.apply.transaction import carry_out
from netkit.errors import CommandError, MissingError
from netkit.names import bridge_ifname, endpoint_ifname
from tests.root import switch
from tests.root.waiting import eventually

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

SWITCH = bridge_ifname("sw", "lan")
PORT = endpoint_ifname("sw", "lan", "a")
A, B, C = "10.40.0.2", "10.40.0.3", "10.40.0.4"


def spec(*, members: dict[str, Any] | None = None, **said: Any) -> dict[str, Any]:
    """Give a switch without a gateway, and three members of which one has another tag."""
    members = members or {"a": {"tag": 10}, "b": {"tag": 10}, "c": {"tag": 20}}
    return {
        "name": "sw",
        "prefix": "sw-",
        "networks": {
            "lan": {"driver": "ovs", "subnets": ["10.40.0.0/24"], "gateway": False, **said}
        },
        "namespaces": {name: {"networks": {"lan": keys}} for name, keys in members.items()},
    }


@pytest.fixture(autouse=True)
def nothing_is_left_in_the_switch() -> Iterator[None]:
    """Start Open vSwitch, and hold that its database is afterwards as it was."""
    switch.needed()
    before = rows()
    yield
    assert rows() == before


def rows() -> list[str]:
    """Name the ports that there are; each switch has one of its own name."""
    line = "ovs-vsctl --format=json --columns=name list Port"
    done = subprocess.run(line.split(), capture_output=True, text=True, check=True)
    return sorted(name for (name,) in json.loads(done.stdout)["data"])


def test_tags_keep_members_apart(ground: Ground) -> None:
    ground.apply(spec())

    assert ground.dead([("sw-a", B), ("sw-b", A)]) == []
    assert not ground.pings("sw-a", C)
    assert ground.apply(spec()).prospect.steps == ()


def test_a_tag_changes_in_place(ground: Ground) -> None:
    first = ground.apply(spec()).prospect
    numbers = ground.numbers(first)

    ground.apply(spec(members={"a": {"tag": 20}, "b": {}, "c": {"tag": 20}}))

    assert ground.numbers(first) == numbers
    assert ground.pings("sw-a", C)
    assert not ground.pings("sw-a", B)


def test_a_trunk_carries_tagged_frames(ground: Ground) -> None:
    ground.apply(spec(members={"a": {"tag": 10}, "t": {"trunks": [10], "addresses": []}}))
    watch = subprocess.Popen(
        [*ground.inside("sw-t"), "timeout", "5", "tcpdump", "-c1", "-lnei", "eth0", "arp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watch.stderr is not None
    while "listening" not in watch.stderr.readline():
        pass

    ground.pings("sw-a", "10.40.0.77")

    seen, _ = watch.communicate()
    assert "vlan 10" in seen
    assert "who-has 10.40.0.77" in seen


def test_isolated_members_reach_the_gateway_alone(ground: Ground) -> None:
    ground.apply(spec(members={"a": {}, "b": {}}, gateway="10.40.0.1", isolate=True))

    assert ground.dead([("sw-a", "10.40.0.1"), ("sw-b", "10.40.0.1")]) == []
    assert not ground.pings("sw-a", B)


def test_a_gateway_leads_out_with_the_hosts_address(ground: Ground) -> None:
    ground.undo("ip netns delete world")
    ground.undo("ip link delete up0")
    ground.sh("ip netns add world; ip link add up0 type veth peer name eth0 netns world")
    ground.sh("ip address add 192.0.2.1/24 dev up0; ip link set up0 up")
    ground.sh("ip -n world address add 192.0.2.9/24 dev eth0; ip -n world link set eth0 up")

    ground.apply(spec(members={"a": {}, "t": {"tag": 10}}, gateway="10.40.0.1"))

    assert ground.pings("sw-a", "192.0.2.9")  # which knows no way back to 10.40.0.0/24
    assert ground.json("ip -n sw-t -json route show default") == []  # the gateway is in no VLAN


def test_a_port_of_the_host_leads_to_a_member(ground: Ground) -> None:
    members: dict[str, Any] = {"a": {"publish": ["8080:80"]}, "b": {}}
    ground.apply(spec(members=members, gateway="10.40.0.1"))
    ground.start(sys.executable, "-m", "http.server", "80", netns="sw-a")

    for source, target in ((None, "127.0.0.1"), ("sw-b", "10.40.0.1"), ("sw-a", "10.40.0.1")):
        assert connects(ground, source, target, 8080)


def connects(ground: Ground, netns: str | None, address: str, port: int) -> bool:
    """Say whether a server answers within some seconds."""
    line = f"import socket; socket.create_connection(('{address}', {port}), timeout=1)"
    argv = (*ground.inside(netns), sys.executable, "-c", line)
    return eventually(
        lambda: subprocess.run(argv, capture_output=True, check=False).returncode == 0
    )


def test_packets_of_the_mtu_pass_and_one_that_cannot_is_refused(ground: Ground) -> None:
    members: dict[str, Any] = {"a": {}, "b": {}}
    gateway = "10.40.0.1"
    for mtu in (1500, 1400):
        ground.apply(spec(members=members, mtu=mtu, gateway=gateway))
        for target in (B, gateway):
            line = f"ping -n -q -c 1 -W 1 -M do -s {mtu - 28} {target}".split()
            done = subprocess.run([*ground.inside("sw-a"), *line], capture_output=True, check=False)
            assert done.returncode == 0
    ground.apply(spec(members={**members, "c": {}}, mtu=1400, gateway=gateway))
    again = spec(members={**members, "c": {}}, mtu=1400, gateway=gateway)
    assert ground.look(again).changes == ()

    if switch.datapath() == "netdev":
        with pytest.raises(MissingError, match="an MTU of 9000 needs the kernel's datapath"):
            ground.apply(spec(members=members, mtu=9000))


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(f"ovs-vsctl del-port {PORT}", id="a port is deleted"),
        pytest.param(f"ovs-vsctl set Port {PORT} tag=99", id="a tag is changed"),
        pytest.param(f"ovs-vsctl set Port {PORT} trunks=1,2 tag=[]", id="a port becomes a trunk"),
        pytest.param(f"ovs-vsctl del-br {SWITCH}", id="the switch is deleted"),
        pytest.param("ip netns delete sw-a", id="a namespace is deleted"),
        pytest.param("ip -n sw-a link delete eth0", id="a device is deleted"),
        pytest.param(f"ip link delete {SWITCH}", id="the local port's device is deleted"),
    ],
)
def test_drift_is_found_and_mended(ground: Ground, harm: str) -> None:
    ground.apply(spec())
    ground.sh(harm)

    assert ground.look(spec()).changes != ()
    ground.apply(spec())

    assert ground.dead([("sw-a", B), ("sw-b", A)]) == []
    assert not ground.pings("sw-a", C)
    assert ground.look(spec()).changes == ()


def test_a_switch_that_crashed_and_came_back_gets_its_devices_again(ground: Ground) -> None:
    ground.apply(spec())
    switch.stop()
    try:
        with pytest.raises(MissingError, match="the switch of Open vSwitch does not run"):
            ground.apply(spec())
        with pytest.raises(MissingError, match="does not run"):
            ground.destroy("sw")
    finally:
        switch.start()
    assert not ground.pings("sw-a", B)

    ground.apply(spec())

    assert ground.dead([("sw-a", B), ("sw-b", A)]) == []
    assert ground.look(spec()).changes == ()


def test_a_member_gets_another_device_name_and_place(ground: Ground) -> None:
    ground.apply(spec())
    moved = spec(members={"a": {"tag": 10, "device": "lan"}, "b": {"tag": 10}})

    ground.apply(moved)

    assert ground.pings("sw-a", B)
    assert ground.look(moved).changes == ()
    assert "eth0" not in ground.sh("ip -n sw-a -brief link")


def test_a_failure_leaves_the_switch_as_it_was(ground: Ground) -> None:
    first = ground.apply(spec()).prospect
    numbers, before = ground.numbers(first), rows()
    bad = spec(members={"a": {"tag": 10}, "b": {"tag": 10}, "c": {"tag": 30}, "d": {}})
    bad["namespaces"]["d"]["sysctls"] = {"net/ipv4/no_such_thing": "1"}

    with pytest.raises(CommandError):
        ground.apply(bad)

    assert rows() == before
    assert ground.numbers(first) == numbers
    assert ground.look(spec()).changes == ()


def test_what_lost_its_memory_is_found_by_its_marks_and_nothing_else(ground: Ground) -> None:
    ground.undo("ovs-vsctl del-br theirs")
    ground.sh("ovs-vsctl add-br theirs -- set Bridge theirs datapath_type=netdev")
    ground.sh("ovs-vsctl add-port theirs their-port -- set Interface their-port type=internal")
    theirs = rows()
    ground.apply(spec())
    with writing() as session:
        session.memory.forget("sw")

    with writing() as session:
        carry_out(session, leftovers(session))

    assert rows() == theirs
    assert "sw-a" not in ground.sh("ip netns list")
    ground.sh("ovs-vsctl del-br theirs")


def test_a_switch_of_somebody_elses_is_not_taken(ground: Ground, tools: Any) -> None:
    ground.undo(f"ovs-vsctl --if-exists del-br {SWITCH}")
    ground.sh(f"ovs-vsctl add-br {SWITCH} -- set Bridge {SWITCH} datapath_type=netdev")
    theirs = rows()
    try:
        with pytest.raises(Exception, match=f"ovs bridge {SWITCH} exists"):
            ground.apply(spec())
        assert rows() == theirs
    finally:
        ground.sh(f"ovs-vsctl del-br {SWITCH}")


def test_a_hundred_ports_go_with_their_switch_in_one_step(ground: Ground) -> None:
    found = ground.apply(spec(members={f"h{number}": {} for number in range(20)})).prospect
    done = ground.destroy("sw").prospect

    assert sum("add-port" in str(item.step) for item in found.steps) == 20
    assert [str(item.step) for item in done.steps if "ovs-vsctl" in str(item.step)] == [
        f"ovs-vsctl --timeout=10 --if-exists del-br {SWITCH}"
    ]


def test_the_database_holds_what_the_spec_says(ground: Ground) -> None:
    ground.apply(spec(members={"a": {"tag": 10, "trunks": [20, 30]}}))

    said = ground.json(
        f"ovs-vsctl --format=json --columns=tag,trunks,vlan_mode,external_ids list Port {PORT}"
    )

    assert said["data"] == [
        [10, ["set", [20, 30]], "native-untagged", ["map", [["netkit", "sw"]]]]
    ], json.dumps(said)
