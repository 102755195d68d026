"""Rules are spelt as iptables-save prints them; a root test holds that it still prints them so."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest

from netkit.command import iptables
from netkit.command.command import Command
from netkit.command.iptables import Rule, dnat, masquerade, reject, rule, snat
from netkit.errors import UsageError

RULES = {
    "nothing but a count": (rule(), ""),
    "a whole rule": (
        rule(
            source="10.0.0.0/8",
            destination=IPv4Network("10.1.0.0/16"),
            in_="eth0",
            out="eth1",
            protocol="tcp",
            sport=5,
            dport=80,
            state="RELATED,ESTABLISHED",
            dst_type="local",
            comment="netkit:x",
            jump="ACCEPT",
        ),
        "-s 10.0.0.0/8 -d 10.1.0.0/16 -i eth0 -o eth1 -p tcp -m tcp --sport 5 --dport 80"
        " -m conntrack --ctstate RELATED,ESTABLISHED -m addrtype --dst-type LOCAL"
        " -m comment --comment netkit:x -j ACCEPT",
    ),
    "all but these": (
        rule(
            source="!10.0.0.0/8",
            destination="! 10.1.0.1",
            in_="!eth0",
            out="! eth1",
            protocol="!udp",
            state="!NEW",
            dst_type="!LOCAL",
        ),
        "! -s 10.0.0.0/8 ! -d 10.1.0.1/32 ! -i eth0 ! -o eth1 ! -p udp"
        " -m conntrack ! --ctstate NEW -m addrtype ! --dst-type LOCAL",
    ),
    "bits beyond a prefix are cut": (rule(source="10.9.0.7/24"), "-s 10.9.0.0/24"),
    "an address is a prefix of its own": (
        rule(source=IPv4Address("10.9.0.7")),
        "-s 10.9.0.7/32",
    ),
    "an IPv6 address likewise": (
        rule(destination="FD00:0::1", family=6),
        "-d fd00::1/128",
    ),
    "everything is nothing to say": (
        rule(source="0.0.0.0/0", destination="10.0.0.0/0", in_="+", out="+", protocol="all"),
        "",
    ),
    "all ports are nothing to say": (
        rule(protocol="tcp", sport="0:65535", dport=":65535"),
        "-p tcp",
    ),
    "a range of ports": (
        rule(protocol="udp", sport=":90", dport="1024:"),
        "-p udp -m udp --sport 0:90 --dport 1024:65535",
    ),
    "a range of one port": (rule(protocol="tcp", dport="080:80"), "-p tcp -m tcp --dport 80"),
    "all ports but some": (
        rule(protocol="sctp", sport="!1:2", dport="! 80"),
        "-p sctp -m sctp ! --sport 1:2 ! --dport 80",
    ),
    "several ports": (
        rule(protocol="tcp", sport=("1:2", 5), dport=(80, "443")),
        "-p tcp -m multiport --sports 1:2,5 -m multiport --dports 80,443",
    ),
    "one source port and several destination ports": (
        rule(protocol="tcp", sport=5, dport=(80, 443)),
        "-p tcp -m tcp --sport 5 -m multiport --dports 80,443",
    ),
    "a protocol by its number": (rule(protocol=6), "-p tcp"),
    "a protocol in capitals": (rule(protocol="!TCP"), "! -p tcp"),
    "icmp": (rule(protocol="icmp"), "-p icmp"),
    "icmp of IPv6": (rule(protocol="icmp", family=6), "-p ipv6-icmp"),
    "icmp of IPv6 by its other name": (rule(protocol="icmpv6", family=6), "-p ipv6-icmp"),
    "icmp of IPv6 by its number": (rule(protocol=58, family=6), "-p ipv6-icmp"),
    "a type of icmp": (
        rule(protocol="icmp", icmp_type=8),
        "-p icmp -m icmp --icmp-type 8",
    ),
    "a type and code of IPv6's icmp": (
        rule(protocol="icmp", icmp_type="!1/3", family=6),
        "-p ipv6-icmp -m icmp6 ! --icmpv6-type 1/3",
    ),
    "states in the order of iptables": (
        rule(state=("established", "NEW", "DNAT", "INVALID")),
        "-m conntrack --ctstate INVALID,NEW,ESTABLISHED,DNAT",
    ),
    "a jump to a chain": (rule(jump="NK-FORWARD-1"), "-j NK-FORWARD-1"),
    "masquerading": (rule(out="!br0", jump=masquerade()), "! -o br0 -j MASQUERADE"),
    "a new source": (rule(jump=snat("10.0.0.1")), "-j SNAT --to-source 10.0.0.1"),
    "a new source and ports": (
        rule(jump=snat(IPv4Address("10.0.0.1"), port="1-9")),
        "-j SNAT --to-source 10.0.0.1:1-9",
    ),
    "a new destination": (
        rule(jump=dnat(IPv6Address("FD00::1")), family=6),
        "-j DNAT --to-destination fd00::1",
    ),
    "a new destination and port": (
        rule(protocol="tcp", dport=8080, jump=dnat("fd00::1", port=80), family=6),
        "-p tcp -m tcp --dport 8080 -j DNAT --to-destination [fd00::1]:80",
    ),
    "a rejection": (rule(jump=reject()), "-j REJECT --reject-with icmp-port-unreachable"),
    "a rejection of IPv6": (
        rule(jump=reject(family=6), family=6),
        "-j REJECT --reject-with icmp6-port-unreachable",
    ),
}


@pytest.mark.parametrize(("words", "printed"), RULES.values(), ids=RULES)
def test_a_rule_is_spelt_as_iptables_save_prints_it(words: Rule, printed: str) -> None:
    assert words == tuple(printed.split())


DROP = rule(source="10.0.0.0/8", jump="DROP")

COMMANDS = {
    "a chain": (iptables.new_chain("X"), "iptables -w -t filter -N X"),
    "a chain deleted": (
        iptables.delete_chain("X", table="nat", family=6),
        "ip6tables -w -t nat -X X",
    ),
    "a chain emptied": (iptables.flush_chain("X"), "iptables -w -t filter -F X"),
    "a rule at the end": (
        iptables.append("X", DROP),
        "iptables -w -t filter -A X -s 10.0.0.0/8 -j DROP",
    ),
    "a rule in front": (
        iptables.insert("X", DROP, table="raw"),
        "iptables -w -t raw -I X 1 -s 10.0.0.0/8 -j DROP",
    ),
    "a rule in third place": (
        iptables.insert("X", DROP, position=3),
        "iptables -w -t filter -I X 3 -s 10.0.0.0/8 -j DROP",
    ),
    "a rule removed": (
        iptables.delete("X", rule(in_="!lo")),
        "iptables -w -t filter -D X ! -i lo",
    ),
    "a policy": (
        iptables.set_policy("FORWARD", "DROP", family=6),
        "ip6tables -w -t filter -P FORWARD DROP",
    ),
    "the question for a table's rules": (iptables.list_rules(), "iptables -w -t filter -S"),
    "the question for a chain's rules": (
        iptables.list_rules("X", table="nat"),
        "iptables -w -t nat -S X",
    ),
    "the question for all rules": (iptables.save(), "iptables-save"),
    "the question for all rules of a table": (
        iptables.save("nat", family=6),
        "ip6tables-save -t nat",
    ),
    "a table taken in": (iptables.restore(""), "iptables-restore --wait --noflush"),
    "a table taken in as all there is": (
        iptables.restore("", family=6, noflush=False),
        "ip6tables-restore --wait",
    ),
}


@pytest.mark.parametrize(("command", "typed"), COMMANDS.values(), ids=COMMANDS)
def test_it_is_built_as_one_would_type_it(command: Command, typed: str) -> None:
    assert command.argv == tuple(typed.split())


def test_a_table_is_written_as_iptables_restore_reads_it() -> None:
    text = iptables.restore_text(
        "nat",
        ("NK-POSTROUTING-1",),
        (
            ("-A", "NK-POSTROUTING-1", *rule(out="!br0", jump=masquerade())),
            ("-I", "POSTROUTING", "1", *rule(comment="netkit:x", jump="NK-POSTROUTING-1")),
        ),
    )

    assert text == (
        "*nat\n"
        ":NK-POSTROUTING-1 - [0:0]\n"
        "-A NK-POSTROUTING-1 ! -o br0 -j MASQUERADE\n"
        "-I POSTROUTING 1 -m comment --comment netkit:x -j NK-POSTROUTING-1\n"
        "COMMIT\n"
    )
    assert iptables.restore(text).input == text


def test_a_table_taken_in_prints_as_one_would_type_it() -> None:
    text = iptables.restore_text("filter", ("X",), ())

    assert str(iptables.restore(text).within("con1")) == (
        "ip netns exec con1 iptables-restore --wait --noflush <<'EOF'\n"
        "*filter\n:X - [0:0]\nCOMMIT\nEOF"
    )


REFUSED: dict[str, Callable[[], object]] = {
    "a prefix that is none": lambda: rule(source="con1"),
    "a prefix of the other family": lambda: rule(source="fd00::/8"),
    "all but every source": lambda: rule(source="!0.0.0.0/0"),
    "all but every device": lambda: rule(in_="!+"),
    "all but every protocol": lambda: rule(protocol="!all"),
    "all but every port": lambda: rule(protocol="tcp", dport="!0:65535"),
    "an unknown protocol": lambda: rule(protocol="tcpp"),
    "a protocol with a number alone": lambda: rule(protocol=200),
    "ports of no protocol": lambda: rule(dport=80),
    "ports of a protocol without": lambda: rule(protocol="icmp", dport=80),
    "ports of all protocols but one": lambda: rule(protocol="!tcp", dport=80),
    "a port that is none": lambda: rule(protocol="tcp", dport="http"),
    "a port that is empty": lambda: rule(protocol="tcp", dport=""),
    "a range that is empty": lambda: rule(protocol="tcp", dport=":"),
    "a range backwards": lambda: rule(protocol="tcp", dport="90:80"),
    "a port beyond the last": lambda: rule(protocol="tcp", dport=65536),
    "a port in digits of another alphabet": lambda: rule(protocol="tcp", dport="\u0661"),
    "no ports at all": lambda: rule(protocol="tcp", dport=()),
    "more ports than a rule has": lambda: rule(protocol="tcp", dport=(*range(1, 15), "20:30")),
    "a type of icmp without icmp": lambda: rule(icmp_type=8),
    "a type of icmp by name": lambda: rule(protocol="icmp", icmp_type="echo-request"),
    "an unknown state": lambda: rule(state="OLD"),
    "an unknown type of destination": lambda: rule(dst_type="MINE"),
    "a broadcast of IPv6": lambda: rule(dst_type="BROADCAST", family=6),
    "a new destination that is none": lambda: dnat("con1"),
    "a chain with too long a name": lambda: iptables.new_chain("x" * 29),
    "a chain named as a negation": lambda: iptables.new_chain("!x"),
    "an unknown table": lambda: iptables.save("net"),
    "an unknown family": lambda: iptables.save(family=5),
    "a policy of a chain of one's own": lambda: iptables.set_policy("X", "DROP"),
    "a policy that is none": lambda: iptables.set_policy("INPUT", "REJECT"),
    "a built-in chain declared": lambda: iptables.restore_text("filter", ("FORWARD",), ()),
    "a line with a second one in it": lambda: iptables.restore_text(
        "filter", (), (("-A", "X\n-F"),)
    ),
    "a rule with a quote in it": lambda: iptables.append("X", ("--comment", '"')),
    "a target with a blank in it": lambda: rule(jump=("LOG", "--log-prefix", "a b")),
}


@pytest.mark.parametrize("build", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused(build: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        build()
