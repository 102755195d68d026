"""A device of the host's that is lent to a namespace comes home as what it was."""

from __future__ import annotations

from typing import Any

import pytest

from netkit.apply.prospect import prospect, way_back
from netkit.apply.session import writing
from netkit.errors import CommandError
from netkit.spec import topology
from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

MAC = "02:00:00:00:77:01"
SAID = {"mtu": 1300, "mac": "02:00:00:00:77:02", "addresses": ["10.77.0.1/24"]}
HOME = (1444, MAC, "lent-br", True)
HANGING = (
    "address add 10.7.0.1/24 broadcast 10.7.0.255 dev lent0",
    "address add 10.7.0.2/24 dev lent0 label lent0:x",
    "address add 10.6.0.1/24 dev lent0 noprefixroute metric 50 scope link",
    "address add 10.9.0.1 peer 10.9.0.2/32 dev lent0 valid_lft forever preferred_lft 0",
    "address add fd00:7::1/64 dev lent0 nodad",
    "address add fd00:7::2/64 dev lent0 noprefixroute nodad",
    "route add default via 10.7.0.254 dev lent0 metric 7 src 10.7.0.2",
    "route add 10.20.0.0/16 via 192.168.9.1 dev lent0 onlink mtu 1400 protocol static table 77",
    "route add 10.21.0.0/16 dev lent0 scope host",
    "route add 10.22.0.0/16 nexthop via 10.7.0.3 dev lent0 weight 3 nexthop via 10.9.0.2 dev lent0",
    "route add 10.23.0.0/16 via 10.21.0.9 dev lent0 onlink tos 0x10",
    "route add 10.24.0.0/16 via inet6 fe80::9 dev lent0",
    "route add fd00:8::/64 via fd00:7::9 dev lent0 metric 3 src fd00:7::2",
    "route add fd00:9::/64 nexthop via fd00:7::3 dev lent0 nexthop via fd00:7::4 dev lent0",
    "route add fd00:a::/64 dev lent0 table 78",
)
VOLATILE = {"valid_life_time", "preferred_life_time", "tentative", "flags"}


def spec(netns: str = "a", ifname: str = "wan", **more: Any) -> dict[str, Any]:
    device = {"type": "existing", "from": "host:lent0", **SAID, **more}
    device = {name: value for name, value in device.items() if value is not None}
    return {"name": "lent", "prefix": "lt-", "namespaces": {netns: {"devices": {ifname: device}}}}


def seen(ground: Ground, where: str = "", ifname: str = "lent0") -> tuple[int, str, str, bool]:
    (link,) = ground.json(f"ip {where} -json link show dev {ifname}")
    return link["mtu"], link["address"], link.get("master", ""), "UP" in link["flags"]


def hanging(ground: Ground, ifname: str = "lent0") -> list[Any]:
    """Give all that hangs on the device at home, in the order of the kernel."""
    (device,) = ground.json(f"ip -Numeric -details -json address show dev {ifname}")
    found = [item for item in device["addr_info"] if not item["local"].startswith("fe80:")]
    for family in (4, 6):
        for item in ground.json(f"ip -{family} -Numeric -details -json route show table all"):
            hops = item.get("nexthops", [item])
            kernels = item.get("protocol") == "2"
            if not kernels and any(hop.get("dev") == ifname for hop in hops):
                found.append(item | {"onlink": "onlink" in item["flags"]})
    return [{key: item[key] for key in item.keys() - VOLATILE} for item in found]


def recover(ground: Ground) -> tuple[str, ...]:
    with writing() as session:
        return ground.carry_out(session, way_back(session, "lent")).notes


@pytest.fixture
def host(ground: Ground) -> Ground:
    """Give a host that has a device to lend: a port of a bridge, up, with an MTU of its own."""
    ground.sh(
        "ip link add name lent-br type bridge; ip link add name lent0 type veth peer name lent1;"
        f"ip link set dev lent0 mtu 1444 address {MAC} master lent-br up; ip link set dev lent1 up"
    )
    ground.undo("ip link delete dev lent0; ip link delete dev lent-br")
    return ground


def comes_home(host: Ground) -> bool:
    host.destroy("lent")
    return seen(host) == HOME


def test_it_comes_home_as_it_was(host: Ground) -> None:
    host.apply(spec())
    assert seen(host, "-n lt-a", "wan")[:2] == (1300, SAID["mac"])
    assert host.look(spec()).changes == ()
    assert comes_home(host)


def test_it_is_as_it_was_after_a_failure(host: Ground) -> None:
    failing = spec()
    failing["namespaces"]["a"]["sysctls"] = {"net/ipv4/conf/wan/rp_filter": "many"}

    with pytest.raises(CommandError):
        host.apply(failing)

    assert seen(host) == HOME


@pytest.mark.parametrize(
    ("netns", "ifname"), [("a", "wan2"), ("b", "wan"), ("b", "other")], ids=str
)
def test_it_is_lent_to_another_or_by_another_name(host: Ground, netns: str, ifname: str) -> None:
    host.apply(spec())
    host.apply(spec(netns, ifname, mtu=1290))

    assert seen(host, f"-n lt-{netns}", ifname)[:2] == (1290, SAID["mac"])
    assert host.look(spec(netns, ifname, mtu=1290)).changes == ()
    assert comes_home(host)


@pytest.mark.parametrize(("netns", "ifname"), [("a", "wan"), ("b", "wan2")], ids=str)
def test_what_is_said_no_longer_is_as_at_home(host: Ground, netns: str, ifname: str) -> None:
    host.apply(spec())
    host.apply(spec(netns, ifname, mtu=None, mac=None))

    assert seen(host, f"-n lt-{netns}", ifname)[:2] == HOME[:2]
    assert host.look(spec(netns, ifname, mtu=None, mac=None)).changes == ()
    assert comes_home(host)


@pytest.fixture
def laden(host: Ground) -> Ground:
    """Give that host, where the device has addresses and routes of its own."""
    host.sh("; ".join(f"ip {line}" for line in HANGING))
    return host


def test_it_gets_back_what_hung_on_it(laden: Ground) -> None:
    before = hanging(laden)
    assert len(before) == len(HANGING)

    outcome = laden.apply(spec())
    assert not [line for line in map(str, outcome.prospect.steps) if "delete" in line]
    assert laden.look(spec()).changes == ()
    assert comes_home(laden)
    assert hanging(laden) == before


@pytest.mark.parametrize(("netns", "ifname"), [("a", "wan2"), ("b", "wan")], ids=str)
def test_it_gets_it_back_from_another(laden: Ground, netns: str, ifname: str) -> None:
    before = hanging(laden)
    laden.apply(spec())
    laden.apply(spec(netns, ifname))

    assert laden.look(spec(netns, ifname)).changes == ()
    assert comes_home(laden)
    assert hanging(laden) == before


def test_it_gets_it_back_when_the_spec_says_it_no_longer(laden: Ground) -> None:
    before = hanging(laden)
    laden.apply(spec())
    without = {"name": "lent", "prefix": "lt-", "namespaces": {"a": {}}}
    laden.apply(without)

    assert seen(laden) == HOME
    assert hanging(laden) == before
    assert laden.look(without).changes == ()
    laden.sh("ip address delete 10.7.0.2/24 dev lent0")
    assert laden.look(without).changes == ()
    laden.destroy("lent")
    assert len(hanging(laden)) < len(before)


def test_it_gets_it_back_after_a_failure(laden: Ground) -> None:
    before = hanging(laden)
    failing = spec()
    failing["namespaces"]["a"]["sysctls"] = {"net/ipv4/conf/wan/rp_filter": "many"}

    with pytest.raises(CommandError):
        laden.apply(failing)

    assert seen(laden) == HOME
    assert hanging(laden) == before


def without(before: list[Any], *gone: str) -> list[Any]:
    return [item for item in before if item.get("local", item.get("dst")) not in gone]


TAKEN = {
    "an address": (
        ("address add 10.6.0.1/16 dev lent1",),
        ("10.6.0.1",),
        ["lent0 does not get back 10.6.0.1/24: lent1 has 10.6.0.1/16 by now"],
    ),
    "the place of a route": (
        (
            "route add 10.21.0.0/16 dev lent1 protocol dhcp",
            "route add fd00:a::/64 dev lent1 table 78",
        ),
        ("10.21.0.0/16", "fd00:a::/64"),
        [
            "lent0 does not get back its route to 10.21.0.0/16: there is one by lent1 by now",
            "lent0 does not get back its route to fd00:a::/64: there is one by lent1 by now",
        ],
    ),
    "what routes need": (
        ("address add fd00:7::1/128 dev lent1", "address add fd00:7::2/128 dev lent1"),
        ("fd00:7::1", "fd00:7::2", "fd00:8::/64", "fd00:9::/64"),
        [
            "lent0 does not get back fd00:7::2/64: lent1 has fd00:7::2/128 by now",
            "lent0 does not get back fd00:7::1/64: lent1 has fd00:7::1/128 by now",
            "lent0 does not get back its route to fd00:8::/64: fd00:7::9 is on its link no more",
            "lent0 does not get back its route to fd00:9::/64: fd00:7::3 is on its link no more",
        ],
    ),
}


@pytest.mark.parametrize("what", TAKEN)
def test_what_somebody_has_by_now_stays_his(laden: Ground, what: str) -> None:
    lines, gone, notes = TAKEN[what]
    before = hanging(laden)
    laden.apply(spec())
    laden.sh("; ".join(f"ip {line}" for line in lines))

    assert sorted(laden.destroy("lent").notes) == sorted(notes)
    assert seen(laden) == HOME
    assert hanging(laden) == without(before, *gone)


def test_what_somebody_has_by_now_stays_his_on_the_way_back(laden: Ground) -> None:
    before = hanging(laden)
    failing = spec()
    failing["namespaces"]["a"]["sysctls"] = {"net/ipv4/conf/wan/rp_filter": "many"}
    with pytest.raises(CommandError), writing() as session:
        laden.carry_out(session, prospect(session, topology(failing)), keep_failed=True)
    assert seen(laden, "-n lt-a", "wan")
    laden.sh("ip address add 10.9.0.1/30 dev lent1; ip link delete dev lent-br")

    assert recover(laden) == (
        "lent0 does not get back 10.9.0.1/32: lent1 has 10.9.0.1/30 by now",
        "lent0 does not get back its route to 10.22.0.0/16: 10.9.0.2 is on its link no more",
    )
    assert seen(laden) == (*HOME[:2], "", True)
    assert hanging(laden) == without(before, "10.9.0.1", "10.22.0.0/16")


def at_home(**device: Any) -> dict[str, Any]:
    devices = {"lent0": {"type": "existing", **device}}
    return {"name": "lent", "prefix": "lt-", "namespaces": {"a": {}, "host": {"devices": devices}}}


def test_it_comes_home_to_a_spec_that_names_it_there(laden: Ground) -> None:
    before = hanging(laden)
    there = at_home(mtu=1350, addresses=["10.7.0.1/24", "10.5.0.1/24"])
    laden.apply(spec())
    laden.apply(there)

    assert seen(laden) == (1350, *HOME[1:])
    assert {item.get("local") for item in hanging(laden)} > {"10.7.0.1", "10.5.0.1"}
    assert laden.look(there).changes == ()
    assert comes_home(laden)
    assert {str(item.get("local")) for item in hanging(laden)} == {
        str(item.get("local")) for item in before
    }


def test_it_is_lent_by_a_spec_that_named_it_at_home(laden: Ground) -> None:
    before = hanging(laden)
    laden.apply(at_home(mtu=1350, addresses=["10.7.0.1/24", "10.5.0.1/24"]))
    laden.apply(spec())

    assert laden.look(spec()).changes == ()
    assert comes_home(laden)
    assert hanging(laden) == before


def test_it_comes_home_to_a_namespace_of_somebody_elses(host: Ground) -> None:
    host.sh("ip netns add lent-home; ip link set dev lent0 netns lent-home")
    host.undo("ip netns delete lent-home; ip link delete dev lent1")
    home = "lent-home"
    host.sh(f"ip -n {home} link set dev lent0 up; ip -n {home} address add 10.7.0.1/24 dev lent0")
    host.sh(f"ip -n {home} route add default via 10.7.0.9")
    before = host.sh(f"ip -n {home} -o address show; ip -n {home} route")
    document = spec(**{"from": "blue:lent0"})
    document["namespaces"]["blue"] = {"netns": {"name": home}}
    host.apply(document)

    assert host.sh(f"ip -n {home} route") == ""
    assert host.look(document).changes == ()
    host.destroy("lent")
    assert _plain(host.sh(f"ip -n {home} -o address show; ip -n {home} route")) == _plain(before)


def _plain(said: str) -> list[str]:
    return [line for line in said.splitlines() if "fe80:" not in line]


def test_where_there_is_no_ipv6_it_gets_back_the_rest(laden: Ground) -> None:
    before = hanging(laden)
    laden.apply(spec())
    laden.undo("echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6")
    laden.sh("echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6")
    notes = laden.destroy("lent").notes

    assert "lent0 does not get back fd00:7::1/64: there is no IPv6 (disable_ipv6)" in notes
    of_ipv6 = [item.get("local", item.get("dst")) for item in before if "::" in str(item)]
    assert len(notes) == len(of_ipv6) == 6
    assert hanging(laden) == without(before, *of_ipv6)
