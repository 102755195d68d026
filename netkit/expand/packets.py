"""
The rules of iptables, gathered from whoever has some, and made into chains and jumps.

A ``Verdict`` is one rule with its place. What drivers say of the host and what ``nat`` and
``firewall`` say of a namespace end in the same chains: one per spec, namespace, table and hook.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial

from netkit.command import iptables
from netkit.expand.placement import Site
from netkit.model.firewall import Chain, Jump, Policy, UserChain, Words
from netkit.model.object import Netns, Object
from netkit.model.topology import FirewallRule, NatRule, Negatable, Sandbox
from netkit.names import USER_CHAIN, chain, rule_comment
from netkit.value import Value

ICMPV6_NDP = range(133, 138)
HOOKS = {"masquerade": "POSTROUTING", "snat": "POSTROUTING", "dnat": "PREROUTING"}


class Verdict(Value, frozen=True, kw_only=True):
    """
    One rule and its place.

    Args:
        hook: The built-in chain whose packets it sees.
        rule: As iptables-save prints it.
    """

    netns: Netns
    family: int
    table: str
    hook: str
    rule: Words
    origin: str


def chains(site: Site, verdicts: Iterable[Verdict]) -> Iterator[Object]:
    """Gather rules into chains, and lead the built-in chains into them."""
    places: dict[tuple[Netns, int, str, str], list[Verdict]] = defaultdict(list)
    for each in verdicts:
        places[each.netns, each.family, each.table, each.hook].append(each)
    for (netns, family, table, hook), found in places.items():
        name = chain(hook, site.spec)
        origin = found[0].origin
        rules = [each.rule for each in found]
        if (netns, table, hook) == (None, "filter", "FORWARD"):
            yield UserChain(family=family, origin=origin)
            rules.insert(0, iptables.rule(comment=rule_comment(site.spec), jump=USER_CHAIN))
        yield Chain(
            netns=netns,
            family=family,
            table=table,
            name=name,
            rules=tuple(rules),
            origin=origin,
        )
        yield Jump(
            netns=netns,
            family=family,
            table=table,
            hook=hook,
            chain=name,
            comment=rule_comment(site.spec),
            origin=origin,
        )


def policies(site: Site, sandbox: Sandbox) -> Iterator[Object]:
    """Say what happens at the end of a namespace's chains."""
    if sandbox.firewall is None:
        return
    for hook, policy in sandbox.firewall.policy:
        if policy != "accept":
            for family in (4, 6):
                yield Policy(
                    netns=site.netns[sandbox.name],
                    family=family,
                    hook=hook.upper(),
                    policy=policy.upper(),
                    origin=sandbox.firewall.pointer,
                )


def firewall(site: Site, sandbox: Sandbox) -> Iterator[Verdict]:
    """Give a namespace's filter rules in document order, neighbour discovery before a drop."""
    if sandbox.firewall is None:
        return
    for hook, policy in sandbox.firewall.policy:
        if policy == "drop" and hook in ("input", "output"):
            yield from _discovery(site, sandbox, hook)
    for item in sandbox.firewall.rules:
        for family in item.families:
            yield Verdict(
                netns=site.netns[sandbox.name],
                family=family,
                table="filter",
                hook=item.chain.upper(),
                rule=_filter_rule(site, item, family),
                origin=item.pointer,
            )


def _discovery(site: Site, sandbox: Sandbox, hook: str) -> Iterator[Verdict]:
    """Let NDP through (RFC 4861): IPv6 has no ARP beside it, and is dead without."""
    assert sandbox.firewall is not None
    for kind in ICMPV6_NDP:
        yield Verdict(
            netns=site.netns[sandbox.name],
            family=6,
            table="filter",
            hook=hook.upper(),
            rule=iptables.rule(
                family=6,
                protocol="icmp",
                icmp_type=kind,
                comment=rule_comment(site.spec),
                jump="ACCEPT",
            ),
            origin=sandbox.firewall.pointer,
        )


def _matching(site: Site, item: FirewallRule | NatRule, family: int) -> partial[Words]:
    """Begin a rule with the packets that it is for."""
    return partial(
        iptables.rule,
        family=family,
        source=_text(item.source),
        destination=_text(item.destination),
        in_=_text(item.in_device),
        out=_text(item.out_device),
        protocol=item.protocol,
        dport=_ports(item.ports),
        comment=rule_comment(site.spec),
    )


def _filter_rule(site: Site, item: FirewallRule, family: int) -> Words:
    return _matching(site, item, family)(
        state=tuple(state.upper() for state in item.state) or None,
        jump=item.action.upper() if item.action != "reject" else iptables.reject(family=family),
    )


def nat(site: Site, sandbox: Sandbox) -> Iterator[Verdict]:
    """Give a namespace's translations in document order."""
    for item in sandbox.nat:
        for family in item.families:
            yield Verdict(
                netns=site.netns[sandbox.name],
                family=family,
                table="nat",
                hook=HOOKS[item.action],
                rule=_nat_rule(site, item, family),
                origin=item.pointer,
            )


def _nat_rule(site: Site, item: NatRule, family: int) -> Words:
    return _matching(site, item, family)(jump=_target(item))


def _target(item: NatRule) -> tuple[str, ...]:
    if item.to is None:
        return iptables.masquerade()
    address, port = _socket(item.to)
    return (iptables.snat if item.action == "snat" else iptables.dnat)(address, port=port)


def _socket(text: str) -> tuple[str, str | None]:
    """Cut ``ADDR[:PORT]``; an IPv6 address stands in brackets when a port follows."""
    if text.startswith("["):
        address, _, port = text[1:].partition("]:")
        return address.rstrip("]"), port or None
    if text.count(":") > 1:
        return text, None
    address, _, port = text.partition(":")
    return address, port or None


def _text(value: Negatable | None) -> str | None:
    return None if value is None else str(value)


def _ports(ports: tuple[tuple[int, int], ...]) -> tuple[str, ...] | str | None:
    words = tuple(str(low) if low == high else f"{low}:{high}" for low, high in ports)
    return words[0] if len(words) == 1 else words or None
