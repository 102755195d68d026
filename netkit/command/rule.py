"""
Policy rules, which choose the routing table: ``ip rule``.

``ip rule`` never guesses the family, not even from an address: in a batch without ``-6`` a rule
``from ::/0`` becomes one of IPv4. So IPv6 rules carry ``-6`` among their options, and go into
batches of their own.
"""

from __future__ import annotations

from netkit.command.command import Command, command, flag, option
from netkit.command.word import Prefix, is_ipv6, only
from netkit.errors import UsageError

IPV4, IPV6 = 4, 6
ACTIONS = frozenset({"blackhole", "unreachable", "prohibit"})


def add(
    priority: int,
    *,
    from_: Prefix | None = None,
    to: Prefix | None = None,
    iif: str | None = None,
    oif: str | None = None,
    fwmark: int | str | None = None,
    tos: int | str | None = None,
    ipproto: int | str | None = None,
    sport: int | str | None = None,
    dport: int | str | None = None,
    table: int | str | None = None,
    action: str | None = None,
    not_: bool = False,
    protocol: int | str | None = None,
    family: int | None = None,
) -> Command:
    """
    Build the command that makes a rule.

    Equivalent to: ``ip rule add priority PRIORITY from FROM to TO lookup TABLE``

    Args:
        priority: Its place in the order, 0 to 4294967295; the kernel has 0, 32766 and 32767.
        from_: Source prefix; any when omitted.
        to: Destination prefix; any when omitted.
        iif: The device it came in by; ``lo`` is what this namespace sends.
        oif: The device its socket is bound to.
        fwmark: Firewall mark, ``MARK`` or ``MARK/MASK``.
        tos: Type of service.
        ipproto: Protocol, a name or a number.
        sport: Source port, or a range ``A-B``.
        dport: Destination port, or a range ``A-B``.
        table: The table that is looked up: a number, or a name of rt_tables.
        action: Instead of a table: ``blackhole``, ``unreachable`` or ``prohibit``.
        not_: For all packets but those described.
        protocol: Who made it: a number, or a name of rt_protos; ``boot`` when omitted.
        family: 4 or 6; that of ``from_`` or ``to`` when omitted, and 4 without either.

    Raises:
        UsageError: Not exactly one of ``table`` and ``action``, or two families.

    Source: ip-rule(8).
    """
    return command(
        "ip", "rule", "add",
        *flag("not", not_), "priority", priority, "from", "all" if from_ is None else from_,
        *option("to", to), *option("iif", iif), *option("oif", oif), *option("fwmark", fwmark),
        *option("tos", tos), *option("ipproto", ipproto), *option("sport", sport),
        *option("dport", dport), *option("protocol", protocol),
        *_verdict(table, action),
        options=_family(family, from_, to),
    )  # fmt: skip


def delete(
    priority: int,
    *,
    from_: Prefix | None = None,
    to: Prefix | None = None,
    iif: str | None = None,
    oif: str | None = None,
    fwmark: int | str | None = None,
    tos: int | str | None = None,
    ipproto: int | str | None = None,
    sport: int | str | None = None,
    dport: int | str | None = None,
    table: int | str | None = None,
    action: str | None = None,
    not_: bool = False,
    protocol: int | str | None = None,
    family: int | None = None,
) -> Command:
    """
    Build the command that removes the first rule that has all that is said.

    Equivalent to: ``ip rule delete priority PRIORITY from FROM to TO lookup TABLE``

    Args:
        priority: Its place in the order, 0 to 4294967295; the kernel has 0, 32766 and 32767.
        from_: Source prefix; any when omitted.
        to: Destination prefix; any when omitted.
        iif: The device it came in by; ``lo`` is what this namespace sends.
        oif: The device its socket is bound to.
        fwmark: Firewall mark, ``MARK`` or ``MARK/MASK``.
        tos: Type of service.
        ipproto: Protocol, a name or a number.
        sport: Source port, or a range ``A-B``.
        dport: Destination port, or a range ``A-B``.
        table: The table that is looked up: a number, or a name of rt_tables.
        action: Instead of a table: ``blackhole``, ``unreachable`` or ``prohibit``.
        not_: For all packets but those described.
        protocol: Who made it: a number, or a name of rt_protos; ``boot`` when omitted.
        family: 4 or 6; that of ``from_`` or ``to`` when omitted, and 4 without either.

    Raises:
        UsageError: Not exactly one of ``table`` and ``action``, or two families.

    Source: ip-rule(8).
    """
    return command(
        "ip", "rule", "delete",
        *flag("not", not_), "priority", priority, "from", "all" if from_ is None else from_,
        *option("to", to), *option("iif", iif), *option("oif", oif), *option("fwmark", fwmark),
        *option("tos", tos), *option("ipproto", ipproto), *option("sport", sport),
        *option("dport", dport), *option("protocol", protocol),
        *_verdict(table, action),
        options=_family(family, from_, to),
    )  # fmt: skip


def show(*, family: int = 4) -> Command:
    """
    Build the question for all rules of a family.

    Equivalent to: ``ip -details -json -4 rule show``

    Args:
        family: 4 or 6.

    Source: ip-rule(8).
    """
    return command("ip", "rule", "show", options=("-details", "-json", *only(family)))


def _verdict(table: int | str | None, action: str | None) -> tuple[str, ...]:
    if (action is None) == (table is None):
        raise UsageError("a rule has a table or an action, and not both")
    if action is not None and action not in ACTIONS:
        raise UsageError(f"rule action {action!r}", hint=f"one of {', '.join(sorted(ACTIONS))}")
    return option("lookup", table) if action is None else (action,)


def _family(family: int | None, *prefixes: Prefix | None) -> tuple[str, ...]:
    families = {IPV6 if is_ipv6(each) else IPV4 for each in prefixes if each is not None}
    if family is not None:
        families.add(family)
    if len(families) > 1:
        raise UsageError("a rule is of one family", hint="from, to and family must agree")
    return ("-6",) if IPV6 in families else ()
