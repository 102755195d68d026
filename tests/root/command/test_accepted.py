"""The real tools accept what the builders build; what this kernel lacks is skipped in its words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netkit.command import (
    addr,
    bridge,
    class_,
    conntrack,
    fdb,
    link,
    neigh,
    netns,
    qdisc,
    route,
    rule,
    sysctl,
    tuntap,
    vlan,
)
from netkit.command.command import Command
from netkit.command.ping import ping
from netkit.command.route import NextHop

pytestmark = pytest.mark.root

MAC = "02:42:0a:00:00:01"
PAIR = (
    link.add_veth("a", "b"),
    link.set_up("a"),
    link.set_up("b"),
    addr.add("10.0.0.1/24", dev="a"),
    addr.add("fd00::1/64", dev="a", nodad=True),
)


def one(said: str) -> dict[str, Any]:
    entries = [entry for entry in json.loads(said) if entry]
    assert len(entries) == 1
    first: dict[str, Any] = entries[0]
    return first


def test_a_veth_pair_is_made_complete_in_one_line(place: Any) -> None:
    place.accept(netns.add("con1"), netns.add("con2"), link.add_bridge("br0"))
    whole = link.add_veth(
        "nk-1",
        "eth0",
        group=1845493760,
        mtu=1400,
        address=MAC,
        master="br0",
        up=True,
        peer_netns="con1",
        peer_group=1845493760,
        peer_mtu=1400,
        peer_address="02:42:0a:00:00:02",
    )
    near = one(place.accept(whole, link.show("nk-1")))
    far = one(place.accept(link.show("eth0").within("con1")))
    apart = link.add_veth("eth1", "eth1", netns="con1", peer_netns="/run/netns/con2")
    place.accept(apart, link.show("eth1").within("con2"))

    assert (near["address"], near["mtu"], near["master"], "UP" in near["flags"]) == (
        *(MAC, 1400, "br0", True),
    )
    assert (far["address"], far["mtu"]) == ("02:42:0a:00:00:02", 1400)
    assert near["group"] == far["group"] == "1845493760"


@pytest.mark.parametrize("name", ["a", "b", "d", "l", "m", "t", "dev", "name", "type", "netns"])
def test_a_device_may_be_called_like_a_keyword(place: Any, name: str) -> None:
    place.accept(
        *(link.add_bridge(name), link.set_up(name), addr.add("10.0.0.1/24", dev=name)),
        *(link.add_veth("p0", "p1", master=name), link.set_master("p1", name)),
        *(route.add("10.1.0.0/16", dev=name), neigh.add("10.0.0.2", dev=name, lladdr=MAC)),
        *(addr.flush(name), link.show(name), link.delete(name)),
    )


def test_a_batch_line_ends_at_a_hash_wherever_it_is(place: Any) -> None:
    cut = Command("ip", ("link", "add", "name", "x", "type", "bridge", "forward_delay", "1500#0"))
    place.accept(cut)

    assert one(place.accept(link.show("x")))["linkinfo"]["info_data"]["forward_delay"] == 1500


def test_times_of_a_bridge_are_in_seconds(place: Any) -> None:
    made = link.add_bridge("br0", stp=True, ageing_time=300, forward_delay=15, mcast_snooping=False)
    place.accept(made, link.set_bridge("br0", stp=False, forward_delay=4))
    data = one(place.accept(link.show("br0")))["linkinfo"]["info_data"]

    assert (data["ageing_time"], data["forward_delay"], data["stp_state"]) == (30000, 400, 0)


@pytest.mark.parametrize(
    "made",
    [
        link.add_bridge("x", vlan_filtering=True),
        link.add_vxlan("x", vni=7, learning=False, proxy=True, l2miss=True, l3miss=True),
        link.add_vxlan("x", vni=7, local="10.0.0.1", remote="10.0.0.9", ttl=64, tos="inherit"),
        link.add_vxlan("x", vni=7, multicast="239.1.1.1", dev="a", dstport=8472, group=6),
        link.add_vxlan("x", vni=7, local="fd00::1", dstport=4790, mtu=1400, address=MAC, up=True),
        link.add_vlan("x", parent="a", vid=5, protocol="802.1ad"),
        *(link.add_macvlan("x", parent="a", mode=m) for m in ("bridge", "private", "vepa")),
        link.add_macvlan("x", parent="a", mode="passthru"),
        *(link.add_ipvlan("x", parent="a", mode=m) for m in ("l2", "l3", "l3s")),
        link.add_ipvlan("x", parent="a", flags="private"),
        link.add_dummy("x", group=6, mtu=1400, address=MAC, up=True),
        link.add_ifb("x", group=6, mtu=1400, address=MAC, up=True),
        link.add_wireguard("x"),
        link.add_vrf("x", table=10),
        link.add_bond("x", mode="active-backup", miimon=100),
        link.add_gre("x", local="10.0.0.1", remote="10.0.0.9", key=5, ttl=64, dev="a"),
        link.add_gre("x", local="10.0.0.1", remote="10.0.0.9", layer=2),
        link.add_gre("x", local="fd00::1", remote="fd00::9"),
        link.add_gre("x", local="fd00::1", remote="fd00::9", layer=2),
        tuntap.add("x", mode="tun", user="nobody", group=5),
        tuntap.add("x", mode="tap", multi_queue=True),
    ],
    ids=str,
)
def test_a_device_of_each_kind_is_made(place: Any, made: Command) -> None:
    place.accept(*PAIR, made)

    assert one(place.accept(link.show("x")))["ifname"] == "x"


def test_a_device_is_made_here_and_lives_there(place: Any) -> None:
    place.accept(*PAIR, netns.add("con1"))
    place.accept(link.add_vxlan("vx", vni=7, dev="a", netns="con1", group=6))
    place.accept(link.add_macvlan("mv", parent="a", netns="/run/netns/con1", address=MAC))

    for name in ("vx", "mv"):
        assert one(place.accept(link.show(name).within("con1")))["ifname"] == name


def test_what_a_device_is_can_be_changed(place: Any) -> None:
    place.accept(*PAIR, netns.add("con1"), link.add_bridge("br0"))
    place.accept(
        *(link.set("a", up=False), link.set("a", mtu=1400), link.set("a", address=MAC)),
        *(link.set_master("a", "br0"), link.set("a", alias="netkit:x/y/z")),
        *(link.set_group("a", 6), link.set("a", addrgenmode="none"), link.set_up("a")),
        link.set_nomaster("a"),
    )
    place.accept(
        link.set("a", group=7, mtu=1300, master="br0", alias="x", addrgenmode="eui64", up=False),
        link.set("a", nomaster=True, name="c"),
        link.set("c", name="a"),
        link.set_netns("a", "con1", name="eth0"),
    )
    moved = one(place.accept(link.show("eth0").within("con1")))

    assert (moved["mtu"], moved["ifalias"], moved["group"]) == (1300, "x", "7")


def test_several_attributes_and_a_move_go_into_one_line(place: Any) -> None:
    place.accept(*PAIR, netns.add("con1"))
    place.accept(
        link.set("a", up=False), link.set("a", netns="con1", name="eth0", mtu=1400, up=True)
    )
    moved = one(place.accept(link.show("eth0").within("con1")))

    assert (moved["mtu"], "UP" in moved["flags"]) == (1400, True)


def test_options_of_a_port_are_set_with_ip_and_seen_by_bridge(place: Any) -> None:
    place.accept(*PAIR, link.add_bridge("br0"), link.set_master("a", "br0"))
    place.accept(
        link.set_port(
            "a",
            isolated=True,
            hairpin=True,
            learning=False,
            flood=False,
            mcast_flood=False,
            guard=True,
            neigh_suppress=True,
            cost=5,
            priority=3,
        )
    )
    port = one(place.accept(bridge.show("a")))

    assert (port["isolated"], port["hairpin"], port["learning"], port["flood"]) == (
        *(True, True, False, False),
    )
    assert (port["guard"], port["neigh_suppress"], port["cost"], port["priority"]) == (
        *(True, True, 5, 3),
    )


def test_devices_are_deleted_singly_and_by_group(place: Any) -> None:
    place.accept(*PAIR, tuntap.add("t0", mode="tun"), link.add_ifb("i0", group=7))
    place.accept(link.delete("a"), tuntap.delete("t0", mode="tun"), link.delete_group(7))
    left = json.loads(place.accept(link.show()))

    assert [entry["ifname"] for entry in left] == ["lo"]
    assert "No such device" in place.batch(link.delete_group(7)).stderr


def test_a_namespace_gets_a_name_and_a_number(place: Any) -> None:
    place.accept(netns.add("con1"), netns.attach("con2", place.pid), netns.set_id("con1", 5))
    names = json.loads(place.accept(netns.list()))

    assert {entry["name"]: entry.get("id") for entry in names} == {"con1": 5, "con2": None}
    assert place.accept(netns.identify(place.pid)) == "con2\n"
    assert place.accept(netns.pids("con1")) == ""
    assert place.accept(netns.delete("con2"), netns.delete("con1"), netns.list()) == "[]\n"


def test_ip_takes_a_path_only_through_nsenter(place: Any) -> None:
    place.accept(netns.add("con1"), link.show().within("/run/netns/con1"))
    refused = place.run(Command("ip", ("-n", "/run/netns/con1", "link", "show")))

    assert "Cannot open network namespace" in refused.stderr


def test_addresses_take_all_their_options(place: Any) -> None:
    place.accept(*PAIR)
    place.accept(
        addr.add(
            "10.2.0.1/24",
            dev="a",
            broadcast="+",
            scope="link",
            label="a:1",
            metric=5,
            valid_lft=100,
            preferred_lft=50,
            noprefixroute=True,
        ),
        addr.add("10.3.0.1", dev="a", peer="10.3.0.2/32"),
        addr.replace("fd00::6/64", dev="a", valid_lft="forever", preferred_lft=0, nodad=True),
        addr.replace("10.0.0.1/24", dev="a", valid_lft=100, preferred_lft=50),
        addr.delete("10.3.0.1", dev="a", peer="10.3.0.2/32"),
        addr.flush("a", family=6, scope="global"),
    )
    left = one(place.accept(addr.show("a")))["addr_info"]

    assert {entry["local"] for entry in left if entry["scope"] != "link"} == {"10.0.0.1"}
    assert place.accept(addr.flush("a"), addr.flush("a"), addr.show()) != ""


def test_routes_of_both_families_go_into_one_batch(place: Any) -> None:
    hops = (NextHop("10.0.0.3", "a", 2), NextHop("fe80::2", "a"))
    hops6 = (NextHop("fe80::3", "a"), NextHop("fe80::4", "a", 3))
    place.accept(*PAIR)
    place.accept(
        route.add("default", via="10.0.0.2"),
        route.add("default", via="fd00::2"),
        route.replace("0.0.0.0/0", via="10.0.0.3", metric=5),
        route.add("::/0", dev="a", metric=5),
        route.add("0.0.0.0/0", type="unreachable", metric=9),
        route.add("::/0", type="blackhole", metric=7),
        route.add("10.9.0.0/16", via="fe80::1", dev="a"),
        route.add(
            "10.8.0.0/16", dev="a", src="10.0.0.1", table=7, protocol=200, scope="link", mtu=1300
        ),
        route.add("10.7.0.0/16", nexthops=hops),
        route.add("10.6.0.0/16", via="192.0.2.4", dev="a", onlink=True),
        route.append("10.6.0.0/16", via="10.0.0.5"),
        route.add("10.5.0.0/16", tos=8, via="10.0.0.5"),
        route.add("10.4.0.0/16", type="local", dev="lo"),
        route.add("10.3.0.0/16", type="throw"),
        route.add("fd01::/64", via="fe80::3", dev="a", metric=10, mtu=1300),
        route.add("fd02::/64", nexthops=hops6),
        route.append("fd01::/64", via="fe80::4", dev="a", metric=10),
        route.add("fd03::/64", type="prohibit", protocol=200),
        route.add("fd04::/64", via="fd09::1", dev="a", onlink=True),
        route.delete("::/0", metric=7),
        route.delete("0.0.0.0/0", type="unreachable", metric=9),
        route.delete("10.7.0.0/16", nexthops=hops),
        route.delete("fd02::/64", nexthops=hops6),
        route.delete("10.6.0.0/16", via="192.0.2.4", dev="a", onlink=True),
    )
    both = json.loads(place.accept(route.show()))
    told = [entry for entry in both if entry.get("protocol") not in {"kernel", "ra"}]
    defaults = [
        (entry.get("gateway"), entry.get("metric")) for entry in told if entry["dst"] == "default"
    ]

    assert sorted(defaults, key=str) == [
        *(("10.0.0.2", None), ("10.0.0.3", 5), ("fd00::2", 1024), (None, 5)),
    ]
    assert {entry["dst"] for entry in told} - {"default"} == {
        *("10.9.0.0/16", "10.8.0.0/16", "10.6.0.0/16", "10.5.0.0/16", "10.4.0.0/16"),
        *("10.3.0.0/16", "fd01::/64", "fd03::/64", "fd04::/64"),
    }
    assert json.loads(place.accept(route.get("10.0.0.9", oif="a")))[0]["dev"] == "a"
    assert json.loads(place.accept(route.get("fd00::9", mark=1)))[0]["dev"] == "a"
    place.accept(route.get("10.0.0.1", source="10.0.0.9", iif="a"))
    place.accept(route.show(table=None, dev="a", family=6), route.show(table="main"))


def test_rules_of_ipv6_need_a_batch_of_their_own(place: Any) -> None:
    place.accept(*PAIR)
    place.accept(
        rule.add(10, table=7),
        rule.add(11, table=7, family=6),
        rule.add(12, table=7, from_="fd00::/8", iif="a", protocol=200),
        rule.add(
            13,
            action="blackhole",
            not_=True,
            from_="10.0.0.0/8",
            to="192.0.2.0/24",
            iif="a",
            fwmark="0x1/0xff",
            tos=8,
            ipproto="tcp",
            sport=1,
            dport="80-90",
            protocol=200,
        ),
        rule.add(14, action="prohibit", to="fd00::/8"),
        rule.add(15, action="unreachable", oif="a"),
        rule.delete(14, action="prohibit", to="fd00::/8"),
        rule.delete(15, action="unreachable", oif="a"),
    )
    four = json.loads(place.accept(rule.show()))
    six = json.loads(place.accept(rule.show(family=6)))

    assert [entry["priority"] for entry in four] == [0, 10, 13, 32766, 32767]
    assert [entry["priority"] for entry in six] == [0, 11, 12, 32766]
    guessed = place.batch(Command("ip", ("rule", "add", "from", "fd00::/8", "lookup", "7")))
    assert "Invalid source address" in guessed.stderr


def test_neighbours_are_known_and_forgotten(place: Any) -> None:
    place.accept(*PAIR)
    place.accept(
        neigh.add("10.0.0.9", dev="a", lladdr=MAC, protocol=200),
        neigh.add("fd00::9", dev="a", lladdr=MAC, router=True, protocol=200),
        neigh.replace("10.0.0.9", dev="a", lladdr="02:42:0a:00:00:03", nud="noarp"),
        neigh.delete("fd00::9", dev="a"),
        neigh.add_proxy("10.0.0.8", dev="a", protocol=200),
        neigh.add_proxy("fd00::8", dev="a"),
        neigh.delete_proxy("fd00::8", dev="a"),
    )

    assert one(place.accept(neigh.show("a", proxy=True)))["dst"] == "10.0.0.8"
    known = {entry["dst"] for entry in json.loads(place.accept(neigh.show("a", nud="all")))}
    assert "10.0.0.9" in known


def test_entries_of_a_vxlan_device_lead_to_vteps(place: Any) -> None:
    place.accept(*PAIR, link.add_vxlan("vx", vni=7, learning=False))
    place.accept(
        fdb.append(fdb.EVERYBODY, dev="vx", dst="10.0.0.2"),
        fdb.append(fdb.EVERYBODY, dev="vx", dst="10.0.0.3", vni=8, port=4790, via="a"),
        fdb.add(MAC, dev="vx", dst="10.0.0.2", state="static"),
        fdb.replace(MAC, dev="vx", dst="10.0.0.3"),
        fdb.delete(fdb.EVERYBODY, dev="vx", dst="10.0.0.2"),
    )
    said = json.loads(place.accept(fdb.show("vx")))

    assert {(entry["mac"], entry["dst"]) for entry in said if "dst" in entry} == {
        *((fdb.EVERYBODY, "10.0.0.3"), (MAC, "10.0.0.3")),
    }
    deleted = fdb.delete(fdb.EVERYBODY, dev="vx", dst="10.0.0.3", vni=8, port=4790, via="a")
    place.accept(deleted)


def test_entries_of_a_bridge_lead_to_ports(place: Any) -> None:
    place.accept(*PAIR, link.add_bridge("br0"), link.set_master("a", "br0"))
    place.accept(fdb.add(MAC, dev="a", master=True, state="static"))
    said = json.loads(place.accept(fdb.show(br="br0")))

    assert (MAC, "a") in {(entry["mac"], entry["ifname"]) for entry in said}
    place.accept(fdb.delete(MAC, dev="a", master=True), fdb.show())


def test_vlans_pass_a_port(place: Any) -> None:
    place.accept(*PAIR, link.add_bridge("br0", vlan_filtering=True), link.set_master("a", "br0"))
    place.accept(
        vlan.add("a", vid="5-7"),
        vlan.add("a", vid=8, pvid=True, untagged=True),
        vlan.add("br0", vid=8, self_=True),
        vlan.delete("a", vid=5),
        vlan.show("a"),
    )


def test_a_link_is_made_long_and_lossy(place: Any) -> None:
    netem = qdisc.netem(delay="20ms", jitter="2ms", loss="0.5%", rate="10mbit", limit=9000)
    place.accept(*PAIR, qdisc.replace("a", netem, handle="1:"))

    assert one(place.accept(qdisc.show("a")))["kind"] == "netem"


def test_a_link_is_made_slow(place: Any) -> None:
    place.accept(*PAIR)
    place.accept(
        qdisc.add("a", qdisc.tbf(rate="10mbit", burst="32kb", latency="50ms"), handle="1:")
    )
    place.accept(qdisc.replace("a", qdisc.tbf(rate="20mbit", burst="32kb", limit="64kb")))

    assert one(place.accept(qdisc.show("a")))["kind"] == "tbf"
    place.accept(qdisc.delete("a"), qdisc.show())


def test_classes_share_a_rate(place: Any) -> None:
    place.accept(*PAIR)
    place.accept(
        qdisc.add("a", qdisc.htb(default="10"), handle="1:"),
        class_.add("a", "1:10", parent="1:", rate="1mbit"),
        class_.replace(
            *("a", "1:10"),
            parent="1:",
            rate="10mbit",
            ceil="20mbit",
            burst="15k",
            cburst="16k",
            prio=1,
        ),
        qdisc.replace(
            *("a", qdisc.tbf(rate="1mbit", burst="2kb", limit="4kb")), parent="1:10", handle="10:"
        ),
        qdisc.delete("a", parent="1:10"),
    )

    place.accept(class_.delete("a", "1:10"))

    assert one(place.accept(qdisc.show("a")))["options"]["default"] == "0x10"
    columns = place.run(Command("tc", ("class", "show", "dev", "a"), options=("-json",)))
    assert not columns.stdout.startswith("[{")


def test_arriving_traffic_has_a_discipline(place: Any) -> None:
    place.accept(*PAIR, qdisc.add("a", qdisc.INGRESS, handle="ffff:"))
    place.accept(qdisc.delete("a", ingress=True))


def test_connections_are_listed_and_forgotten(place: Any) -> None:
    place.accept(*PAIR, conntrack.list(), conntrack.list(protocol="udp", orig_dst="10.0.0.1"))
    place.accept(conntrack.list(family=6, protocol="tcp", dport=80), conntrack.flush())
    result = place.run(conntrack.delete(protocol="udp", orig_dst="fd00::1", dport=53))

    assert (result.returncode, "0 flow entries have been deleted" in result.stderr) == (1, True)


def test_a_ping_takes_all_its_options(place: Any) -> None:
    place.accept(*PAIR)
    place.accept(
        ping(
            "10.0.0.1",
            count=2,
            interval=0.01,
            deadline=2,
            timeout=0.5,
            source="10.0.0.1",
            size=1000,
            ttl=3,
            df=True,
        ),
        ping("fd00::1", count=1, family=6),
        ping("127.0.0.1", count=1, interface="lo", deadline=1),
    )


def test_a_kernel_parameter_is_written_in_its_namespace(place: Any) -> None:
    place.accept(netns.add("con1"), link.add_veth("eth0.5", "b", netns="con1"))
    for key in ("net/ipv4/ip_forward", "net/ipv4/conf/eth0.5/rp_filter"):
        step = sysctl.write(key, 1)
        place.accept(Command(step.argv[0], step.argv[1:]).within("con1"))
        read = Command("cat", (step.path,)).within("con1")

        assert place.accept(read) == "1\n"
