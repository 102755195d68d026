"""A published port is read back from the rule that was written for it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from netkit.command import iptables
from netkit.model.firewall import Chain, Words
from netkit.plan.redirect import Redirect, redirects


def entrance(where: str | None, ports: str, to: str, port: str | None = None) -> Words:
    return iptables.rule(
        family=ip_address(to).version,
        destination=where,
        protocol="tcp",
        dport=ports,
        dst_type="LOCAL",
        comment="netkit:shop",
        jump=iptables.dnat(to, port=port),
    )


def chain(*rules: Words, family: int = 4, table: str = "nat") -> Chain:
    return Chain(family=family, table=table, name="NK-OUTPUT-0", rules=rules)


@pytest.mark.parametrize(
    ("rule", "where", "ports", "target"),
    [
        (entrance(None, "80", "10.1.0.2"), None, (80, 80), ("10.1.0.2", 80)),
        (entrance("192.0.2.1", "80", "10.1.0.2", "81"), "192.0.2.1", (80, 80), ("10.1.0.2", 81)),
        (entrance(None, "80:90", "10.1.0.2", "70-80/80"), None, (80, 90), ("10.1.0.2", 70)),
        (entrance("!::1/128", "80", "fd00::2", "81"), None, (80, 80), ("fd00::2", 81)),
        (entrance("2001:db8::1", "80", "fd00::2"), "2001:db8::1", (80, 80), ("fd00::2", 80)),
    ],
)
def test_what_was_written_is_read(
    rule: Words, where: str | None, ports: tuple[int, int], target: tuple[str, int]
) -> None:
    to, port = target
    family = ip_address(to).version
    address = None if where is None else ip_address(where)

    (found,) = redirects(chain(rule, family=family))

    assert found == Redirect(family, "tcp", address, ports, ip_address(to), port)


@pytest.mark.parametrize(
    "rule",
    [
        ("-p", "tcp", "-j", "ACCEPT"),
        ("-p", "tcp", "-m", "tcp", "--dport", "80", "-j", "DNAT", "--to-destination", "10.1.0.2"),
        ("-p", "tcp", "--dport", "http", "--dst-type", "LOCAL", "--to-destination", "10.1.0.2"),
        ("-p", "tcp", "--dport", "80", "--dst-type", "LOCAL", "--to-destination", "10.1.0.2-5"),
    ],
)
def test_what_somebody_else_wrote_is_nobodys_port(rule: Words) -> None:
    assert tuple(redirects(chain(rule))) == ()


def test_two_meet_where_one_packet_could_be_for_both() -> None:
    (every,) = redirects(chain(entrance(None, "80:90", "10.1.0.2")))
    (at_one,) = redirects(chain(entrance("192.0.2.1", "85", "10.1.0.3")))
    (at_other,) = redirects(chain(entrance("192.0.2.2", "85", "10.1.0.3")))
    (beside,) = redirects(chain(entrance(None, "91", "10.1.0.3")))

    assert every.meets(at_one)
    assert at_one.meets(every)
    assert not at_one.meets(at_other)
    assert not every.meets(beside)
    assert str(every) == "tcp ports 80-90 (IPv4)"
    assert str(at_one) == "tcp port 85 of 192.0.2.1 (IPv4)"
