"""What belongs to others is never taken, and what two specs share stays while one needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from netkit.errors import ConflictError, MissingError, NetkitError
from tests.root.apply.test_failures import CABLE

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

Spec = dict[str, Any]


def host(**said: Any) -> Spec:
    return {"name": "mine", "namespaces": {"host": said, "mine-a": {}}, "links": []}


def lan(name: str, subnet: str, **said: Any) -> Spec:
    return {
        "name": name,
        "prefix": f"{name}-",
        "networks": {"lan": {"subnets": [subnet], **said}},
        "namespaces": {"a": {"networks": ["lan"]}},
    }


ROUTED: Spec = {
    **CABLE,
    "namespaces": {
        "mine-a": {},
        "host": {"routes": [{"to": "10.72.0.0/24", "via": "10.71.0.2"}]},
    },
}

# What stands in the way, how it is removed, and what the refusal names.
IN_THE_WAY = {
    "a namespace": ("ip netns add mine-a", "ip netns delete mine-a", CABLE, "namespace mine-a"),
    "a device": (
        "ip link add name mine0 type veth peer name other",
        "ip link delete dev mine0",
        CABLE,
        "device mine0",
    ),
    "a device of another kind": (
        "ip link add name mine0 type bridge",
        "ip link delete dev mine0",
        CABLE,
        "device mine0",
    ),
    "a route": (
        "ip link add name other type bridge; ip link set dev other up;"
        "ip route add 10.72.0.0/24 dev other",
        "ip link delete dev other",
        ROUTED,
        "route 10.72.0.0/24",
    ),
    "a file": (
        "mkdir /etc/netns/mine-a; echo mine > /etc/netns/mine-a/hosts",
        "rm -r /etc/netns/mine-a",
        CABLE,
        "/etc/netns/mine-a/hosts",
    ),
    "a subnet": (
        "ip link add name other type bridge; ip address add 10.73.0.9/16 dev other",
        "ip link delete dev other",
        lan("mine", "10.73.5.0/24"),
        "10.73.0.9/16",
    ),
}


@pytest.mark.parametrize("case", IN_THE_WAY)
def test_what_is_in_the_way_is_named_and_nothing_is_changed(
    ground: Ground, tools: Any, case: str
) -> None:
    do, undo, spec, named = IN_THE_WAY[case]
    ground.undo(undo)
    ground.sh(do)
    before = tools.snapshot()

    with pytest.raises(ConflictError) as caught:
        ground.apply(spec)

    assert named in str(caught.value)
    assert tools.differences(before, tools.snapshot()) == []


def test_another_spec_that_has_the_place_is_named(ground: Ground, tools: Any) -> None:
    ground.apply({**CABLE, "name": "theirs"})
    before = tools.snapshot()

    with pytest.raises(ConflictError, match="theirs"):
        ground.apply(CABLE)

    assert tools.differences(before, tools.snapshot()) == []


def test_overlapping_networks_on_the_host_name_each_other(ground: Ground, tools: Any) -> None:
    ground.apply(lan("one", "10.74.0.0/16"))
    before = tools.snapshot()

    with pytest.raises(
        ConflictError, match=r"10\.74\.5\.0/24 overlaps 10\.74\.0\.1/16 of spec one"
    ):
        ground.apply(lan("two", "10.74.5.0/24"))

    assert tools.differences(before, tools.snapshot()) == []


OVERLAPS = {
    "a bridge of Docker's": (
        "ip link add name docker0 type bridge && ip addr add 10.74.3.1/24 dev docker0",
        "ip link delete dev docker0",
        "10.74.0.0/16 overlaps 10.74.3.1/24 of Docker's docker0",
    ),
    "a route to a part of it": (
        "ip link add name up0 type veth peer name up1 && ip link set up0 up && ip link set up1 up"
        " && ip addr add 192.0.2.1/24 dev up0 && ip route add 10.74.9.0/24 via 192.0.2.9",
        "ip link delete dev up0",
        "10.74.0.0/16 overlaps the route 10.74.9.0/24 of the host's up0",
    ),
    "a link to more than it": (
        "ip link add name up0 type veth peer name up1 && ip link set up0 up && ip link set up1 up"
        " && ip route add 10.0.0.0/8 dev up0",
        "ip link delete dev up0",
        "10.74.0.0/16 overlaps the route 10.0.0.0/8 of the host's up0",
    ),
    "packets that are thrown away": (
        "ip route add blackhole 10.74.9.0/24",
        "ip route delete blackhole 10.74.9.0/24",
        "10.74.0.0/16 overlaps the route 10.74.9.0/24 of the host (blackhole)",
    ),
}


@pytest.mark.parametrize("case", OVERLAPS)
def test_a_named_subnet_that_the_host_has_is_refused_by_its_holder(
    ground: Ground, tools: Any, case: str
) -> None:
    do, undo, named = OVERLAPS[case]
    ground.undo(undo)
    ground.sh(do)
    before = tools.snapshot()

    with pytest.raises(ConflictError) as caught:
        ground.apply(lan("one", "10.74.0.0/16"))

    assert named in str(caught.value)
    assert tools.differences(before, tools.snapshot()) == []


def test_a_wider_route_by_a_gateway_is_told_of(ground: Ground) -> None:
    ground.undo("ip link delete dev up0")
    ground.sh(
        "ip link add name up0 type veth peer name up1 && ip link set up0 up && ip link set up1 up"
        " && ip addr add 192.0.2.1/24 dev up0 && ip route add 10.0.0.0/8 via 192.0.2.9"
    )

    first = ground.apply(lan("one", "10.74.0.0/16"))
    again = ground.apply(lan("one", "10.74.0.0/16"))

    assert first.notes == (
        "subnet 10.74.0.0/16 takes its part of the route 10.0.0.0/8 of the host's up0",
    )
    assert again.notes == ()


def test_exhausted_pools_name_who_has_them(ground: Ground) -> None:
    ground.undo("ip link delete dev docker0; sysctl -qw net.ipv4.ip_forward=0")
    ground.sh("ip link add name docker0 type bridge && ip addr add 192.168.0.1/16 dev docker0")
    ground.apply(lan("one", "172.16.0.0/12"))

    with pytest.raises(NetkitError) as caught:
        ground.apply({"name": "two", "networks": {"x": {}}})

    said = str(caught.value)
    assert "all 31 default pools are taken" in said
    assert "172.16.0.0/12: spec one's network lan" in said
    assert "192.168.0.0/16: Docker's docker0" in said


def test_overlapping_networks_that_never_meet_are_no_matter(ground: Ground) -> None:
    for name in ("one", "two"):
        spec = lan(name, "10.74.0.0/24", gateway=False)
        spec["namespaces"]["b"] = {"networks": ["lan"]}
        ground.apply(spec)

    assert ground.dead([("one-a", "10.74.0.3"), ("two-a", "10.74.0.3")]) == []


def test_two_specs_side_by_side_do_not_touch_each_other(ground: Ground, tools: Any) -> None:
    one = ground.apply(lan("one", "10.75.0.0/24")).prospect
    alone = ground.all_facts(one)
    two = ground.apply(lan("two", "10.76.0.0/24")).prospect
    assert ground.dead([("one-a", "10.75.0.1"), ("two-a", "10.76.0.1")]) == []
    assert not ground.pings("one-a", "10.76.0.2")
    assert ground.look(lan("one", "10.75.0.0/24")).changes == ()
    assert two.topology is not None

    ground.destroy("two")

    assert tools.all_differences(alone, ground.all_facts(one)) == []


def test_without_subnets_two_specs_get_different_ones(ground: Ground) -> None:
    specs: list[Spec] = [
        {
            "name": name,
            "prefix": f"{name}-",
            "networks": {"n": {}},
            "namespaces": {"a": {"networks": ["n"]}},
        }
        for name in ("one", "two")
    ]

    one, two = (ground.apply(spec).prospect for spec in specs)

    assert one.allotments["pools"] != two.allotments["pools"]


def test_forwarding_is_put_back_with_the_last_who_needs_it(ground: Ground) -> None:
    forward = "cat /proc/sys/net/ipv4/ip_forward"
    assert ground.sh(forward) == "0\n"
    ground.apply(lan("one", "10.75.0.0/24"))
    ground.apply(lan("two", "10.76.0.0/24"))

    ground.destroy("one")
    assert ground.sh(forward) == "1\n"
    assert ground.dead([("two-a", "10.76.0.1")]) == []
    ground.destroy("two")
    assert ground.sh(forward) == "0\n"


def test_a_value_that_somebody_altered_since_is_left_and_said(ground: Ground) -> None:
    name = "net/ipv4/conf/all/log_martians"
    ground.undo("sysctl -qw net.ipv4.conf.all.log_martians=0")
    ground.apply({"name": "mine", "namespaces": {"host": {"sysctls": {name: "1"}}}})
    ground.sh("sysctl -qw net.ipv4.conf.all.log_martians=2")

    outcome = ground.destroy("mine")

    assert ground.sh(f"cat /proc/sys/{name}") == "2\n"
    assert any("log_martians" in note for note in outcome.notes)


def test_a_value_that_nobody_altered_comes_back(ground: Ground) -> None:
    name = "net/ipv4/conf/all/log_martians"
    spec = {"name": "mine", "namespaces": {"host": {"sysctls": {name: "1"}}}}
    ground.apply(spec)
    ground.apply(spec)

    outcome = ground.destroy("mine")

    assert outcome.notes == ()
    assert ground.sh(f"cat /proc/sys/{name}") == "0\n"


def test_forwarding_stays_on_while_a_foreign_rule_needs_it(ground: Ground) -> None:
    ground.undo("sysctl -qw net.ipv4.ip_forward=0")
    ground.undo("iptables -D FORWARD -s 10.1.1.0/24 -j ACCEPT")
    ground.apply(lan("one", "10.75.0.0/24"))
    ground.sh("iptables -A FORWARD -s 10.1.1.0/24 -j ACCEPT")

    outcome = ground.destroy("one")

    assert ground.sh("cat /proc/sys/net/ipv4/ip_forward") == "1\n"
    assert any("ip_forward" in note for note in outcome.notes)


def test_what_the_host_says_of_redirects_and_advertisements_comes_back(ground: Ground) -> None:
    ground.undo("ip link delete dev other0")
    ground.undo("sysctl -qw net.ipv4.conf.all.accept_redirects=1")
    ground.sh(
        "sysctl -qw net.ipv4.conf.all.accept_redirects=0;"
        "ip link add name other0 type veth peer name other1; ip link set dev other0 up"
    )
    spec = lan("one", "10.75.0.0/24")
    spec["networks"]["lan"]["subnets"].append("fd00:75::/64")
    read = "sysctl -n net.ipv4.conf.all.accept_redirects net.ipv6.conf.other0.accept_ra"

    ground.apply(spec)
    assert ground.sh(read) == "0\n2\n"
    assert ground.apply(spec).prospect.steps == ()
    ground.destroy("one")

    assert ground.sh(read) == "0\n1\n"


ACCEPTS = "sysctl -n net.ipv6.conf.other0.accept_ra"


@pytest.fixture
def uplink(ground: Ground) -> None:
    """Give the host a device that listens to router advertisements."""
    ground.undo("ip link delete dev other0 2>/dev/null || true")
    ground.sh("ip link add name other0 type veth peer name other1; ip link set dev other0 up")


@pytest.mark.usefixtures("uplink")
def test_advertisements_count_as_long_as_another_spec_has_the_host_forward(ground: Ground) -> None:
    for number, name in enumerate(("one", "two"), start=75):
        spec = lan(name, f"10.{number}.0.0/24")
        spec["networks"]["lan"]["subnets"].append(f"fd00:{number}::/64")
        ground.apply(spec)

    ground.destroy("one")
    assert ground.sh(ACCEPTS) == "2\n"
    assert ground.look(spec).changes == ()
    ground.destroy("two")

    assert ground.sh(ACCEPTS) == "1\n"


@pytest.mark.usefixtures("uplink")
def test_advertisements_count_where_the_host_forwards_on(ground: Ground) -> None:
    ground.undo("sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0")
    ground.undo("ip link delete dev since0")
    spec = lan("one", "10.75.0.0/24")
    spec["networks"]["lan"]["subnets"].append("fd00:75::/64")
    ground.apply(spec)
    ground.sh("ip link add name since0 type bridge")

    outcome = ground.destroy("one")

    assert ground.sh(f"sysctl -n net.ipv6.conf.all.forwarding; {ACCEPTS}") == "1\n2\n"
    assert any("other0/accept_ra" in note for note in outcome.notes)


@pytest.mark.usefixtures("uplink")
def test_a_device_that_listened_to_advertisements_may_go(ground: Ground) -> None:
    spec = lan("one", "10.75.0.0/24")
    spec["networks"]["lan"]["subnets"].append("fd00:75::/64")
    ground.apply(spec)

    ground.sh("ip link delete dev other0")

    assert ground.look(spec).changes == ()
    assert ground.apply(spec).prospect.steps == ()
    ground.destroy("one")


FOREIGN = "ip link add name ext0 mtu 1450 address 02:00:00:00:00:50 type veth peer name ext1"
EXISTING: Spec = {
    "name": "mine",
    "namespaces": {
        "host": {
            "devices": {
                "ext0": {
                    "type": "existing",
                    "mtu": 1400,
                    "mac": "02:00:00:00:00:51",
                    "up": True,
                    "addresses": ["10.77.0.1/24", "10.77.1.1/24"],
                }
            }
        }
    },
}


def test_an_existing_device_is_altered_as_named_and_put_back(ground: Ground, tools: Any) -> None:
    ground.undo("ip link delete dev ext0")
    ground.sh(f"{FOREIGN}; ip address add 10.77.1.1/24 dev ext0")
    before = tools.snapshot()
    number = ground.ifindex(None, "ext0")

    ground.apply(EXISTING)
    (device,) = ground.json("ip -json address show dev ext0")
    assert (device["mtu"], device["address"]) == (1400, "02:00:00:00:00:51")
    assert "UP" in device["flags"]
    assert {"10.77.0.1", "10.77.1.1"} <= {each["local"] for each in device["addr_info"]}
    assert ground.apply(EXISTING).prospect.steps == ()
    ground.destroy("mine")

    assert ground.ifindex(None, "ext0") == number
    assert tools.differences(before, tools.snapshot()) == []


def test_an_existing_device_that_is_not_there_is_refused(ground: Ground) -> None:
    with pytest.raises(MissingError, match="ext0"):
        ground.apply(EXISTING)


LENT: Spec = {
    "name": "mine",
    "namespaces": {
        "mine-a": {
            "devices": {
                "wan": {"type": "existing", "from": "host:ext0", "addresses": ["10.77.0.1/24"]}
            }
        }
    },
}


def test_a_device_is_lent_and_goes_home(ground: Ground, tools: Any) -> None:
    ground.undo("ip link delete dev ext1")
    ground.sh(f"{FOREIGN}; ip link set dev ext1 up; ip address add 10.77.0.2/24 dev ext1")
    before = tools.snapshot()

    ground.apply(LENT)
    assert ground.pings("mine-a", "10.77.0.2")
    assert ground.apply(LENT).prospect.steps == ()
    ground.destroy("mine")

    assert tools.differences(before, tools.snapshot()) == []


def test_a_device_goes_home_when_the_spec_stays_and_no_longer_wants_it(
    ground: Ground, tools: Any
) -> None:
    ground.undo("ip link delete dev ext1")
    ground.sh(FOREIGN)
    before = tools.snapshot()
    ground.apply(LENT)

    ground.apply({"name": "mine", "namespaces": {"mine-a": {}}})
    ground.destroy("mine")

    assert tools.differences(before, tools.snapshot()) == []


@pytest.mark.parametrize("kind", ["name", "path", "pid"])
def test_a_sandbox_of_somebody_elses_is_furnished_and_left(
    ground: Ground, tools: Any, kind: str
) -> None:
    ground.undo("ip netns delete theirs")
    ground.sh("ip netns add theirs; ip -n theirs link set dev lo up")
    sleeper = ground.start("sleep", "1000", netns="theirs")
    where = {"name": "theirs", "path": "/run/netns/theirs", "pid": sleeper.pid}[kind]
    spec = {
        "name": "mine",
        "networks": {"lan": {"subnets": ["10.78.0.0/24", "fd00:78::/64"]}},
        "namespaces": {
            "guest": {"netns": {kind: where}, "networks": ["lan"]},
            "mine-a": {"networks": ["lan"]},
        },
    }
    before = tools.snapshot("theirs")

    found = ground.apply(spec).prospect
    assert (
        ground.dead([("theirs", "10.78.0.1"), ("theirs", "fd00:78::1"), ("mine-a", "10.78.0.2")])
        == []
    )
    assert ground.apply(spec).prospect.steps == ()
    assert found.steps != ()
    ground.destroy("mine")

    assert tools.differences(before, tools.snapshot("theirs")) == []
    assert sleeper.poll() is None


KINDS: dict[str, Spec] = {
    "vlan": {"type": "vlan", "parent": "eth0", "vid": 5},
    "dummy": {"type": "dummy"},
    "vrf": {"type": "vrf", "table": 10},
    "bond": {"type": "bond"},
    "wireguard": {"type": "wireguard"},
    "ipvlan": {"type": "ipvlan", "parent": "eth0"},
    "gre": {"type": "gre", "local": "10.79.0.1", "remote": "10.79.0.2"},
    "vlan_filtering": {"type": "bridge", "vlan_filtering": True},
}


def equipped(device: Spec) -> Spec:
    return {
        "name": "mine",
        "namespaces": {"mine-a": {"devices": {"x0": device}}, "mine-b": {}},
        "links": [{"ends": ["mine-a:eth0", "mine-b:eth0"], "subnet": "10.79.0.0/30"}],
    }


SLOW = equipped({"type": "tap"})
SLOW["links"][0]["delay"] = "20ms"


@pytest.mark.parametrize("kind", [*KINDS, "netem"])
def test_a_kind_is_built_or_refused_before_anything_is_changed(
    ground: Ground, tools: Any, kind: str
) -> None:
    spec = SLOW if kind == "netem" else equipped(KINDS[kind])
    if lacks(ground, kind):
        before = tools.snapshot()
        pointer = "/links/0" if kind == "netem" else "/namespaces/mine-a/devices/x0"

        with pytest.raises(MissingError, match=f"{pointer}.* no {kind}"):
            ground.apply(spec)

        assert tools.differences(before, tools.snapshot()) == []
        return
    ground.apply(spec)
    assert ground.look(spec).changes == ()


def lacks(ground: Ground, kind: str) -> bool:
    """Try it out, by other means than netkit's."""
    line = {
        "netem": "tc qdisc add dev lo root netem delay 1ms",
        "vlan": "ip link add name x0 link lo type vlan id 5",
        "ipvlan": "ip link add name p0 type veth; ip link add name x0 link p0 type ipvlan",
        "vrf": "ip link add name x0 type vrf table 10",
        "gre": "ip link add name x0 type gre local 10.79.0.1 remote 10.79.0.2",
        "vlan_filtering": "ip link add name x0 type bridge vlan_filtering 1",
    }.get(kind, f"ip link add name x0 type {kind}")
    done = ground.start("unshare", "--net", "sh", "-ec", f"{line} 2>/dev/null")
    return done.wait() != 0
