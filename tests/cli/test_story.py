"""How each kind of object is called, and how a change of it is told."""

from __future__ import annotations

from typing import cast

import pytest

from netkit.apply.prospect import Prospect
from netkit.cli.told import story
from netkit.cli.told.words import called
from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.firewall import Chain, Jump, LooseRule, Policy
from netkit.model.link import (
    Bridge,
    Gre,
    Loopback,
    Macvlan,
    OtherLink,
    Tuntap,
    Veth,
    Vlan,
    Vrf,
    Vxlan,
)
from netkit.model.netns import Namespace
from netkit.model.object import Object
from netkit.model.routing import NextHop, Route, Rule
from netkit.model.setting import Attribute, File, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.plan.change import Change


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (Namespace(netns="con1"), "namespace con1"),
        (Loopback(netns="con1"), "loopback lo"),
        (Bridge(ifname="br0"), "bridge br0"),
        (Bridge(ifname="nk-1", alias="netkit:shop/back/bridge"), "bridge nk-1 (network back)"),
        (OtherLink(ifname="t0", kind="team"), "team t0"),
        (Veth(ifname="eth0", peer="h1"), "veth eth0 (to host:h1)"),
        (Veth(ifname="eth0"), "veth eth0 (to unknown)"),
        (Vxlan(ifname="vx0", vni=42), "vxlan vx0 (vni 42)"),
        (Vlan(ifname="eth0.7", parent="eth0", vid=7), "vlan eth0.7 (7 of eth0)"),
        (Macvlan(ifname="mv0", parent="eth0"), "macvlan mv0 (on eth0)"),
        (Tuntap(ifname="tap0"), "tap tap0"),
        (Vrf(ifname="red", table=10), "vrf red (table 10)"),
        (Gre(ifname="g0", remote="192.0.2.2"), "gre g0 (to 192.0.2.2)"),
        (Address(ifname="eth0", cidr="10.0.0.1/24"), "address 10.0.0.1/24 on eth0"),
        (Neighbor(ifname="eth0", address="10.0.0.9"), "proxy for 10.0.0.9 on eth0"),
        (
            Neighbor(ifname="eth0", address="10.0.0.9", lladdr="02:00:00:00:00:09"),
            "neighbour 10.0.0.9 at 02:00:00:00:00:09 on eth0",
        ),
        (
            FdbEntry(ifname="vx0", mac="00:00:00:00:00:00", dst="192.0.2.2"),
            "fdb all unknown to 192.0.2.2 on vx0",
        ),
        (
            Route(family=4, to="0.0.0.0/0", nexthops=(NextHop(via="10.0.0.1", dev="eth0"),)),
            "route default via 10.0.0.1 dev eth0",
        ),
        (Route(family=6, to="::/0", type="blackhole"), "blackhole route default (IPv6)"),
        (
            Route(family=4, to="10.9.0.0/16", table=100,
                  nexthops=(NextHop(dev="a"), NextHop(via="10.0.0.1", weight=2))),
            "route 10.9.0.0/16 dev a weight 1, via 10.0.0.1 weight 2 in table 100",
        ),
        (
            Rule(family=4, priority=100, source="10.1.0.0/24", table=100),
            "rule 100: from 10.1.0.0/24 lookup 100",
        ),
        (
            Rule(family=6, priority=9, table=None, action="prohibit"),
            "rule 9 (IPv6): all prohibit",
        ),
        (
            Chain(family=4, table="nat", name="NK-A", rules=(("-j", "DROP"),)),
            "iptables chain NK-A in nat (1 rule)",
        ),
        (
            Jump(family=6, table="filter", hook="FORWARD", chain="NK-A"),
            "ip6tables jump FORWARD to NK-A in filter",
        ),
        (Policy(family=4, hook="INPUT", policy="DROP"), "iptables policy INPUT DROP"),
        (
            LooseRule(family=4, table="nat", hook="OUTPUT", words=("-j", "DROP")),
            "iptables rule in nat OUTPUT: -j DROP",
        ),
        (Sysctl(name="net/ipv4/ip_forward", value="1"), "sysctl net/ipv4/ip_forward = 1"),
        (Attribute(ifname="eth0", name="mtu", value="1400"), "mtu of eth0 = 1400"),
        (Loan(ifname="wan", home=None, home_ifname="eth1"), "device wan (from host:eth1)"),
        (
            Qdisc(ifname="eth0", kind="netem", delay=20000, loss="0.5"),
            "netem on eth0 (delay 20ms loss 0.5%)",
        ),
        (File(path="/etc/netns/a/hosts"), "file /etc/netns/a/hosts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_names(item: Object, name: str) -> None:
    assert called(item) == name


class Plan:
    """As much of a prospect as a story needs."""

    def __init__(self, current: list[Object], *changes: Change) -> None:
        self.current = State.of(current)
        self.changes = changes


def told(current: list[Object], *changes: Change) -> list[str]:
    acts = story.acts(cast(Prospect, Plan(current, *changes)))
    return list(story.told(acts))[:-1]


ETH0 = Veth(netns="a", ifname="eth0", peer="h1", group=2)


def test_a_change_names_what_differs() -> None:
    wide = Veth(netns="a", ifname="eth0", peer="h1", group=2, mtu=1400, up=False)

    assert told([ETH0], Change(ETH0, wide)) == [
        "a",
        "  ~ veth eth0 (to host:h1)",
        "      mtu 1500 → 1400",
        "      up yes → no",
    ]


def test_both_halves_of_a_replacement_are_one() -> None:
    before = Vxlan(netns="a", ifname="vx0", vni=42)
    after = Vxlan(netns="a", ifname="vx0", vni=43)
    lines = told([before], Change(before, None, "vni cannot change"), Change(None, after))

    assert lines == ["a", "-/+ vxlan vx0 (vni 43), since vni cannot change", "      vni 42 → 43"]


def test_what_goes_along_and_comes_back_as_it_was_is_no_news() -> None:
    address = Address(netns="a", ifname="vx0", cidr="10.0.0.1/24")

    assert told([address], Change(None, address)) == []


def test_what_the_plan_alters_after_making_it_is_made() -> None:
    down = Veth(netns="a", ifname="eth0", peer="h1", group=2, up=False)

    assert told([], Change(None, down), Change(down, ETH0)) == ["a", "  + veth eth0 (to host:h1)"]


def test_a_new_namespace_is_told_without_what_all_have() -> None:
    new = Namespace(netns="a")
    lo = Loopback(netns="a")
    sysctls = [Sysctl(netns="a", name=f"net/ipv4/{n}", value="0") for n in range(3)]
    lines = told([], Change(None, new), Change(None, lo), *(Change(None, each) for each in sysctls))

    assert lines == ["+ namespace a", "  + 3 sysctls"]


def test_a_value_is_told_in_one_line() -> None:
    before, after = (Sysctl(name="net/ipv4/ip_forward", value=value) for value in "01")

    assert told([before], Change(before, after)) == [
        "host",
        "  ~ sysctl net/ipv4/ip_forward = 1, was 0",
    ]


def test_a_changed_chain_names_the_rules_that_come_and_go() -> None:
    kept, gone, new = ("-j", "ACCEPT"), ("-j", "DROP"), ("-j", "RETURN")
    before = Chain(netns="a", family=4, table="nat", name="NK-A", rules=(kept, gone))
    after = Chain(netns="a", family=4, table="nat", name="NK-A", rules=(kept, new))

    assert told([before], Change(before, after))[2:] == ["      - -j DROP", "      + -j RETURN"]


def test_a_chain_whose_rules_changed_places_says_so() -> None:
    rules = (("-j", "ACCEPT"), ("-j", "DROP"))
    before = Chain(netns="a", family=4, table="nat", name="NK-A", rules=rules)
    after = Chain(netns="a", family=4, table="nat", name="NK-A", rules=rules[::-1])

    assert told([before], Change(before, after))[2:] == [
        "      the same lines, in another order or number"
    ]


def test_quantities_have_units() -> None:
    before = Qdisc(netns="a", ifname="x", kind="netem", rate=30_000_000, delay=20_000)
    after = Qdisc(netns="a", ifname="x", kind="netem", rate=20_000_000, loss="0.5")

    assert told([before], Change(before, after))[2:] == [
        "      rate 30mbit → 20mbit",
        "      delay 20ms → none",
        "      loss none → 0.5%",
    ]


def test_a_mark_is_told_where_nothing_else_differs() -> None:
    marked = Veth(netns="a", ifname="eth0", peer="h1", group=2, alias="hello")

    assert told([marked], Change(marked, ETH0))[2:] == ["      alias hello → none"]


def test_counts_are_said_in_words() -> None:
    count = {"create": 2, "change": 1, "replace": 1, "delete": 0}

    assert story.summed(count, story.TO_DO) == "2 to create, 1 to change, 1 to replace"
    assert story.summed(count, story.DIFFERING) == "2 missing, 2 different"
    assert story.summed(dict.fromkeys(count, 0), story.DONE) == ""
