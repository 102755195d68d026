"""
The verbs of ``netkit nat`` and ``netkit fw``, composed from the builders of iptables.

They build commands and run nothing, as in ``composed``.
"""

from __future__ import annotations

from collections.abc import Iterator

from netkit.cli.thin.family import families
from netkit.command import iptables
from netkit.command.command import Command
from netkit.command.iptables_rule import Rule, Target
from netkit.command.word import Address, Prefix

NAT_HOOKS = ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")
FILTER_HOOKS = ("INPUT", "FORWARD", "OUTPUT")


def masquerade(
    *,
    source: Prefix | None = None,
    destination: Prefix | None = None,
    out: str | None = None,
    family: int | None = None,
    delete: bool = False,
) -> tuple[Command, ...]:
    """
    Build the commands that give what leaves the address of the device it leaves by.

    Equivalent to: ``iptables -w -t nat -A POSTROUTING -s SOURCE -o OUT -j MASQUERADE``

    Args:
        source: Only from this prefix; ``!PREFIX`` is all others.
        destination: Only to this prefix.
        out: Only what leaves by this device; ``!DEV`` is all others.
        family: 4 or 6; that of a prefix when omitted, and both without one.
        delete: Take away the rule that was made by the same words.
    """
    return tuple(
        _nat("POSTROUTING", _rule(each, source, destination, None, out, jump=iptables.masquerade()),
             each, delete=delete)
        for each in families(family, source, destination)
    )  # fmt: skip


def snat(
    to: Address,
    *,
    source: Prefix | None = None,
    destination: Prefix | None = None,
    out: str | None = None,
    delete: bool = False,
) -> tuple[Command, ...]:
    """
    Build the commands that give what leaves a fixed source address.

    Equivalent to: ``iptables -w -t nat -A POSTROUTING -s SOURCE -o OUT -j SNAT --to-source TO``

    Args:
        to: The new source address.
        source: Only from this prefix; ``!PREFIX`` is all others.
        destination: Only to this prefix.
        out: Only what leaves by this device; ``!DEV`` is all others.
        delete: Take away the rule that was made by the same words.
    """
    (family,) = families(None, to)
    words = _rule(family, source, destination, None, out, jump=iptables.snat(to))
    return (_nat("POSTROUTING", words, family, delete=delete),)


def dnat(
    to: str,
    *,
    protocol: str | None = None,
    port: str | None = None,
    source: Prefix | None = None,
    destination: Prefix | None = None,
    in_: str | None = None,
    delete: bool = False,
) -> tuple[Command, ...]:
    """
    Build the commands that lead what arrives to another address.

    Equivalent to: ``iptables -w -t nat -A PREROUTING -i IN -p PROTOCOL --dport PORT -j DNAT ...``

    Args:
        to: The new destination, ``ADDRESS`` or ``ADDRESS:PORT``; IPv6 in brackets with a port.
        protocol: ``tcp``, ``udp`` or ``sctp``; required with a port.
        port: The port it arrives at; a range is ``A:B``, several ``A,B``.
        source: Only from this prefix; ``!PREFIX`` is all others.
        destination: Only to this prefix.
        in_: Only what arrives by this device; ``!DEV`` is all others.
        delete: Take away the rule that was made by the same words.
    """
    address, new_port = _socket(to)
    (family,) = families(None, address)
    words = _rule(
        family, source, destination, in_, None,
        protocol=protocol, port=port, jump=iptables.dnat(address, port=new_port),
    )  # fmt: skip
    return (_nat("PREROUTING", words, family, delete=delete),)


def list_nat(*, family: int | None = None) -> tuple[Command, ...]:
    """
    Build the question for the rules of address translation.

    Equivalent to: ``iptables -w -t nat -S``

    Args:
        family: 4 or 6; both when omitted.
    """
    return tuple(iptables.list_rules(table="nat", family=each) for each in families(family))


def flush_nat(*, family: int | None = None) -> tuple[Command, ...]:
    """
    Build the commands that remove all rules of the built-in chains of address translation.

    Equivalent to: ``iptables -w -t nat -F POSTROUTING`` ...

    Args:
        family: 4 or 6; both when omitted.
    """
    return tuple(
        iptables.flush_chain(hook, table="nat", family=each)
        for each in families(family)
        for hook in NAT_HOOKS
    )


def accept(
    *,
    chain: str,
    source: Prefix | None = None,
    destination: Prefix | None = None,
    in_: str | None = None,
    out: str | None = None,
    protocol: str | None = None,
    port: str | None = None,
    state: str | None = None,
    family: int | None = None,
    first: bool = False,
    delete: bool = False,
) -> tuple[Command, ...]:
    """
    Build the commands that let packets pass.

    Equivalent to: ``iptables -w -t filter -A CHAIN ... -j ACCEPT``

    Args:
        chain: ``input``, ``forward``, ``output``, or a chain of one's own.
        source: Only from this prefix; ``!PREFIX`` is all others.
        destination: Only to this prefix.
        in_: Only what arrives by this device; ``!DEV`` is all others.
        out: Only what leaves by this device.
        protocol: ``tcp``, ``udp``, ``sctp``, ``icmp`` (of the family) ...
        port: Destination port; a range is ``A:B``, several ``A,B``.
        state: Of the connection: ``new``, ``established``, ``related``, ``invalid``; with commas.
        family: 4 or 6; that of a prefix when omitted, and both without one.
        first: Before all rules of the chain, not behind them.
        delete: Take away the rule that was made by the same words.
    """
    return tuple(_filter(
        "ACCEPT", chain, source, destination, in_, out, protocol, port, state, family,
        first=first, delete=delete,
    ))  # fmt: skip


def drop(
    *,
    chain: str,
    source: Prefix | None = None,
    destination: Prefix | None = None,
    in_: str | None = None,
    out: str | None = None,
    protocol: str | None = None,
    port: str | None = None,
    state: str | None = None,
    family: int | None = None,
    first: bool = False,
    delete: bool = False,
) -> tuple[Command, ...]:
    """
    Build the commands that drop packets without a word.

    Equivalent to: ``iptables -w -t filter -A CHAIN ... -j DROP``

    Args:
        chain: ``input``, ``forward``, ``output``, or a chain of one's own.
        source: Only from this prefix; ``!PREFIX`` is all others.
        destination: Only to this prefix.
        in_: Only what arrives by this device; ``!DEV`` is all others.
        out: Only what leaves by this device.
        protocol: ``tcp``, ``udp``, ``sctp``, ``icmp`` (of the family) ...
        port: Destination port; a range is ``A:B``, several ``A,B``.
        state: Of the connection: ``new``, ``established``, ``related``, ``invalid``; with commas.
        family: 4 or 6; that of a prefix when omitted, and both without one.
        first: Before all rules of the chain, not behind them.
        delete: Take away the rule that was made by the same words.
    """
    return tuple(_filter(
        "DROP", chain, source, destination, in_, out, protocol, port, state, family,
        first=first, delete=delete,
    ))  # fmt: skip


def reject(
    *,
    chain: str,
    source: Prefix | None = None,
    destination: Prefix | None = None,
    in_: str | None = None,
    out: str | None = None,
    protocol: str | None = None,
    port: str | None = None,
    state: str | None = None,
    family: int | None = None,
    first: bool = False,
    delete: bool = False,
) -> tuple[Command, ...]:
    """
    Build the commands that drop packets and tell their senders so.

    Equivalent to: ``iptables -w -t filter -A CHAIN ... -j REJECT``

    Args:
        chain: ``input``, ``forward``, ``output``, or a chain of one's own.
        source: Only from this prefix; ``!PREFIX`` is all others.
        destination: Only to this prefix.
        in_: Only what arrives by this device; ``!DEV`` is all others.
        out: Only what leaves by this device.
        protocol: ``tcp``, ``udp``, ``sctp``, ``icmp`` (of the family) ...
        port: Destination port; a range is ``A:B``, several ``A,B``.
        state: Of the connection: ``new``, ``established``, ``related``, ``invalid``; with commas.
        family: 4 or 6; that of a prefix when omitted, and both without one.
        first: Before all rules of the chain, not behind them.
        delete: Take away the rule that was made by the same words.
    """
    return tuple(_filter(
        "REJECT", chain, source, destination, in_, out, protocol, port, state, family,
        first=first, delete=delete,
    ))  # fmt: skip


def policy(chain: str, policy: str, *, family: int | None = None) -> tuple[Command, ...]:
    """
    Build the commands that say what becomes of packets that no rule speaks of.

    A drop of ``input`` also drops what IPv6 needs to find its neighbours: accept ``icmp`` first.

    Equivalent to: ``iptables -w -t filter -P CHAIN POLICY``

    Args:
        chain: ``input``, ``forward`` or ``output``.
        policy: ``accept`` or ``drop``.
        family: 4 or 6; both when omitted.
    """
    return tuple(
        iptables.set_policy(chain.upper(), policy.upper(), family=each) for each in families(family)
    )


def list_filter(*, family: int | None = None) -> tuple[Command, ...]:
    """
    Build the question for the rules of the packet filter.

    Equivalent to: ``iptables -w -t filter -S``

    Args:
        family: 4 or 6; both when omitted.
    """
    return tuple(iptables.list_rules(family=each) for each in families(family))


def flush_filter(*, family: int | None = None) -> tuple[Command, ...]:
    """
    Build the commands that remove all rules of the built-in chains; their policies stay.

    Equivalent to: ``iptables -w -t filter -F INPUT`` ...

    Args:
        family: 4 or 6; both when omitted.
    """
    return tuple(
        iptables.flush_chain(hook, family=each)
        for each in families(family)
        for hook in FILTER_HOOKS
    )


def _filter(  # noqa: PLR0917 - the columns of a rule
    action: str,
    chain: str,
    source: Prefix | None,
    destination: Prefix | None,
    in_: str | None,
    out: str | None,
    protocol: str | None,
    port: str | None,
    state: str | None,
    family: int | None,
    *,
    first: bool,
    delete: bool,
) -> Iterator[Command]:
    hook = chain.upper() if chain.upper() in FILTER_HOOKS else chain
    for each in families(family, source, destination):
        words = _rule(
            each, source, destination, in_, out, protocol=protocol, port=port, state=state,
            jump=iptables.reject(family=each) if action == "REJECT" else action,
        )  # fmt: skip
        if delete:
            yield iptables.delete(hook, words, family=each)
        elif first:
            yield iptables.insert(hook, words, family=each)
        else:
            yield iptables.append(hook, words, family=each)


def _nat(hook: str, words: Rule, family: int, *, delete: bool) -> Command:
    build = iptables.delete if delete else iptables.append
    return build(hook, words, table="nat", family=family)


def _rule(  # noqa: PLR0917 - the columns of a rule
    family: int,
    source: Prefix | None,
    destination: Prefix | None,
    in_: str | None,
    out: str | None,
    *,
    jump: str | Target,
    protocol: str | None = None,
    port: str | None = None,
    state: str | None = None,
) -> Rule:
    ports = tuple(port.split(",")) if port is not None and "," in port else port
    return iptables.rule(
        source=source, destination=destination, in_=in_, out=out, protocol=protocol,
        dport=ports, state=state, jump=jump, family=family,
    )  # fmt: skip


def _socket(to: str) -> tuple[str, str | None]:
    """Cut ``ADDRESS:PORT``, IPv6 in brackets."""
    if to.startswith("["):
        address, _, rest = to[1:].partition("]")
        return address, rest.removeprefix(":") or None
    if to.count(":") == 1:
        address, _, port = to.partition(":")
        return address, port
    return to, None
