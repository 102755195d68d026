"""iptables-save prints the rules that were built, word for word, for each option and each pair."""

from __future__ import annotations

import itertools
import shlex
from typing import Any

import pytest

from netkit.command import iptables
from netkit.command.iptables import Rule, dnat, masquerade, reject, rule, snat

pytestmark = pytest.mark.root

NETS = {4: ("10.9.0.7/24", "192.0.2.1"), 6: ("fd00:0::7/64", "2001:DB8::1")}
OTHER: dict[int, str] = {4: "192.0.2.9", 6: "2001:db8::9"}
STATES = ("NEW", "!INVALID", "ESTABLISHED,RELATED", ("DNAT", "SNAT", "UNTRACKED", "NEW"))
MARK = "netkit:two-lans/r1_2.x"


def options(family: int) -> dict[str, tuple[Any, ...]]:
    net, host = NETS[family]
    return {
        "source": (net, f"!{host}", host),
        "destination": (f"!{net}", host),
        "in_": ("eth0", "!nk-0123456789ab", "eth+"),
        "out": ("!lo", "eth0.5"),
        "ports": (
            *({"protocol": name} for name in ("tcp", "!udp", "icmp", "esp", "gre", "sctp")),
            *({"protocol": "tcp", "dport": each} for each in (80, "!443", "1024:", "080:90")),
            {"protocol": "udp", "sport": 53, "dport": "0:65535"},
            {"protocol": "udp", "sport": "!53", "dport": (80, "90:99", 443)},
            {"protocol": "tcp", "sport": (7, 5), "dport": (80, 443)},
            {"protocol": "sctp", "sport": 7, "dport": "8:9"},
            {"protocol": "icmp", "icmp_type": 8 if family == 4 else 128},
            {"protocol": "icmp", "icmp_type": "!3/1" if family == 4 else "!1/3"},
        ),
        "state": STATES,
        "dst_type": ("local", "!MULTICAST", "UNICAST" if family == 6 else "BROADCAST"),
        "comment": ("x", MARK, "a/b=c,d@e(f)[g]&;|<>$!*?~"),
        "jump": ("ACCEPT", "DROP", "RETURN", "OTHER", reject(family=family), None),
    }


def built(family: int) -> list[Rule]:
    """Every value of every option, alone and beside every value of every other option."""
    single = [(name, value) for name, values in options(family).items() for value in values]
    rules = []
    for (name, value), (name2, value2) in itertools.combinations_with_replacement(single, 2):
        if name == name2 and value != value2:
            continue
        words: dict[str, Any] = {name: value, name2: value2}
        words |= words.pop("ports", {})
        rules.append(rule(family=family, **words))
    rules.append(
        rule(
            family=family,
            source=NETS[family][0],
            destination=NETS[family][1],
            in_="eth0",
            out="!eth1",
            protocol="tcp",
            sport=5,
            dport=(80, 443),
            state="NEW",
            dst_type="LOCAL",
            comment=MARK,
            jump="OTHER",
        )
    )
    return rules


def saved(text: str, chain: str) -> list[Rule]:
    lines = [shlex.split(line) for line in text.splitlines() if line.startswith("-A ")]
    return [tuple(line[2:]) for line in lines if line[1] == chain]


def append(chain: str, rules: list[Rule]) -> tuple[Rule, ...]:
    return tuple(("-A", chain, *each) for each in rules)


@pytest.mark.parametrize("family", [4, 6])
def test_a_saved_rule_has_the_words_that_were_built(place: Any, family: int) -> None:
    rules = built(family)
    text = iptables.restore_text("filter", ("X", "OTHER"), append("X", rules))
    place.accept(iptables.restore(text, family=family))
    printed = saved(place.accept(iptables.save("filter", family=family)), "X")

    assert len(printed) == len(rules)
    assert [(was, now) for was, now in zip(rules, printed, strict=True) if was != now] == []


@pytest.mark.parametrize("family", [4, 6])
def test_a_saved_target_of_nat_has_the_words_that_were_built(place: Any, family: int) -> None:
    to = OTHER[family]
    rules = {
        "POST": [
            rule(
                source=NETS[family][0], out="!br0", comment=MARK, jump=masquerade(), family=family
            ),
            rule(jump=snat(to)),
            rule(protocol="udp", jump=snat(to, port="1024-2048")),
        ],
        "PRE": [
            rule(dst_type="LOCAL", protocol="tcp", dport=8080, jump=dnat(to, port=80)),
            rule(protocol="udp", dport="5000:5010", jump=dnat(to)),
            rule(protocol="udp", jump=dnat(to, port="80-90")),
            rule(protocol="tcp", dport=(1, 2), comment="x", jump=dnat(to, port="080")),
        ],
    }
    lines = append("POST", rules["POST"]) + append("PRE", rules["PRE"])
    hooks = (("-I", "POSTROUTING", "1", "-j", "POST"), ("-A", "PREROUTING", "-j", "PRE"))
    text = iptables.restore_text("nat", ("POST", "PRE"), lines + hooks)
    said = place.accept(iptables.restore(text, family=family), iptables.save("nat", family=family))

    assert {chain: saved(said, chain) for chain in rules} == rules


@pytest.mark.parametrize("table", ["filter", "nat", "mangle", "raw"])
@pytest.mark.parametrize("family", [4, 6])
def test_chains_are_made_filled_emptied_and_deleted(place: Any, family: int, table: str) -> None:
    where: dict[str, Any] = {"table": table, "family": family}
    one, two = rule(comment="one", jump="RETURN"), rule(protocol="tcp", dport=80, jump="RETURN")
    place.accept(
        iptables.new_chain("X", **where),
        iptables.append("X", one, **where),
        iptables.insert("X", two, **where),
        iptables.insert("X", one, position=3, **where),
        iptables.delete("X", two, **where),
    )
    said = place.accept(iptables.save(table, family=family))

    assert saved(said, "X") == [one, one]
    assert saved(place.accept(iptables.list_rules("X", **where)), "X") == [one, one]
    place.accept(iptables.flush_chain("X", **where), iptables.delete_chain("X", **where))
    assert "X" not in place.accept(iptables.list_rules(**where)).split()


def test_restoring_leaves_other_chains_and_policies_alone(place: Any) -> None:
    mine = rule(comment=MARK, jump="ACCEPT")
    place.accept(
        iptables.set_policy("FORWARD", "DROP"),
        iptables.new_chain("THEIRS"),
        iptables.append("THEIRS", mine),
        iptables.restore(iptables.restore_text("filter", ("MINE",), append("MINE", [mine]))),
        iptables.restore(iptables.restore_text("filter", ("MINE",), append("MINE", [mine]))),
    )
    said = place.accept(iptables.save())

    assert ":FORWARD DROP" in said
    assert (saved(said, "THEIRS"), saved(said, "MINE")) == ([mine], [mine])


def test_a_restored_table_is_taken_in_whole_or_not_at_all(place: Any) -> None:
    good, bad = rule(comment="good"), ("-p", "tcp", "-m", "icmp", "--icmp-type", "8")
    text = iptables.restore_text("filter", ("X",), append("X", [good, bad]))

    assert place.run(iptables.restore(text)).returncode != 0
    assert "X" not in place.accept(iptables.save())


def test_policies_and_deletions_may_stand_in_a_restored_table(place: Any) -> None:
    jump = rule(comment=MARK, jump="X")
    place.accept(
        iptables.restore(iptables.restore_text("filter", ("X",), (("-I", "FORWARD", "1", *jump),))),
        iptables.restore(
            iptables.restore_text(
                "filter",
                (),
                (("-P", "INPUT", "DROP"), ("-D", "FORWARD", *jump), ("-F", "X"), ("-X", "X")),
            )
        ),
    )
    said = place.accept(iptables.save())

    assert ":INPUT DROP" in said
    assert "X" not in said.split()
