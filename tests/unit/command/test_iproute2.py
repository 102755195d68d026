"""Each builder of ip, bridge and tc gives exactly the words that one would type."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Network

import pytest

from netkit.command import (
    addr,
    bridge,
    class_,
    fdb,
    link,
    neigh,
    netns,
    qdisc,
    route,
    rule,
    tuntap,
    vlan,
)
from netkit.command.command import Command
from netkit.command.route import NextHop
from netkit.errors import UsageError

MAC = "02:42:0a:00:00:01"
BORN = {"netns": "con1", "group": 6, "mtu": 1400, "address": MAC, "master": "br0", "up": True}
WITHOUT_MASTER = {key: value for key, value in BORN.items() if key != "master"}
LIVES = "netns con1 group 6 mtu 1400 address 02:42:0a:00:00:01"

LINK = {
    "a veth pair beside one another": (
        link.add_veth("a", "b"),
        "ip link add name a type veth peer name b",
    ),
    "a veth pair with both ends complete": (
        link.add_veth(
            "nk-1",
            "eth0",
            group=6,
            mtu=1400,
            address=MAC,
            master="br0",
            up=True,
            peer_netns="con1",
            peer_group=6,
            peer_mtu=1400,
            peer_address="02:42:0a:00:00:02",
        ),
        "ip link add name nk-1 group 6 mtu 1400 address 02:42:0a:00:00:01 master br0 up"
        " type veth peer name eth0 group 6 mtu 1400 address 02:42:0a:00:00:02 netns con1",
    ),
    "a veth pair between two other namespaces": (
        link.add_veth("eth0", "wan", netns="con1", peer_netns="/proc/12/ns/net"),
        "ip link add name eth0 netns con1 type veth peer name wan netns /proc/12/ns/net",
    ),
    "a bridge": (link.add_bridge("br0"), "ip link add name br0 type bridge"),
    "a bridge with all options, times in hundredths": (
        link.add_bridge(
            "br0",
            stp=True,
            vlan_filtering=False,
            ageing_time=300,
            forward_delay=2.5,
            mcast_snooping=False,
            **WITHOUT_MASTER,  # type: ignore[arg-type]
        ),
        f"ip link add name br0 {LIVES} up type bridge stp_state 1 vlan_filtering 0"
        " ageing_time 30000 forward_delay 250 mcast_snooping 0",
    ),
    "a vxlan device on IANA's port": (
        link.add_vxlan("vx", vni=7),
        "ip link add name vx type vxlan id 7 dstport 4789",
    ),
    "a vxlan device made here that lives there": (
        link.add_vxlan(
            "vx",
            vni=7,
            local=IPv4Address("192.0.2.1"),
            remote="192.0.2.2",
            dev="eth0",
            dstport=8472,
            ttl=64,
            tos="inherit",
            learning=False,
            proxy=True,
            l2miss=True,
            l3miss=True,
            **BORN,  # type: ignore[arg-type]
        ),
        f"ip link add name vx {LIVES} master br0 up type vxlan id 7 local 192.0.2.1"
        " remote 192.0.2.2 dev eth0 dstport 8472 ttl 64 tos inherit nolearning proxy l2miss l3miss",
    ),
    "a vxlan device with a group": (
        link.add_vxlan("vx", vni=7, multicast="239.1.1.1", dev="eth0"),
        "ip link add name vx type vxlan id 7 group 239.1.1.1 dev eth0 dstport 4789",
    ),
    "a vlan device": (
        link.add_vlan("eth0.5", parent="eth0", vid=5, protocol="802.1ad", **BORN),  # type: ignore[arg-type]
        f"ip link add link eth0 name eth0.5 {LIVES} master br0 up type vlan protocol 802.1ad id 5",
    ),
    "a macvlan device in bridge mode": (
        link.add_macvlan("mv0", parent="eth0", **BORN),  # type: ignore[arg-type]
        f"ip link add link eth0 name mv0 {LIVES} master br0 up type macvlan mode bridge",
    ),
    "a macvlan device in passthru mode": (
        link.add_macvlan("mv0", parent="eth0", mode="passthru"),
        "ip link add link eth0 name mv0 type macvlan mode passthru",
    ),
    "an ipvlan device": (
        link.add_ipvlan("iv0", parent="eth0", netns="con1", group=6, mtu=1400, up=True),
        "ip link add link eth0 name iv0 netns con1 group 6 mtu 1400 up type ipvlan mode l2",
    ),
    "an ipvlan device in l3s mode with a flag": (
        link.add_ipvlan("iv0", parent="eth0", mode="l3s", flags="private"),
        "ip link add link eth0 name iv0 type ipvlan mode l3s private",
    ),
    "a dummy device": (
        link.add_dummy("d0", **BORN),  # type: ignore[arg-type]
        f"ip link add name d0 {LIVES} master br0 up type dummy",
    ),
    "an ifb device": (
        link.add_ifb("i0", **WITHOUT_MASTER),  # type: ignore[arg-type]
        f"ip link add name i0 {LIVES} up type ifb",
    ),
    "a wireguard device": (
        link.add_wireguard("wg0", netns="con1", group=6, mtu=1400, up=True),
        "ip link add name wg0 netns con1 group 6 mtu 1400 up type wireguard",
    ),
    "a vrf": (
        link.add_vrf("red", table=10, **WITHOUT_MASTER),  # type: ignore[arg-type]
        f"ip link add name red {LIVES} up type vrf table 10",
    ),
    "a bond": (
        link.add_bond("bond0", mode="active-backup", miimon=100, **BORN),  # type: ignore[arg-type]
        f"ip link add name bond0 {LIVES} master br0 up type bond mode active-backup miimon 100",
    ),
    "a gre tunnel": (
        link.add_gre("g0", local="192.0.2.1", remote="192.0.2.2", key=5, ttl=64, dev="eth0"),
        "ip link add name g0 type gre local 192.0.2.1 remote 192.0.2.2 key 5 ttl 64 dev eth0",
    ),
    "a gretap tunnel": (
        link.add_gre("g0", local="192.0.2.1", remote="192.0.2.2", layer=2, **BORN),  # type: ignore[arg-type]
        f"ip link add name g0 {LIVES} master br0 up type gretap local 192.0.2.1 remote 192.0.2.2",
    ),
    "an ip6gre tunnel": (
        link.add_gre("g0", local=IPv6Address("2001:db8::1"), remote="2001:db8::2"),
        "ip link add name g0 type ip6gre local 2001:db8::1 remote 2001:db8::2",
    ),
    "an ip6gretap tunnel": (
        link.add_gre("g0", local="2001:db8::1", remote="2001:db8::2", layer=2),
        "ip link add name g0 type ip6gretap local 2001:db8::1 remote 2001:db8::2",
    ),
    "a device deleted": (link.delete("dev"), "ip link delete dev dev"),
    "a group deleted": (link.delete_group(1845493761), "ip link delete group 1845493761"),
    "several attributes in one line": (
        link.set(
            "a",
            netns="con1",
            name="b",
            group=6,
            mtu=1400,
            address=MAC,
            master="br0",
            alias="netkit:x/y/z",
            addrgenmode="none",
            up=True,
        ),
        f"ip link set dev a netns con1 name b group 6 mtu 1400 address {MAC} master br0"
        " alias netkit:x/y/z addrgenmode none up",
    ),
    "a device out of its bridge and down": (
        link.set("a", nomaster=True, up=False),
        "ip link set dev a nomaster down",
    ),
    "up": (link.set_up("a"), "ip link set dev a up"),
    "a master": (link.set_master("a", "br0"), "ip link set dev a master br0"),
    "no master": (link.set_nomaster("a"), "ip link set dev a nomaster"),
    "a move": (link.set_netns("a", "con1"), "ip link set dev a netns con1"),
    "a move with a new name": (
        link.set_netns("a", "/run/netns/7", name="eth0"),
        "ip link set dev a netns /run/netns/7 name eth0",
    ),
    "a group": (link.set_group("a", 7), "ip link set dev a group 7"),
    "bridge options": (
        link.set_bridge(
            "br0",
            stp=False,
            vlan_filtering=True,
            ageing_time=0,
            forward_delay=15,
            mcast_snooping=True,
        ),
        "ip link set dev br0 type bridge stp_state 0 vlan_filtering 1 ageing_time 0"
        " forward_delay 1500 mcast_snooping 1",
    ),
    "port options": (
        link.set_port(
            "a",
            isolated=True,
            hairpin=False,
            learning=True,
            flood=False,
            mcast_flood=True,
            guard=False,
            neigh_suppress=True,
            cost=5,
            priority=3,
        ),
        "ip link set dev a type bridge_slave isolated on hairpin off learning on flood off"
        " mcast_flood on guard off neigh_suppress on cost 5 priority 3",
    ),
    "the question for all devices": (link.show(), "ip -details -json link show"),
    "the question for some devices": (
        link.show("a", kind="veth", group=6),
        "ip -details -json link show dev a group 6 type veth",
    ),
    "the question for all ports": (bridge.show(), "bridge -details -json link show"),
    "the question for a port": (bridge.show("a"), "bridge -details -json link show dev a"),
}

NETNS = {
    "a namespace": (netns.add("con1"), "ip netns add con1"),
    "a name for a process's": (netns.attach("con1", 1234), "ip netns attach con1 1234"),
    "a namespace deleted": (netns.delete("con1"), "ip netns delete con1"),
    "a number for it": (netns.set_id("con1", 5), "ip netns set con1 5"),
    "the question for all names": (netns.list(), "ip -json netns list"),
    "the question for a process's": (netns.identify(12), "ip netns identify 12"),
    "the question for its processes": (netns.pids("con1"), "ip netns pids con1"),
    "a tap device": (tuntap.add("t0"), "ip tuntap add dev t0 mode tap"),
    "a tun device for a user": (
        tuntap.add("t0", mode="tun", user="nobody", group=5, multi_queue=True),
        "ip tuntap add dev t0 mode tun user nobody group 5 multi_queue",
    ),
    "a tun device deleted": (
        tuntap.delete("t0", mode="tun"),
        "ip tuntap delete dev t0 mode tun",
    ),
}

ADDRESS_OPTIONS = {
    "peer": "10.0.0.2/32",
    "broadcast": "+",
    "scope": "link",
    "label": "a:1",
    "metric": 5,
    "valid_lft": "forever",
    "preferred_lft": 0,
    "nodad": True,
    "noprefixroute": True,
}
ADDRESS_WORDS = (
    "peer 10.0.0.2/32 broadcast + scope link label a:1 metric 5 valid_lft forever"
    " preferred_lft 0 nodad noprefixroute"
)

ADDR = {
    "an address": (
        addr.add(IPv4Interface("10.0.0.1/24"), dev="a"),
        "ip address add 10.0.0.1/24 dev a",
    ),
    "an address with all options": (
        addr.add("10.0.0.1", dev="a", **ADDRESS_OPTIONS),  # type: ignore[arg-type]
        f"ip address add 10.0.0.1 dev a {ADDRESS_WORDS}",
    ),
    "an address replaced": (
        addr.replace("10.0.0.1", dev="a", **ADDRESS_OPTIONS),  # type: ignore[arg-type]
        f"ip address replace 10.0.0.1 dev a {ADDRESS_WORDS}",
    ),
    "an address taken": (
        addr.delete("fd00::1/64", dev="a"),
        "ip address delete fd00::1/64 dev a",
    ),
    "a peer's address taken": (
        addr.delete("10.0.0.1", dev="a", peer="10.0.0.2"),
        "ip address delete 10.0.0.1 dev a peer 10.0.0.2",
    ),
    "all addresses taken": (addr.flush("a"), "ip address flush dev a"),
    "some addresses taken": (
        addr.flush("a", family=6, scope="global"),
        "ip -6 address flush dev a scope global",
    ),
    "the question for all addresses": (addr.show(), "ip -details -json address show"),
    "the question for a device's": (addr.show("a"), "ip -details -json address show dev a"),
}

ROUTE_OPTIONS = {
    "type": "unicast",
    "tos": 8,
    "via": IPv4Address("10.0.0.1"),
    "dev": "a",
    "onlink": True,
    "src": "10.0.0.2",
    "metric": 5,
    "table": 7,
    "protocol": 200,
    "scope": "link",
    "mtu": 1400,
}
ROUTE_WORDS = (
    "unicast 10.9.0.0/16 tos 8 via 10.0.0.1 dev a onlink src 10.0.0.2 metric 5 table 7"
    " protocol 200 scope link mtu 1400"
)
HOPS = (NextHop("10.0.0.1", "a", 2), NextHop("fe80::1", "b"), NextHop(dev="c"))

ROUTE = {
    "a route on a link": (
        route.add(IPv4Network("10.9.0.0/16"), dev="a"),
        "ip route add 10.9.0.0/16 dev a",
    ),
    "a default by an IPv4 gateway": (
        route.add("default", via="10.0.0.1"),
        "ip route add 0.0.0.0/0 via 10.0.0.1",
    ),
    "a default by an IPv6 gateway": (
        route.add("default", via=IPv6Address("fe80::1"), dev="a"),
        "ip route add ::/0 via fe80::1 dev a",
    ),
    "a default by IPv6 next hops": (
        route.add("default", nexthops=(NextHop("fe80::1", "a"),)),
        "ip route add ::/0 nexthop via fe80::1 dev a weight 1",
    ),
    "a default by a device": (route.add("default", dev="a"), "ip route add 0.0.0.0/0 dev a"),
    "an IPv6 default": (route.add("::/0", dev="a"), "ip route add ::/0 dev a"),
    "an IPv4 route by an IPv6 gateway": (
        route.add("0.0.0.0/0", via="fe80::1", dev="a"),
        "ip route add 0.0.0.0/0 via inet6 fe80::1 dev a",
    ),
    "an IPv6 route": (
        route.add(IPv6Network("fd00::/8"), via="fe80::1", dev="a"),
        "ip route add fd00::/8 via fe80::1 dev a",
    ),
    "a blackhole": (
        route.add("fd00::/8", type="blackhole"),
        "ip route add blackhole fd00::/8",
    ),
    "a route by several ways": (
        route.add("10.9.0.0/16", nexthops=HOPS),
        "ip route add 10.9.0.0/16 nexthop via 10.0.0.1 dev a weight 2"
        " nexthop via inet6 fe80::1 dev b weight 1 nexthop dev c weight 1",
    ),
    "a route with all options": (
        route.add("10.9.0.0/16", **ROUTE_OPTIONS),  # type: ignore[arg-type]
        f"ip route add {ROUTE_WORDS}",
    ),
    "a route replaced": (
        route.replace("10.9.0.0/16", **ROUTE_OPTIONS),  # type: ignore[arg-type]
        f"ip route replace {ROUTE_WORDS}",
    ),
    "a route appended": (
        route.append("10.9.0.0/16", **ROUTE_OPTIONS),  # type: ignore[arg-type]
        f"ip route append {ROUTE_WORDS}",
    ),
    "a route deleted": (
        route.delete("10.9.0.0/16", **ROUTE_OPTIONS),  # type: ignore[arg-type]
        f"ip route delete {ROUTE_WORDS}",
    ),
    "the question for a way": (
        route.get("192.0.2.1"),
        "ip -details -json route get 192.0.2.1",
    ),
    "the question for a forwarded packet's way": (
        route.get("192.0.2.1", source="10.0.0.1", iif="a", oif="b", mark="0x1"),
        "ip -details -json route get 192.0.2.1 from 10.0.0.1 iif a oif b mark 0x1",
    ),
    "the question for all routes": (route.show(), "ip -details -json route show table all"),
    "the question for some routes": (
        route.show(table=None, dev="a", family=6),
        "ip -details -json -6 route show dev a",
    ),
}

RULE_OPTIONS = {
    "from_": "10.0.0.0/8",
    "to": "192.0.2.0/24",
    "iif": "a",
    "oif": "b",
    "fwmark": "0x1/0xff",
    "tos": 8,
    "ipproto": "tcp",
    "sport": 1,
    "dport": "80-90",
    "not_": True,
    "protocol": 200,
}
RULE_WORDS = (
    "not priority 5 from 10.0.0.0/8 to 192.0.2.0/24 iif a oif b fwmark 0x1/0xff tos 8"
    " ipproto tcp sport 1 dport 80-90 protocol 200"
)

RULE = {
    "a rule for all": (
        rule.add(5, table=7),
        "ip rule add priority 5 from all lookup 7",
    ),
    "a rule with all options": (
        rule.add(5, table="main", **RULE_OPTIONS),  # type: ignore[arg-type]
        f"ip rule add {RULE_WORDS} lookup main",
    ),
    "a rule deleted": (
        rule.delete(5, action="prohibit", **RULE_OPTIONS),  # type: ignore[arg-type]
        f"ip rule delete {RULE_WORDS} prohibit",
    ),
    "an IPv6 rule by its source": (
        rule.add(5, from_="fd00::/8", table=7),
        "ip -6 rule add priority 5 from fd00::/8 lookup 7",
    ),
    "an IPv6 rule by its destination": (
        rule.delete(5, to="fd00::/8", action="blackhole"),
        "ip -6 rule delete priority 5 from all to fd00::/8 blackhole",
    ),
    "an IPv6 rule for all": (
        rule.add(5, table=7, family=6),
        "ip -6 rule add priority 5 from all lookup 7",
    ),
    "the question for IPv4 rules": (rule.show(), "ip -details -json -4 rule show"),
    "the question for IPv6 rules": (rule.show(family=6), "ip -details -json -6 rule show"),
}

NEIGH = {
    "a neighbour": (
        neigh.add("10.0.0.9", dev="a", lladdr=MAC),
        f"ip neighbour add 10.0.0.9 lladdr {MAC} dev a nud permanent",
    ),
    "a router": (
        neigh.add("fe80::1", dev="a", lladdr=MAC, nud="noarp", router=True, protocol=200),
        f"ip neighbour add fe80::1 lladdr {MAC} dev a nud noarp router protocol 200",
    ),
    "a neighbour replaced": (
        neigh.replace("fe80::1", dev="a", lladdr=MAC, nud="stale", router=True, protocol=200),
        f"ip neighbour replace fe80::1 lladdr {MAC} dev a nud stale router protocol 200",
    ),
    "a neighbour forgotten": (
        neigh.delete("10.0.0.9", dev="a"),
        "ip neighbour delete 10.0.0.9 dev a",
    ),
    "a proxy": (
        neigh.add_proxy("10.0.0.9", dev="a", protocol=200),
        "ip neighbour add proxy 10.0.0.9 dev a protocol 200",
    ),
    "a proxy forgotten": (
        neigh.delete_proxy("10.0.0.9", dev="a"),
        "ip neighbour delete proxy 10.0.0.9 dev a",
    ),
    "the question for neighbours": (neigh.show(), "ip -details -json neighbour show"),
    "the question for neighbours that stay": (
        neigh.show("a", nud="permanent"),
        "ip -details -json neighbour show dev a nud permanent",
    ),
    "the question for a device's proxies": (
        neigh.show("a", proxy=True),
        "ip -details -json neighbour show proxy dev a",
    ),
}

FDB_OPTIONS = {"dst": "192.0.2.2", "vni": 7, "port": 4789, "via": "eth0", "vlan": 5}
FDB_WORDS = "dst 192.0.2.2 vni 7 port 4789 via eth0 vlan 5"

BRIDGE = {
    "an entry for all": (
        fdb.append(fdb.EVERYBODY, dev="vx", dst=IPv4Address("192.0.2.2")),
        "bridge fdb append 00:00:00:00:00:00 dev vx dst 192.0.2.2 self permanent",
    ),
    "an entry with all options": (
        fdb.append(MAC, dev="vx", state="static", **FDB_OPTIONS),  # type: ignore[arg-type]
        f"bridge fdb append {MAC} dev vx {FDB_WORDS} self static",
    ),
    "an entry of the bridge": (
        fdb.add(MAC, dev="p0", master=True, state="dynamic", **FDB_OPTIONS),  # type: ignore[arg-type]
        f"bridge fdb add {MAC} dev p0 {FDB_WORDS} master dynamic",
    ),
    "an entry replaced": (
        fdb.replace(MAC, dev="vx", **FDB_OPTIONS),  # type: ignore[arg-type]
        f"bridge fdb replace {MAC} dev vx {FDB_WORDS} self permanent",
    ),
    "an entry deleted": (
        fdb.delete(MAC, dev="vx", **FDB_OPTIONS),  # type: ignore[arg-type]
        f"bridge fdb delete {MAC} dev vx {FDB_WORDS} self",
    ),
    "an entry of the bridge deleted": (
        fdb.delete(MAC, dev="p0", master=True),
        f"bridge fdb delete {MAC} dev p0 master",
    ),
    "the question for all entries": (fdb.show(), "bridge -details -json fdb show"),
    "the question for a bridge's entries": (
        fdb.show("p0", br="br0"),
        "bridge -details -json fdb show br br0 dev p0",
    ),
    "a vlan": (vlan.add("p0", vid=5), "bridge vlan add dev p0 vid 5"),
    "an untagged vlan": (
        vlan.add("br0", vid="5-7", pvid=True, untagged=True, self_=True),
        "bridge vlan add dev br0 vid 5-7 pvid untagged self",
    ),
    "a vlan deleted": (
        vlan.delete("br0", vid=5, self_=True),
        "bridge vlan delete dev br0 vid 5 self",
    ),
    "the question for all vlans": (vlan.show(), "bridge -details -json vlan show"),
    "the question for a port's vlans": (
        vlan.show("p0"),
        "bridge -details -json vlan show dev p0",
    ),
}

CLASS_OPTIONS = {"rate": "1mbit", "ceil": "2mbit", "burst": "15k", "cburst": "16k", "prio": 1}
CLASS_WORDS = "parent 1: classid 1:10 htb rate 1mbit ceil 2mbit burst 15k cburst 16k prio 1"

TC = {
    "a long link": (
        qdisc.replace("a", qdisc.netem(delay="20ms")),
        "tc qdisc replace dev a root netem delay 20ms",
    ),
    "a bad link": (
        qdisc.add(
            "a",
            qdisc.netem(delay="20ms", jitter="2ms", loss="0.5%", rate="10mbit", limit=9000),
            parent="1:10",
            handle="10:",
        ),
        "tc qdisc add dev a parent 1:10 handle 10: netem limit 9000 delay 20ms 2ms loss 0.5%"
        " rate 10mbit",
    ),
    "a slow link by latency": (
        qdisc.replace("a", qdisc.tbf(rate="10mbit", burst="32kb", latency="50ms"), handle="1:"),
        "tc qdisc replace dev a root handle 1: tbf rate 10mbit burst 32kb latency 50ms",
    ),
    "a slow link by limit": (
        qdisc.replace("a", qdisc.tbf(rate="10mbit", burst="32kb", limit="64kb"), parent="1:1"),
        "tc qdisc replace dev a parent 1:1 tbf rate 10mbit burst 32kb limit 64kb",
    ),
    "classes": (
        qdisc.add("a", qdisc.htb(default="10"), handle="1:"),
        "tc qdisc add dev a root handle 1: htb default 10",
    ),
    "classes without a default": (
        qdisc.add("a", qdisc.htb()),
        "tc qdisc add dev a root htb",
    ),
    "arriving traffic": (
        qdisc.add("a", qdisc.INGRESS, handle="ffff:"),
        "tc qdisc add dev a handle ffff: ingress",
    ),
    "a discipline taken away": (qdisc.delete("a"), "tc qdisc delete dev a root"),
    "a class's discipline taken away": (
        qdisc.delete("a", parent="1:10"),
        "tc qdisc delete dev a parent 1:10",
    ),
    "arriving traffic's taken away": (
        qdisc.delete("a", ingress=True),
        "tc qdisc delete dev a ingress",
    ),
    "the question for all disciplines": (qdisc.show(), "tc -details -json qdisc show"),
    "the question for a device's": (qdisc.show("a"), "tc -details -json qdisc show dev a"),
    "a class": (
        class_.add("a", "1:10", parent="1:", **CLASS_OPTIONS),  # type: ignore[arg-type]
        f"tc class add dev a {CLASS_WORDS}",
    ),
    "a class replaced": (
        class_.replace("a", "1:10", parent="1:", **CLASS_OPTIONS),  # type: ignore[arg-type]
        f"tc class replace dev a {CLASS_WORDS}",
    ),
    "a class with a rate alone": (
        class_.add("a", "1:10", parent="1:", rate="1mbit"),
        "tc class add dev a parent 1: classid 1:10 htb rate 1mbit",
    ),
    "a class deleted": (class_.delete("a", "1:10"), "tc class delete dev a classid 1:10"),
}

CASES = LINK | NETNS | ADDR | ROUTE | RULE | NEIGH | BRIDGE | TC


@pytest.mark.parametrize(("command", "typed"), CASES.values(), ids=CASES)
def test_it_is_built_as_one_would_type_it(command: Command, typed: str) -> None:
    assert command.argv == tuple(typed.split())


@pytest.mark.parametrize(("command", "typed"), CASES.values(), ids=CASES)
def test_its_line_in_a_batch_has_the_words_after_the_options(command: Command, typed: str) -> None:
    assert command.line.split(" ") == typed.split()[1 + len(command.options) :]


REFUSED: dict[str, Callable[[], object]] = {
    "a vxlan device with remote and group": lambda: link.add_vxlan(
        "vx", vni=7, multicast="239.1.1.1", remote="192.0.2.2", dev="eth0"
    ),
    "a vxlan device with a group and no device": lambda: link.add_vxlan(
        "vx", vni=7, multicast="239.1.1.1"
    ),
    "a macvlan device in an unknown mode": lambda: link.add_macvlan("m", parent="e", mode="x"),
    "an ipvlan device in an unknown mode": lambda: link.add_ipvlan("i", parent="e", mode="x"),
    "an ipvlan device with an unknown flag": lambda: link.add_ipvlan("i", parent="e", flags="x"),
    "a gre tunnel between families": lambda: link.add_gre("g", local="192.0.2.1", remote="fd00::1"),
    "a gre tunnel of layer 4": lambda: link.add_gre("g", local="::1", remote="::2", layer=4),
    "a device with nothing to set": lambda: link.set("a"),
    "a device with a master and none": lambda: link.set("a", master="br0", nomaster=True),
    "a bridge with nothing to set": lambda: link.set_bridge("br0"),
    "a port with nothing to set": lambda: link.set_port("p0"),
    "a move to a process": lambda: link.set_netns("a", "1"),
    "a veth end in a process's namespace": lambda: link.add_veth("a", "b", peer_netns="1"),
    "a move to a relative path": lambda: link.set_netns("a", "../1/ns/net"),
    "a namespace named by a path": lambda: netns.add("/run/netns/a"),
    "a namespace named ..": lambda: netns.delete(".."),
    "a tuntap device in an unknown mode": lambda: tuntap.add("t", mode="x"),
    "a route of an unknown type": lambda: route.add("10.0.0.0/8", type="nat"),
    "a route with next hops and a gateway": lambda: route.add(
        "10.0.0.0/8", via="10.0.0.1", nexthops=HOPS
    ),
    "a route with next hops and a device": lambda: route.add("10.0.0.0/8", dev="a", nexthops=HOPS),
    "a rule with a table and an action": lambda: rule.add(5, table=7, action="prohibit"),
    "a rule with neither": lambda: rule.add(5),
    "a rule with an unknown action": lambda: rule.add(5, action="nat"),
    "a rule of two families": lambda: rule.add(5, table=7, from_="10.0.0.0/8", to="fd00::/8"),
    "a rule of another family": lambda: rule.add(5, table=7, from_="10.0.0.0/8", family=6),
    "rules of a family that is none": lambda: rule.show(family=5),
    "routes of a family that is none": lambda: route.show(family=5),
    "addresses of a family that is none": lambda: addr.flush("a", family=5),
    "an entry in an unknown state": lambda: fdb.add(MAC, dev="vx", state="x"),
    "jitter without a delay": lambda: qdisc.netem(jitter="1ms"),
    "a token bucket without a bound": lambda: qdisc.tbf(rate="1mbit", burst="2kb"),
    "a token bucket with two bounds": lambda: qdisc.tbf(
        rate="1mbit", burst="2kb", latency="1ms", limit="2kb"
    ),
}


@pytest.mark.parametrize("build", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused(build: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        build()
