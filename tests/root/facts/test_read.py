"""What the real tools build is read back as the very object that was meant."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from typing import Any

import pytest

from netkit.command import (
    addr,
    fdb,
    file,
    iptables,
    link,
    neigh,
    netns,
    qdisc,
    route,
    rule,
    sysctl,
    tuntap,
)
from netkit.command.route import NextHop as Hop
from netkit.command.step import Step
from netkit.errors import CommandError
from netkit.facts import netns as namespaces
from netkit.facts.read import Reading, asks, read
from netkit.facts.scope import scope
from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.firewall import Chain, Jump, LooseRule, Policy
from netkit.model.link import (
    Bond,
    Bridge,
    Dummy,
    Gre,
    Ipvlan,
    Link,
    Loopback,
    Macvlan,
    OtherLink,
    Tuntap,
    Veth,
    Vlan,
    Vrf,
    Vxlan,
    Wireguard,
)
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.routing import NextHop, Route, Rule
from netkit.model.setting import Attribute, File, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.names import group as group_of
from netkit.run.job import Job
from netkit.run.system import SystemRunner
from tests.root.waiting import eventually

pytestmark = pytest.mark.root

CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
# What is said of a kind that was not built into this kernel.
LACKING = ("Unknown device type", "Operation not supported", "qdisc kind is unknown")

_libc = ctypes.CDLL(None, use_errno=True)


class Place:
    """The real hands, in a network of their own."""

    def __init__(self) -> None:
        self.runner = SystemRunner()

    def build(self, *steps: Step, netns: Netns = None) -> None:
        """Run steps; the test is skipped where this kernel lacks what they need."""
        try:
            self.runner.run([Job(netns, steps)])
        except CommandError as error:
            if any(word in error.said for word in LACKING):
                pytest.skip(str(error))
            raise

    def look(self, *wanted: Object) -> State:
        """Read all that is to be looked at for the sake of ``wanted``."""
        return read(self.runner, scope(State.of(wanted)))


def back(number: int) -> None:
    """Return to a namespace; EINVAL while a thread that was joined has not quite ended."""
    if not eventually(lambda: _libc.setns(number, 0) == 0):
        checked(_libc.setns(number, 0))


def checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@pytest.fixture
def place() -> Iterator[Place]:
    """
    Move the test into new network and mount namespaces, and back.

    Children and threads go along. All that is made here ends with the namespaces.
    """
    home = os.getcwd()
    before = [os.open(f"/proc/thread-self/ns/{kind}", os.O_RDONLY) for kind in ("net", "mnt")]
    try:
        checked(_libc.unshare(CLONE_NEWNET | CLONE_NEWNS))
        checked(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        checked(_libc.mount(b"tmpfs", b"/run", b"tmpfs", 0, None))
        os.mkdir("/run/netns")
        yield Place()
    finally:
        for number in before:
            back(number)
            os.close(number)
        os.chdir(home)


GROUP = group_of("shop")
MAC, FAR_MAC = "02:42:0a:01:00:02", "02:42:0a:01:00:03"
A = "192.0.2.1"
BORN: dict[str, Any] = {"group": GROUP, "address": MAC}
SEEN: dict[str, Any] = {"group": GROUP, "mac": MAC, "up": False}
CABLE = link.add_veth("base", "far", address=FAR_MAC)

KINDS: list[tuple[tuple[Step, ...], Link]] = [
    (
        (
            link.add_veth("eth0", "eth1", mtu=1400, up=True, **BORN),
            link.set("eth0", alias="netkit:shop/con1/eth0"),
        ),
        Veth(
            ifname="eth0",
            mtu=1400,
            peer="eth1",
            alias="netkit:shop/con1/eth0",
            group=GROUP,
            mac=MAC,
        ),
    ),
    (
        (
            CABLE,
            link.add_bridge("br0"),
            link.set_master("base", "br0"),
            link.set_port("base", isolated=True, hairpin=True),
        ),
        Veth(
            ifname="base",
            peer="far",
            mac=FAR_MAC,
            up=False,
            master="br0",
            isolated=True,
            hairpin=True,
        ),
    ),
    ((link.add_bridge("br0", **BORN),), Bridge(ifname="br0", **SEEN)),
    ((link.add_bridge("br0", stp=True, **BORN),), Bridge(ifname="br0", stp=True, **SEEN)),
    (
        (link.add_bridge("br0", mcast_snooping=False, **BORN),),
        Bridge(ifname="br0", mcast_snooping=False, **SEEN),
    ),
    (
        (link.add_bridge("br0", vlan_filtering=True, **BORN),),
        Bridge(ifname="br0", vlan_filtering=True, **SEEN),
    ),
    (
        (link.add_vxlan("vx0", vni=42, local=A, learning=False, mtu=1450, **BORN),),
        Vxlan(ifname="vx0", vni=42, local=A, learning=False, mtu=1450, **SEEN),
    ),
    (
        (
            CABLE,
            link.add_vxlan(
                "vx0", vni=42, multicast="239.1.1.1", dev="base", dstport=8472, ttl=5, **BORN
            ),
        ),
        Vxlan(
            ifname="vx0",
            vni=42,
            remote="239.1.1.1",
            underlay="base",
            dstport=8472,
            ttl=5,
            mtu=1450,
            **SEEN,
        ),
    ),
    (
        (CABLE, link.add_vxlan("vx0", vni=42, local="fd00::1", dev="base", **BORN)),
        Vxlan(ifname="vx0", vni=42, local="fd00::1", underlay="base", mtu=1430, **SEEN),
    ),
    (
        (CABLE, link.add_vlan("base.5", parent="base", vid=5, **BORN)),
        Vlan(ifname="base.5", parent="base", vid=5, **SEEN),
    ),
    (
        (CABLE, link.add_macvlan("mv0", parent="base", mode="private", **BORN)),
        Macvlan(ifname="mv0", parent="base", mode="private", **SEEN),
    ),
    (
        (CABLE, link.add_ipvlan("iv0", parent="base", mode="l3", group=GROUP)),
        Ipvlan(ifname="iv0", parent="base", mode="l3", group=GROUP, up=False),
    ),
    ((link.add_dummy("dum0", **BORN),), Dummy(ifname="dum0", **SEEN)),
    (
        (tuntap.add("tap0"), link.set("tap0", address=MAC), link.set_group("tap0", GROUP)),
        Tuntap(ifname="tap0", **SEEN),
    ),
    ((tuntap.add("tun0", mode="tun"),), Tuntap(ifname="tun0", mode="tun", up=False)),
    ((link.add_vrf("blue", table=77, **BORN),), Vrf(ifname="blue", table=77, mtu=65575, **SEEN)),
    (
        (link.add_gre("gre1", local=A, remote="192.0.2.2", key=258, group=GROUP),),
        Gre(
            ifname="gre1",
            local=A,
            remote="192.0.2.2",
            tunnel_key=258,
            group=GROUP,
            mtu=1476,
            up=False,
        ),
    ),
    ((link.add_wireguard("wg0"),), Wireguard(ifname="wg0", mtu=1420, up=False)),
    (
        (link.add_bond("bond0", mode="active-backup", miimon=100, **BORN),),
        Bond(ifname="bond0", mode="active-backup", miimon=100, **SEEN),
    ),
    ((link.add_ifb("shape", **BORN),), OtherLink(ifname="shape", kind="ifb", **SEEN)),
    ((), Loopback(up=False)),
    (
        (link.set_up("lo"), link.set("lo", alias="netkit:shop/con1")),
        Loopback(alias="netkit:shop/con1"),
    ),
]


@pytest.mark.parametrize(
    ("steps", "meant"),
    [pytest.param(*case, id=f"{case[1].KIND}-{i}") for i, case in enumerate(KINDS)],
)
def test_a_device_is_read_as_it_was_built(
    place: Place, steps: tuple[Step, ...], meant: Link
) -> None:
    place.build(*steps)

    assert place.look(meant).get(meant.key) == meant


def test_a_new_namespace_has_a_lo_and_nothing_else(place: Place) -> None:
    place.build(netns.add("con1"))

    found = place.look(Namespace(netns="con1"))

    assert set(found) == {Namespace(netns="con1"), Loopback(netns="con1", up=False)}


def test_a_cable_between_two_namespaces_is_read_from_both_ends(place: Place) -> None:
    ends = (
        Veth(netns="a", ifname="eth0", peer_netns="b", peer="up", mac=MAC, up=False),
        Veth(netns="b", ifname="up", peer_netns="a", peer="eth0", mac=FAR_MAC, up=False),
    )
    place.build(netns.add("a"), netns.add("b"))
    place.build(
        link.add_veth("eth0", "up", peer_netns="b", address=MAC, peer_address=FAR_MAC), netns="a"
    )

    assert place.look(*ends).every(Veth) == ends


def test_a_cable_that_leads_elsewhere_than_claimed_has_no_known_end(place: Place) -> None:
    place.build(netns.add("a"), netns.add("b"))
    place.build(link.add_veth("eth0", "up"), netns="b")
    place.build(link.add_veth("eth0", "far", address=MAC), netns="a")
    place.build(link.set_netns("far", "b"), netns="a")

    found = place.look(Veth(netns="a", ifname="eth0", peer_netns="b", peer="up"))

    assert found.get(("link", "a", "eth0")) == Veth(
        netns="a", ifname="eth0", peer_netns="?", peer="", mac=MAC, up=False
    )


@pytest.mark.parametrize("others", [0, 3])
def test_the_socket_of_a_vxlan_device_made_elsewhere_stays_there(place: Place, others: int) -> None:
    """With other devices in its own namespace, ip prints one of their names for the underlay."""
    meant = Vxlan(
        netns="a",
        ifname="vx0",
        vni=7,
        local=A,
        underlay="base",
        socket_netns=None,
        mtu=1450,
        mac=MAC,
        up=False,
    )
    place.build(CABLE, netns.add("a"))
    place.build(*[link.add_bridge(f"br{number}") for number in range(others)], netns="a")
    place.build(link.add_vxlan("vx0", vni=7, local=A, dev="base", netns="a", address=MAC))

    assert place.look(meant).get(meant.key) == meant


def test_a_macvlan_device_may_have_its_parent_elsewhere(place: Place) -> None:
    meant = Macvlan(netns="a", ifname="mv0", parent="base", parent_netns=None, mac=MAC, up=False)
    place.build(CABLE, netns.add("a"))
    place.build(link.add_macvlan("mv0", parent="base", netns="a", address=MAC))

    assert place.look(meant).get(meant.key) == meant


UP = (link.add_veth("eth0", "eth1"), link.set_up("eth0"), link.set_up("eth1"))
GIVEN = (
    *UP,
    addr.add("10.1.0.2/24", dev="eth0"),
    addr.add("fd00::2/64", dev="eth0", nodad=True),
    addr.add("fe80::7/64", dev="eth0"),
    addr.add("198.51.100.1/32", dev="lo"),
    link.set_up("lo"),
)


def test_addresses_are_read_without_what_the_kernel_gave(place: Place) -> None:
    place.build(*GIVEN)

    found = {(each.ifname, each.cidr) for each in place.look(Loopback()).every(Address)}

    assert found == {
        ("eth0", "10.1.0.2/24"),
        ("eth0", "fd00::2/64"),
        ("eth0", "fe80::7/64"),
        ("lo", "198.51.100.1/32"),
    }


ROUTES: list[tuple[Step, Route]] = [
    (
        route.add("0.0.0.0/0", via="10.1.0.1"),
        Route(family=4, to="0.0.0.0/0", nexthops=(NextHop(dev="eth0", via="10.1.0.1"),)),
    ),
    (
        route.add("::/0", via="fd00::1"),
        Route(family=6, to="::/0", metric=1024, nexthops=(NextHop(dev="eth0", via="fd00::1"),)),
    ),
    (
        route.add("0.0.0.0/0", dev="eth1", table=100, metric=5),
        Route(family=4, to="0.0.0.0/0", table=100, metric=5, nexthops=(NextHop(dev="eth1"),)),
    ),
    (
        route.add("::/0", dev="eth1", table=100, metric=5),
        Route(family=6, to="::/0", table=100, metric=5, nexthops=(NextHop(dev="eth1"),)),
    ),
    (
        route.add("10.5.0.0/16", via="10.1.0.1", src="10.1.0.2", protocol=200),
        Route(
            family=4,
            to="10.5.0.0/16",
            nexthops=(NextHop(dev="eth0", via="10.1.0.1"),),
            src="10.1.0.2",
            protocol="200",
        ),
    ),
    (
        route.add("10.6.0.7", via="10.1.0.1", protocol="static"),
        Route(
            family=4,
            to="10.6.0.7/32",
            nexthops=(NextHop(dev="eth0", via="10.1.0.1"),),
            protocol="static",
        ),
    ),
    (
        route.add("10.7.0.0/16", type="blackhole"),
        Route(family=4, to="10.7.0.0/16", type="blackhole"),
    ),
    (
        route.add("fd07::/16", type="unreachable"),
        Route(family=6, to="fd07::/16", type="unreachable", metric=1024),
    ),
    (
        route.add("10.8.0.0/16", type="prohibit", tos="0x10"),
        Route(family=4, to="10.8.0.0/16", type="prohibit", tos=16),
    ),
    (
        route.add(
            "10.9.0.0/16",
            nexthops=(Hop(via="10.1.0.1", dev="eth0", weight=3), Hop(dev="eth1")),
        ),
        Route(
            family=4,
            to="10.9.0.0/16",
            nexthops=(NextHop(dev="eth0", via="10.1.0.1", weight=3), NextHop(dev="eth1")),
        ),
    ),
    (
        route.add("10.10.0.0/16", via="fd00::1", dev="eth0"),
        Route(family=4, to="10.10.0.0/16", nexthops=(NextHop(dev="eth0", via="fd00::1"),)),
    ),
]


def test_routes_are_read_without_what_the_kernel_made(place: Place) -> None:
    place.build(*GIVEN, *[step for step, _ in ROUTES])

    found = place.look(Loopback()).every(Route)

    assert {each.key: each for each in found} == {each.key: each for _, each in ROUTES}
    assert {each.protocol for each in found} == {"boot", "static", "200"}


RULES: list[tuple[Step, Rule]] = [
    (
        rule.add(5, from_="10.1.0.0/16", table=100, protocol=200),
        Rule(family=4, priority=5, source="10.1.0.0/16", table=100, protocol="200"),
    ),
    (
        rule.add(6, to="10.1.0.7/32", iif="lo", fwmark="0x1/0xff", table=254),
        Rule(family=4, priority=6, destination="10.1.0.7/32", iif="lo", fwmark="0x1/0xff"),
    ),
    (
        rule.add(7, oif="eth9", action="prohibit"),
        Rule(family=4, priority=7, oif="eth9", table=None, action="prohibit"),
    ),
    (
        rule.add(8, from_="fd00::/64", table=100),
        Rule(family=6, priority=8, source="fd00::/64", table=100),
    ),
]


def test_rules_are_read_without_those_of_every_namespace(place: Place) -> None:
    place.build(*[step for step, _ in RULES])

    assert place.look(*[each for _, each in RULES]).every(Rule) == tuple(each for _, each in RULES)


def test_neighbors_are_read_without_those_that_were_learned(place: Place) -> None:
    meant = {
        Neighbor(ifname="eth0", address="10.1.0.9", lladdr=MAC),
        Neighbor(ifname="eth0", address="fd00::9", lladdr=MAC),
        Neighbor(ifname="eth0", address="10.1.0.10"),
    }
    place.build(
        *GIVEN,
        neigh.add("10.1.0.9", dev="eth0", lladdr=MAC.upper()),
        neigh.add("fd00::9", dev="eth0", lladdr=MAC),
        neigh.add("10.1.0.11", dev="eth0", lladdr=MAC, nud="reachable"),
        neigh.add_proxy("10.1.0.10", dev="eth0"),
    )

    assert set(place.look(Loopback()).every(Neighbor)) == meant


def test_fdb_entries_are_read_without_the_devices_own(place: Place) -> None:
    zero = "00:00:00:00:00:00"
    place.build(
        *UP,
        link.add_vxlan("vx0", vni=1, local=A, dstport=4789),
        link.add_vxlan("vx1", vni=1, multicast="239.1.1.1", dev="eth0", dstport=4790),
        link.add_vxlan("vx2", vni=1, remote="192.0.2.9", dstport=4791),
        link.add_bridge("br0"),
        link.set_master("vx0", "br0"),
        fdb.append(zero, dev="vx0", dst="192.0.2.2"),
        fdb.append(zero, dev="vx0", dst="192.0.2.3"),
        fdb.append(MAC, dev="vx0", dst="192.0.2.3"),
    )

    found = place.look(*[Vxlan(ifname=f"vx{number}", vni=1) for number in range(3)])

    assert {(each.ifname, each.mac, each.dst) for each in found.every(FdbEntry)} == {
        ("vx0", zero, "192.0.2.2"),
        ("vx0", zero, "192.0.2.3"),
        ("vx0", MAC, "192.0.2.3"),
    }


QDISCS = [
    (
        qdisc.tbf(rate="10mbit", burst="32kb", latency="50ms"),
        Qdisc(ifname="eth0", kind="tbf", rate=10_000_000),
    ),
    (
        qdisc.netem(delay="20ms", jitter="2ms", loss="0.5%"),
        Qdisc(ifname="eth0", kind="netem", delay=20_000, jitter=2000, loss="0.5"),
    ),
    (qdisc.netem(delay="100us"), Qdisc(ifname="eth0", kind="netem", delay=100)),
    (qdisc.netem(rate="1mbit"), Qdisc(ifname="eth0", kind="netem", rate=1_000_000)),
]


@pytest.mark.parametrize(("discipline", "meant"), QDISCS)
def test_a_discipline_is_read_in_bits_and_microseconds(
    place: Place, discipline: qdisc.Discipline, meant: Qdisc
) -> None:
    place.build(*UP, qdisc.add("eth0", discipline, handle="1:"))

    assert place.look(meant).every(Qdisc) == (meant,)


def test_a_discipline_that_nobody_expects_on_a_device_of_netkits_is_seen(place: Place) -> None:
    place.build(
        *UP,
        link.set_group("eth0", GROUP),
        qdisc.add("eth0", qdisc.tbf(rate="10mbit", burst="32kb", latency="50ms"), handle="1:"),
        qdisc.add("eth1", qdisc.tbf(rate="10mbit", burst="32kb", latency="50ms"), handle="1:"),
    )

    assert {each.ifname for each in place.look(Loopback()).every(Qdisc)} == {"eth0", "eth1"}


def test_the_firewall_is_read_as_netkit_speaks_of_it(place: Place) -> None:
    name, comment = "NK-FORWARD-1f0c9a7be2d4", ("-m", "comment", "--comment", "netkit:shop")
    drop = ("-s", "10.1.0.0/24", "!", "-o", "br0", *comment, "-j", "DROP")
    meant: set[Object] = {
        Chain(family=4, table="filter", name=name, rules=(drop,)),
        LooseRule(family=4, table="filter", hook="FORWARD", words=("-i", "lo", "-j", "ACCEPT")),
        Jump(
            family=4,
            table="filter",
            hook="FORWARD",
            chain=name,
            comment="netkit:shop",
            first=False,
        ),
        Policy(family=4, hook="INPUT", policy="DROP"),
        Policy(family=6, hook="OUTPUT", policy="DROP"),
    }
    place.build(
        iptables.new_chain(name),
        iptables.append(name, drop),
        iptables.append("FORWARD", ("-i", "lo", "-j", "ACCEPT")),
        iptables.append("FORWARD", (*comment, "-j", name)),
        iptables.set_policy("INPUT", "DROP"),
        iptables.set_policy("OUTPUT", "DROP", family=6),
    )

    found = place.look(*meant)

    assert {each for each in found if type(each) in {type(item) for item in meant}} == meant


def test_what_lies_there_already_is_read(place: Place) -> None:
    name = "net/ipv4/ip_local_port_range"
    wanted = (
        Sysctl(name=name, value=""),
        Sysctl(name="net/ipv4/no_such_thing", value=""),
        File(path="/run/hosts"),
        Attribute(ifname="base", name="mtu", value=""),
        Loan(ifname="base", home="con1", home_ifname="eth7"),
    )
    place.build(
        CABLE, netns.add("con1"), sysctl.write(name, "2000 3000"), file.write("/run/hosts", "# x\n")
    )

    found = place.look(*wanted)

    assert {each for each in found if not isinstance(each, Link | Namespace)} == {
        Sysctl(name=name, value="2000 3000"),
        File(path="/run/hosts", parts=("# x\n",)),
        Attribute(ifname="base", name="mtu", value="1500"),
        wanted[4],
    }


def test_questions_at_the_end_of_the_batch_that_built_are_answers_too(place: Place) -> None:
    meant = Bridge(netns="con1", ifname="br0", mac=MAC, group=GROUP, up=False)
    seen = scope(State.of([meant]))
    place.build(netns.add("con1"))

    steps = (link.add_bridge("br0", **BORN),)
    answers = place.runner.run([Job("con1", steps, asks(look)) for look in seen.looks])
    reading = Reading(seen)
    for answer in answers:
        reading.tell(answer)
    found = reading.state(place.runner)

    assert found.get(meant.key) == meant


def test_names_are_those_of_real_namespaces(place: Place) -> None:
    place.build(netns.add("a"), netns.add("b"), file.write("/run/netns/stale", ""))

    assert namespaces.names() == ("a", "b")
