"""What is asked for some States, and what the answers of several namespaces make together."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from netkit.errors import NetkitError
from netkit.facts import file, qdisc
from netkit.facts.read import Reading, asks, read
from netkit.facts.scope import Look, Scope, freshened, scope
from netkit.model.addressing import Address, Neighbor
from netkit.model.firewall import Chain, Policy
from netkit.model.link import Ipvlan, Link, Macvlan, OtherLink, Veth, Vxlan
from netkit.model.netns import Namespace
from netkit.model.routing import NextHop, Route, Rule
from netkit.model.setting import Attribute, File, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.run.job import Answer, Job
from netkit.run.runner import Meanwhile

GROUP = 0x6E000000
Entry = dict[str, Any]


def entry(ifindex: int, ifname: str, kind: str | None = None, **more: Any) -> Entry:
    data = more.pop("data", {})
    said: Entry = {
        "ifindex": ifindex,
        "ifname": ifname,
        "flags": ["UP"],
        "mtu": 1500,
        "qdisc": "noqueue",
        "group": str(GROUP),
        "link_type": "[1]",
        "address": f"02:00:00:00:00:{ifindex:02x}",
    }
    if kind is not None:
        said["linkinfo"] = {"info_kind": kind, "info_data": data}
    return {**said, **more}


def answer(place: str | None, *found: Entry, rest: Sequence[str] = (), **more: Any) -> Answer:
    """Say what a namespace answers; nothing but devices, and ``rest`` at the end."""
    count = len(asks(Look(place)).commands) - 1
    return Answer(place, (json.dumps(found), *["[]"] * count, *rest), **more)


class Kernel:
    """A Runner with the answers already there."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = {found.netns: found for found in answers}
        self.asked: list[Job] = []

    def run(self, jobs: Sequence[Job], meanwhile: Meanwhile | None = None) -> tuple[Answer, ...]:
        self.asked += jobs
        return tuple([self.say(job) for job in jobs])

    def say(self, job: Job) -> Answer:
        """Answer what is asked beyond what the case is about with nothing."""
        found = self.answers.get(job.netns)
        if found is None or job.ask is None:
            return Answer(job.netns, missing=True)
        more = ["[]"] * (len(job.ask.commands) - len(found.texts))
        return Answer(job.netns, (*found.texts, *more), found.sysctls)


def links(kernel: Kernel, *claims: Link) -> list[Link]:
    seen = scope(State.of(claims), State.of(Namespace(netns=name) for name in ("a", "b")))
    return sorted(read(kernel, seen).every(Link), key=lambda item: (item.netns or "", item.ifname))


# What is looked at


def test_every_namespace_that_a_state_speaks_of_is_looked_at() -> None:
    state = State.of(
        [
            Namespace(netns="a"),
            Veth(netns="b", ifname="eth0", peer_netns="c", peer="x"),
            Vxlan(netns="d", ifname="vx0", vni=1, socket_netns="e"),
            Macvlan(netns="f", ifname="mv0", parent="eth0", parent_netns="g"),
            Ipvlan(netns="h", ifname="iv0", parent="eth0", parent_netns="i"),
            Loan(netns="j", ifname="eth1", home="k", home_ifname="eth1"),
            Address(netns="l", ifname="eth0", cidr="10.0.0.1/8"),
        ]
    )

    assert "".join(str(look.netns) for look in scope(state).looks) == "abcdefghijkl"


def test_the_host_is_looked_at_only_where_a_state_has_something_there() -> None:
    hidden = State.of([Namespace(netns="a"), File(path="/etc/netns/a/hosts")])

    assert [look.netns for look in scope(hidden).looks] == ["a"]
    assert scope(hidden).files == ("/etc/netns/a/hosts",)


def test_a_look_asks_for_what_the_states_have_there_and_for_nothing_else() -> None:
    one = State.of(
        [
            Sysctl(netns="a", name="net/ipv4/ip_forward", value="1"),
            Rule(netns="a", family=6, priority=5),
            Vxlan(netns="a", ifname="vx0", vni=1, socket_netns="a"),
            Qdisc(netns="a", ifname="eth0", kind="tbf"),
        ]
    )
    other = State.of(
        [
            Sysctl(netns="a", name="net/ipv4/ip_default_ttl", value="9"),
            Chain(netns="a", family=6, table="nat", name="NK-X"),
            Policy(netns="a", family=4, hook="INPUT"),
            Rule(netns="b", family=4, priority=5),
        ]
    )

    assert scope(one, other).looks == (
        Look(
            "a",
            sysctls=("net/ipv4/ip_default_ttl", "net/ipv4/ip_forward"),
            rules6=True,
            fdb=True,
            qdisc=True,
            families=(4, 6),
        ),
        Look("b", spoken=frozenset({"rule"})),
    )


def test_of_a_fresh_namespace_only_what_somebody_speaks_of_is_asked() -> None:
    state = State.of(
        [
            Namespace(netns="a"),
            Route(netns="b", family=6, to="::/0", nexthops=(NextHop(dev="eth0"),)),
            Rule(netns="b", family=4, priority=5),
            Neighbor(netns="c", ifname="eth0", address="10.0.0.9"),
            Namespace(netns="d"),
        ]
    )
    looks = freshened(scope(state), {"a", "b", "c"}).looks
    asked = {look.netns: [each.line for each in asks(look).commands] for look in looks}

    assert asked["a"] == ["address show"]
    assert asked["b"] == ["address show", "route show table all protocol 3", "rule show"]
    assert asked["c"] == [
        "address show",
        "neighbour show nud permanent",
        "neighbour show proxy",
    ]
    assert len(asked["d"]) == 7


def test_all_that_ip_is_asked_is_one_process_but_for_the_rules_of_ipv6() -> None:
    ask = asks(Look("a", sysctls=("net/x",), rules6=True, fdb=True, qdisc=True, families=(4, 6)))

    assert [str(command) for command in ask.commands] == [
        "ip -Numeric -details -json address show",
        "ip -Numeric -details -json route show table all protocol 3",
        "ip -Numeric -details -json route show table all protocol 4",
        "ip -Numeric -details -json route show table all protocol 200",
        "ip -Numeric -details -json neighbour show nud permanent",
        "ip -Numeric -details -json neighbour show proxy",
        "ip -Numeric -details -json rule show",
        "ip -Numeric -details -json -6 rule show",
        "bridge -json fdb show",
        "tc -json qdisc show",
        "iptables-save",
        "ip6tables-save",
    ]
    assert len({command.options for command in ask.commands[:7]}) == 1
    assert ask.netns == "a"
    assert ask.sysctls == ("net/x",)


# What comes back


def test_a_namespace_that_is_missing_adds_nothing() -> None:
    found = read(Kernel(answer("a")), scope(State.of([Namespace(netns="a"), Namespace(netns="b")])))

    assert tuple(found) == (Namespace(netns="a"),)


def test_the_host_and_a_namespace_given_by_its_path_are_no_names_under_run_netns() -> None:
    places = (None, "/proc/7/ns/net")
    wanted = scope(
        State.of(Address(netns=place, ifname="x", cidr="10.0.0.1/8") for place in places)
    )

    assert tuple(read(Kernel(*map(answer, places)), wanted)) == ()


def test_what_was_answered_before_is_not_asked_again() -> None:
    kernel = Kernel(answer("a"), answer("b"))
    wanted = scope(State.of([Namespace(netns="a"), Namespace(netns="b")]))

    reading = Reading(wanted)
    reading.tell(answer("a", sysctls={"net/x": "1"}))
    found = reading.state(kernel)

    assert [job.netns for job in kernel.asked] == ["b"]
    assert found.every(Sysctl) == (Sysctl(netns="a", name="net/x", value="1"),)


def test_no_process_at_all_is_started_when_everything_was_answered() -> None:
    kernel = Kernel()

    reading = Reading(scope(State.of([Namespace(netns="a")])))
    reading.tell(answer("a"))
    reading.state(kernel)

    assert kernel.asked == []


def test_an_answer_to_other_questions_is_an_error() -> None:
    reading = Reading(scope(State.of([Rule(netns="a", family=6, priority=5)])))
    reading.tell(answer("a"))

    with pytest.raises(NetkitError, match="namespace a gave 7 answers to 8 questions"):
        reading.digest()


def test_what_two_namespaces_say_alike_belongs_to_each() -> None:
    rules = json.dumps([{"priority": 5, "src": "all", "table": "77"}])
    said = [Answer(place, (*answer(place).texts[:-1], rules)) for place in ("a", "b")]

    found = read(Kernel(*said), scope(State.of(Namespace(netns=x) for x in "ab")))

    assert [item.netns for item in found.every(Rule)] == ["a", "b"]


def test_a_fallback_device_is_seen_only_with_netkits_group_or_when_spoken_of() -> None:
    kernel = Kernel(
        answer("a", entry(1, "ifb0", "ifb", group="0"), entry(2, "gre0", "gre", group="0")),
        answer("b", entry(1, "ifb0", "ifb")),
    )
    spoken = Attribute(netns="a", ifname="gre0", name="mtu", value="")

    found = read(kernel, scope(State.of([spoken, Namespace(netns="b")])))

    assert {(item.netns, item.ifname) for item in found.every(Link)} == {
        ("a", "gre0"),
        ("b", "ifb0"),
    }


def test_tc_is_asked_afterwards_where_a_device_of_netkits_has_an_odd_discipline() -> None:
    said = (
        '[{"kind": "tbf", "handle": "1:", "dev": "eth0", "root": true, "options": {"rate": 125}}]'
    )

    class Odd(Kernel):
        def run(
            self, jobs: Sequence[Job], meanwhile: Meanwhile | None = None
        ) -> tuple[Answer, ...]:
            if jobs[0].ask is not None and jobs[0].ask.commands == (qdisc.QUESTION,):
                self.asked += jobs
                return tuple(Answer(job.netns, (said,)) for job in jobs)
            return super().run(jobs, meanwhile)

    kernel = Odd(
        answer("a", entry(1, "eth0", "veth", qdisc="tbf")),
        answer("b", entry(1, "eth0", "veth", qdisc="fq_codel")),
        answer("c", entry(1, "eth0", "veth", qdisc="tbf", group="0")),
    )

    found = read(kernel, scope(State.of(Namespace(netns=name) for name in "abc")))

    assert found.every(Qdisc) == (Qdisc(netns="a", ifname="eth0", kind="tbf", rate=1000),)
    assert [job.netns for job in kernel.asked] == ["a", "b", "c", "a"]


def test_the_entry_that_comes_with_a_vxlan_device_is_no_entry_of_its_own() -> None:
    entries = [
        {"mac": "00:00:00:00:00:00", "ifname": "vx0", "dst": dst, "state": "permanent"}
        for dst in ("192.0.2.1", "192.0.2.2")
    ]
    data = {"id": 1, "port": 4789, "learning": True, "remote": "192.0.2.1"}
    wanted = scope(State.of([Vxlan(netns="a", ifname="vx0", vni=1, socket_netns="a")]))

    found = read(
        Kernel(answer("a", entry(1, "vx0", "vxlan", data=data), rest=[json.dumps(entries)])), wanted
    )

    assert [item.key for item in found if item.key[0] == "fdb"] == [
        ("fdb", "a", "vx0", "00:00:00:00:00:00", "192.0.2.2")
    ]


def test_attributes_and_loans_are_read_from_the_devices_they_are_about() -> None:
    wanted = [
        Attribute(netns="a", ifname="eth1", name=name, value="?")
        for name in ("mtu", "mac", "up", "master")
    ]
    lent = Loan(netns="a", ifname="eth1", home=None, home_ifname="enp1s0")
    stolen = Loan(netns="a", ifname="eth0", home=None, home_ifname="enp2s0")
    gone = Loan(netns="a", ifname="eth9", home=None, home_ifname="enp3s0")
    kernel = Kernel(
        answer("a", entry(1, "eth1", group="0", flags=[]), entry(2, "eth0", "veth")), answer(None)
    )

    found = read(kernel, scope(State.of([*wanted, lent, stolen, gone])))

    assert {item.name: item.value for item in found.every(Attribute)} == {
        "mtu": "1500",
        "mac": "02:00:00:00:00:01",
        "up": "down",
        "master": "",
    }
    assert found.every(Loan) == (lent,)
    assert found.get(("link", "a", "eth1")) == OtherLink(
        netns="a", ifname="eth1", mac="02:00:00:00:00:01", up=False
    )


# What hangs on what


def test_a_peer_in_the_same_namespace_needs_no_claim() -> None:
    kernel = Kernel(answer("a", entry(2, "x", "veth", link="y"), entry(3, "y", "veth", link="x")))

    x, y = links(kernel)

    assert isinstance(x, Veth)
    assert isinstance(y, Veth)
    assert (x.peer_netns, x.peer, y.peer_netns, y.peer) == ("a", "y", "a", "x")


CLAIM = Veth(netns="a", ifname="x", peer_netns="b", peer="y")


def far_ends(a: Entry, b: Entry, *claims: Link) -> tuple[str | None, str]:
    x, *_ = links(Kernel(answer("a", a), answer("b", b)), *claims)
    assert isinstance(x, Veth)
    return x.peer_netns, x.peer


def end(ifindex: int, ifname: str, peer: int, **more: Any) -> Entry:
    return entry(ifindex, ifname, "veth", link_index=peer, link_netnsid=0, **more)


def test_a_claimed_peer_is_confirmed_when_both_ends_point_at_each_other() -> None:
    assert far_ends(end(2, "x", 9), end(9, "y", 2), CLAIM) == ("b", "y")


def test_the_right_one_of_two_claims_is_found() -> None:
    former = Veth(netns="a", ifname="x", peer_netns="b", peer="old")
    seen = scope(State.of([former]), State.of([CLAIM]))
    kernel = Kernel(answer("a", end(2, "x", 9)), answer("b", end(9, "y", 2)))

    found = read(kernel, seen).get(("link", "a", "x"))

    assert isinstance(found, Veth)
    assert found.peer == "y"


@pytest.mark.parametrize(
    ("a", "b", "claims"),
    [
        pytest.param(end(2, "x", 9), end(9, "y", 2), (), id="nobody claims it"),
        pytest.param(end(2, "x", 9), end(8, "y", 2), (CLAIM,), id="another ifindex there"),
        pytest.param(end(2, "x", 9), end(9, "y", 3), (CLAIM,), id="that one points elsewhere"),
        pytest.param(end(2, "x", 9), end(9, "z", 2), (CLAIM,), id="another name"),
        pytest.param(
            end(2, "x", 9), entry(9, "y", "veth", link_index=2), (CLAIM,), id="it is alone there"
        ),
        pytest.param(
            end(2, "x", 9),
            entry(9, "y", "macvlan", data={"mode": "vepa"}, link_index=2, link_netnsid=0),
            (CLAIM,),
            id="that one is no veth",
        ),
    ],
)
def test_a_peer_that_cannot_be_told_has_no_name(a: Entry, b: Entry, claims: tuple[Link]) -> None:
    assert far_ends(a, b, *claims) == ("?", "")


def test_a_claim_of_the_same_namespace_does_not_hold_for_a_peer_elsewhere() -> None:
    claim = Veth(netns="a", ifname="x", peer_netns="a", peer="y")

    assert far_ends(end(2, "x", 2), end(2, "y", 2), claim) == ("?", "")


TUNNEL = {"id": 7, "port": 4789, "learning": True, "local": "192.0.2.1"}


def vxlan(
    device: Entry, *others: Entry, below: Sequence[Entry] = (), claims: tuple[Link, ...] = ()
) -> Vxlan:
    kernel = Kernel(answer("a", device, *others), answer("b", *below))
    found = next(item for item in links(kernel, *claims) if isinstance(item, Vxlan))
    return found


def away(underlay: str) -> Entry:
    data = {**TUNNEL, "link": underlay}
    return entry(5, "vx0", "vxlan", data=data, link_index=5, link_netnsid=0)


SOCKET = Vxlan(netns="a", ifname="vx0", vni=7, socket_netns="b", underlay="eth0")


def test_a_socket_at_home_needs_no_claim() -> None:
    found = vxlan(entry(5, "vx0", "vxlan", data={**TUNNEL, "link": "eth0"}))

    assert (found.socket_netns, found.underlay) == ("a", "eth0")


def test_an_underlay_elsewhere_is_found_behind_the_wrong_name_that_ip_prints() -> None:
    """Its ifindex 3 is eth0 in b; ip looks 3 up in a, where it is called other."""
    below = [entry(3, "eth0")]

    found = vxlan(away("other"), entry(3, "other", "dummy"), below=below, claims=(SOCKET,))

    assert (found.socket_netns, found.underlay) == ("b", "eth0")


def test_an_underlay_elsewhere_is_found_behind_the_name_of_a_device_that_is_not_shown() -> None:
    """Where the module ipip is loaded, ifindex 2 is tunl0 in every namespace but the host."""
    hidden = entry(2, "tunl0", "ipip", group="0")

    found = vxlan(away("tunl0"), hidden, below=[entry(2, "eth0")], claims=(SOCKET,))

    assert (found.socket_netns, found.underlay) == ("b", "eth0")


def test_an_underlay_elsewhere_is_found_behind_a_number() -> None:
    found = vxlan(away("if3"), below=[entry(3, "eth0")], claims=(SOCKET,))

    assert (found.socket_netns, found.underlay) == ("b", "eth0")


def test_a_socket_that_nobody_claims_is_somewhere() -> None:
    found = vxlan(away("if3"), below=[entry(3, "eth0")])

    assert (found.socket_netns, found.underlay) == ("?", "if3")


def test_a_socket_at_home_is_not_where_a_claim_says() -> None:
    found = vxlan(entry(5, "vx0", "vxlan", data=TUNNEL), claims=(SOCKET,))

    assert (found.socket_netns, found.underlay) == ("a", None)


@pytest.mark.parametrize(("kind", "of"), [("macvlan", Macvlan), ("ipvlan", Ipvlan)])
def test_a_parent_elsewhere_is_confirmed_by_its_number(
    kind: str, of: type[Macvlan] | type[Ipvlan]
) -> None:
    device = entry(2, "mv0", kind, data={"mode": "vepa"}, link_index=3, link_netnsid=0)
    claim = of(netns="a", ifname="mv0", parent="eth0", parent_netns="b")

    parents = []
    for number in (3, 4):
        kernel = Kernel(answer("a", device), answer("b", entry(number, "eth0")))
        found = links(kernel, claim)[0]
        assert isinstance(found, of)
        parents.append((found.parent_netns, found.parent))

    assert parents == [("b", "eth0"), ("?", "if3")]


def test_a_parent_at_home_is_named() -> None:
    device = entry(2, "mv0", "macvlan", data={"mode": "vepa"}, link="eth0")

    found = links(Kernel(answer("a", device)))[0]

    assert isinstance(found, Macvlan)
    assert (found.parent_netns, found.parent) == ("a", "eth0")


# Files and marks


def test_files_are_read_whole_and_missing_ones_are_absent(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("# netkit:shop\n127.0.0.1\tlocalhost\n")

    found = list(file.read([str(path), str(tmp_path / "gone"), str(tmp_path / "no" / "hosts")]))

    assert found == [File(path=str(path), parts=(path.read_text(),))]
    assert found[0].content == path.read_text()


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _large(path: Path) -> None:
    with path.open("wb") as new:
        new.truncate((1 << 20) + 1)


def _bytes(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")


@pytest.mark.parametrize("make", [_link, _fifo, _large, _bytes, Path.mkdir])
def test_what_is_no_plain_text_is_unfit(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "hosts")

    (found,) = file.read([str(tmp_path / "hosts")])

    assert found.unfit
    assert found.content == ""


def test_a_link_above_a_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "hosts").write_text("")
    (tmp_path / "con1").symlink_to(tmp_path / "real")

    (found,) = file.read([str(tmp_path / "con1" / "hosts")])

    assert "cannot be read" in found.unfit


def test_files_are_part_of_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("x")

    found = read(Kernel(), scope(State.of([File(path=str(path))])))

    assert [item.key for item in found] == [("file", None, str(path))]


def test_nothing_is_read_for_nothing() -> None:
    kernel = Kernel()

    assert len(read(kernel, Scope())) == 0
    assert kernel.asked == []


@pytest.mark.parametrize("cidr", ["127.0.0.1/8", "fe80::42:aff:fe01:2/64"])
def test_an_address_that_a_state_has_is_seen_though_the_kernel_gives_the_like(cidr: str) -> None:
    local, length = cidr.split("/")
    given = {"local": local, "prefixlen": int(length)}
    ifname = "lo" if local == "127.0.0.1" else "eth0"
    kernel = Kernel(answer("a", entry(1, ifname, addr_info=[given])))
    wanted = Address(netns="a", ifname=ifname, cidr=cidr)

    assert read(kernel, scope(State.of([Namespace(netns="a")]))).every(Address) == ()
    assert read(kernel, scope(State.of([wanted]))).every(Address) == (wanted,)
