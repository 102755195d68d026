"""
The packet filter and NAT of both families: ``iptables``, ``ip6tables``, and their save and restore.

A rule is a tuple of words without ``-A CHAIN``, spelt and ordered as iptables-save prints it:

    ! -s  ! -d  ! -i  ! -o  ! -p  -m tcp  -m multiport  -m icmp  -m conntrack  -m addrtype  -m comment  -j
    └─ the kernel's own, in this order ─┘ └─ matches, in the order they were given: ours ─┘

so that a saved rule (through shlex.split: comments come back quoted) and a wanted one are equal
exactly if their words are.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from netkit.command.command import Command, command
from netkit.command.word import Prefix, plain, word
from netkit.errors import UsageError
from netkit.names import CHAIN_BYTES

Rule = tuple[str, ...]
Target = tuple[str, ...]

ANY = {4: "0.0.0.0/0", 6: "::/0"}
BUILT_IN = frozenset({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"})
PORTS_AT_MOST = 15  # of multiport; a range counts as two
LAST_PORT = 65535
STATES = ("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT")
TABLES = frozenset({"filter", "nat", "mangle", "raw", "security"})

# Of the protocols with a name only those whose name is the same wherever iptables-save runs.
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "sctp": 132}
ICMPV6 = "ipv6-icmp"
NAMED = {str(number): name for name, number in PROTOCOLS.items()} | {"58": ICMPV6}
WITH_PORTS = frozenset({"tcp", "udp", "sctp"})


def new_chain(chain: str, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that creates a chain.

    Equivalent to: ``iptables -w -t TABLE -N CHAIN``

    Args:
        chain: Name of the chain, at most 28 bytes.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-N", chain_name(chain))


def delete_chain(chain: str, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that deletes an empty chain to which nothing jumps.

    Equivalent to: ``iptables -w -t TABLE -X CHAIN``

    Args:
        chain: Name of the chain, at most 28 bytes.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-X", chain_name(chain))


def flush_chain(chain: str, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that removes all rules of a chain.

    Equivalent to: ``iptables -w -t TABLE -F CHAIN``

    Args:
        chain: Name of the chain, at most 28 bytes.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-F", chain_name(chain))


def append(chain: str, rule: Rule, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that puts a rule at a chain's end.

    Equivalent to: ``iptables -w -t TABLE -A CHAIN RULE``

    Args:
        chain: Name of the chain.
        rule: From ``rule()``.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-A", chain_name(chain), *_passed(rule))


def delete(chain: str, rule: Rule, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that removes the first rule with these words from a chain.

    Equivalent to: ``iptables -w -t TABLE -D CHAIN RULE``

    Args:
        chain: Name of the chain.
        rule: From ``rule()``.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-D", chain_name(chain), *_passed(rule))


def insert(
    chain: str, rule: Rule, *, position: int = 1, table: str = "filter", family: int = 4
) -> Command:
    """
    Build the command that puts a rule before others of a chain.

    Equivalent to: ``iptables -w -t TABLE -I CHAIN POSITION RULE``

    Args:
        chain: Name of the chain.
        rule: From ``rule()``.
        position: The place it has afterwards, from 1.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(
        family, table, "-I", chain_name(chain), word(position), *_passed(rule)
    )  # fmt: skip


def set_policy(chain: str, policy: str, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that says what happens at the end of a built-in chain.

    Equivalent to: ``iptables -w -t TABLE -P CHAIN POLICY``

    Args:
        chain: ``INPUT``, ``FORWARD``, ``OUTPUT`` ...
        policy: ``ACCEPT`` or ``DROP``.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    if chain not in BUILT_IN or policy not in {"ACCEPT", "DROP"}:
        raise UsageError(
            f"chain {chain!r} cannot have the policy {policy!r}",
            hint="only built-in chains have one, ACCEPT or DROP",
        )
    return _iptables(family, table, "-P", chain, policy)


def list_rules(chain: str | None = None, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the question for the rules of a chain, or of a table.

    Equivalent to: ``iptables -w -t TABLE -S CHAIN``

    Args:
        chain: Name of the chain; all of the table when omitted.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-S", *(() if chain is None else (chain_name(chain),)))


def save(table: str | None = None, *, family: int = 4) -> Command:
    """
    Build the question for all rules of a table, or of all tables.

    Equivalent to: ``iptables-save -t TABLE``

    Args:
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``; all that exist if omitted.
        family: 4 or 6.

    Raises:
        UsageError: An unknown table or family.

    Source: iptables-save(8).
    """
    words = () if table is None else ("-t", _table(table))
    return command(f"{_tool(family)}-save", *words)


def restore(text: str, *, family: int = 4, noflush: bool = True) -> Command:
    """
    Build the command that takes in a whole table at once: all of it, or nothing.

    Equivalent to: ``iptables-restore --wait --noflush <<EOF``

    Args:
        text: From ``restore_text()``; several tables may follow one another, but only each by
            itself is taken in at once.
        family: 4 or 6.
        noflush: Leave alone the chains that the text does not declare.

    Raises:
        UsageError: An unknown family.

    Source: iptables-restore(8).
    """
    words = ("--wait", "--noflush") if noflush else ("--wait",)
    return command(f"{_tool(family)}-restore", *words, input=text)


def restore_text(table: str, declarations: tuple[str, ...], lines: tuple[Rule, ...]) -> str:
    """
    Write what ``restore`` takes in for one table.

    Args:
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        declarations: Chains to create, or to empty where they are there. Built-in ones are
            refused: declaring them would reset their policy.
        lines: Each as one would type it after ``iptables -t TABLE``, so beginning with ``-A CHAIN``,
            ``-I CHAIN 1``, ``-D CHAIN``, ``-X CHAIN`` or ``-P CHAIN``.

    Returns:
        The text, from ``*TABLE`` to ``COMMIT``.

    Raises:
        UsageError: An unknown table, a built-in chain, or a word that would not stay one.

    Source: iptables-restore(8).
    """
    if clash := BUILT_IN.intersection(declarations):
        raise UsageError(f"declaring {', '.join(sorted(clash))} would reset its policy")
    declared = [f":{chain_name(chain)} - [0:0]" for chain in declarations]
    said = [" ".join(_passed(line)) for line in lines]
    return "\n".join((f"*{_table(table)}", *declared, *said, "COMMIT", ""))


def rule(
    *,
    source: Prefix | None = None,
    destination: Prefix | None = None,
    in_: str | None = None,
    out: str | None = None,
    protocol: str | int | None = None,
    sport: int | str | tuple[int | str, ...] | None = None,
    dport: int | str | tuple[int | str, ...] | None = None,
    icmp_type: int | str | None = None,
    state: str | tuple[str, ...] | None = None,
    dst_type: str | None = None,
    comment: str | None = None,
    jump: str | Target | None = None,
    family: int = 4,
) -> Rule:
    """
    Give the words of a rule, as iptables-save prints them.

    A text may begin with ``!``: all but that.

    Args:
        source: Prefix or address; bits beyond the prefix are cut, as iptables does.
        destination: Prefix or address.
        in_: The device it came in by.
        out: The device it leaves by.
        protocol: Name or number; ``icmp`` is that of the family.
        sport: Source port, a range ``A:B``, or a tuple of several of them.
        dport: Destination port, likewise.
        icmp_type: Number, or ``TYPE/CODE``.
        state: Of the connection: ``NEW``, ``ESTABLISHED``, ``RELATED``, ``INVALID``,
            ``UNTRACKED``, ``SNAT``, ``DNAT``; several in a tuple or with commas.
        dst_type: What the destination is to this namespace: ``LOCAL``, ``BROADCAST`` ...
        comment: One word; netkit's mark.
        jump: A chain, ``ACCEPT``, ``DROP``, ``RETURN``, or the words of a target such as
            ``dnat()``; nothing, so that the rule only counts, when omitted.
        family: 4 or 6.

    Raises:
        UsageError: Something of the other family, ports without a protocol that has them, or what
            would match nothing.

    Source: iptables(8); iptables-extensions(8), "tcp", "multiport", "conntrack", "addrtype".
    """
    name = None if protocol is None else _protocol(protocol, family)
    return (
        *_prefix("-s", source, family), *_prefix("-d", destination, family),
        *_device("-i", in_), *_device("-o", out),
        *(() if name is None else _maybe_not("-p", name)),
        *_ports(name, sport, dport), *_icmp(name, icmp_type), *_state(state),
        *(() if dst_type is None else ("-m", "addrtype", *_maybe_not("--dst-type", dst_type))),
        *(() if comment is None else ("-m", "comment", "--comment", word(comment))),
        *_jump(jump),
    )  # fmt: skip


def masquerade() -> Target:
    """
    Give the target that makes the address of the device it leaves by the source.

    Equivalent to: ``-j MASQUERADE``

    Source: iptables-extensions(8), "MASQUERADE".
    """
    return ("MASQUERADE",)


def snat(to: IPv4Address | IPv6Address | str, *, port: int | str | None = None) -> Target:
    """
    Give the target that changes the source.

    Equivalent to: ``-j SNAT --to-source ADDRESS:PORT``

    Args:
        to: The new source address.
        port: The new source port, or a range ``A-B``; kept where possible when omitted.

    Raises:
        UsageError: Not an address, or not a port.

    Source: iptables-extensions(8), "SNAT".
    """
    return ("SNAT", "--to-source", _socket(to, port))


def dnat(to: IPv4Address | IPv6Address | str, *, port: int | str | None = None) -> Target:
    """
    Give the target that changes the destination.

    Equivalent to: ``-j DNAT --to-destination ADDRESS:PORT``

    Args:
        to: The new destination address.
        port: The new destination port, or a range ``A-B``; kept when omitted.

    Raises:
        UsageError: Not an address, or not a port.

    Source: iptables-extensions(8), "DNAT".
    """
    return ("DNAT", "--to-destination", _socket(to, port))


def reject(*, family: int = 4) -> Target:
    """
    Give the target that drops a packet and tells the sender so.

    Equivalent to: ``-j REJECT --reject-with icmp-port-unreachable``

    Args:
        family: 4 or 6.

    Source: iptables-extensions(8), "REJECT".
    """
    version = "6" if _tool(family) == "ip6tables" else ""
    return ("REJECT", "--reject-with", f"icmp{version}-port-unreachable")


def chain_name(name: str) -> str:
    """
    Let the name of a chain pass.

    Raises:
        UsageError: Longer than 28 bytes, or beginning with ``-`` or ``!``.
    """
    if name.startswith("!") or len(plain(name).encode()) > CHAIN_BYTES:
        raise UsageError(
            f"{name!r} cannot name a chain", hint=f"at most {CHAIN_BYTES} bytes, no '!' in front"
        )
    return name


def _iptables(family: int, table: str, *words: str) -> Command:
    return command(_tool(family), "-w", "-t", _table(table), *words)


def _tool(family: int) -> str:
    if family not in ANY:
        raise UsageError(f"family {family!r}", hint="4 or 6")
    return "iptables" if family == 4 else "ip6tables"  # noqa: PLR2004


def _table(table: str) -> str:
    if table not in TABLES:
        raise UsageError(f"table {table!r}", hint=f"one of {', '.join(sorted(TABLES))}")
    return table


def _passed(words: Rule) -> Rule:
    # A rule's own words begin with - where its values may not, so the border looks behind it.
    for each in words:
        plain(each.lstrip("-"))
    return words


def _negated(value: str) -> tuple[bool, str]:
    return (True, value[1:].lstrip()) if value.startswith("!") else (False, value)


def _maybe_not(name: str, value: str) -> tuple[str, ...]:
    negated, rest = _negated(value)
    return ("!", name, word(rest)) if negated else (name, word(rest))


def _prefix(name: str, value: Prefix | None, family: int) -> tuple[str, ...]:
    if value is None:
        return ()
    negated, text = _negated(str(value))
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise UsageError(f"{text!r} is not a prefix", hint="such as 10.0.0.0/8") from None
    if network.version != family:
        raise UsageError(f"{text} is not of IPv{family}")
    if network.prefixlen == 0:
        return _everything(f"! {name} {text}", negated=negated)
    return ("!", name, str(network)) if negated else (name, str(network))


def _device(name: str, value: str | None) -> tuple[str, ...]:
    if value is None:
        return ()
    negated, rest = _negated(value)
    if rest == "+":
        return _everything(f"! {name} +", negated=negated)
    return _maybe_not(name, value)


def _everything(what: str, *, negated: bool) -> tuple[str, ...]:
    if negated:
        raise UsageError(f"{what} matches nothing")
    return ()


def _protocol(value: str | int, family: int) -> str | None:
    negated, name = _negated(str(value).lower())
    if name in {"all", "0"}:
        _everything("! -p all", negated=negated)
        return None
    if name in {"icmpv6", ICMPV6} or (name == "icmp" and family == 6):  # noqa: PLR2004
        name = ICMPV6
    name = NAMED.get(name, name)
    if name != ICMPV6 and name not in PROTOCOLS:
        raise UsageError(
            f"protocol {value!r}", hint=f"one of {', '.join((*sorted(PROTOCOLS), ICMPV6))}"
        )
    return f"!{name}" if negated else name


def _ports(
    protocol: str | None,
    sport: int | str | tuple[int | str, ...] | None,
    dport: int | str | tuple[int | str, ...] | None,
) -> tuple[str, ...]:
    if sport is None and dport is None:
        return ()
    if protocol not in WITH_PORTS:
        raise UsageError("ports need a protocol that has them", hint="tcp, udp or sctp")
    ends = (("--sport", sport), ("--dport", dport))
    single = [
        each
        for name, ports in ends
        if ports is not None and not isinstance(ports, tuple)
        for each in _port(name, ports)
    ]
    several = [
        each
        for name, ports in ends
        if isinstance(ports, tuple)
        for each in ("-m", "multiport", f"{name}s", _port_list(ports))
    ]
    return (*(("-m", str(protocol), *single) if single else ()), *several)


def _port(name: str, value: int | str) -> tuple[str, ...]:
    negated, text = _negated(str(value))
    span = _port_range(text)
    if span == f"0:{LAST_PORT}":
        return _everything(f"! {name} {text}", negated=negated)
    return ("!", name, span) if negated else (name, span)


def _port_list(ports: tuple[int | str, ...]) -> str:
    spans = [_port_range(str(each)) for each in ports]
    if not 1 <= sum(1 + (":" in each) for each in spans) <= PORTS_AT_MOST:
        raise UsageError(
            f"{len(ports)} ports in one rule", hint=f"1 to {PORTS_AT_MOST}, a range counts as two"
        )
    return ",".join(spans)


def _port_range(text: str, separator: str = ":") -> str:
    first, colon, last = text.partition(separator)
    if not colon:
        last = first
    low, high = _number(first or "0", text), _number(last or str(LAST_PORT), text)
    if low > high or text in {"", separator}:
        raise UsageError(f"port {text!r}", hint=f"a number, or a range A{separator}B")
    return str(low) if low == high else f"{low}{separator}{high}"


def _number(text: str, said: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > LAST_PORT:
        raise UsageError(f"port {said!r}", hint=f"0 to {LAST_PORT}")
    return int(text)


def _icmp(protocol: str | None, icmp_type: int | str | None) -> tuple[str, ...]:
    if icmp_type is None:
        return ()
    if protocol == "icmp":
        return ("-m", "icmp", *_maybe_not("--icmp-type", str(icmp_type)))
    if protocol == ICMPV6:
        return ("-m", "icmp6", *_maybe_not("--icmpv6-type", str(icmp_type)))
    raise UsageError(f"icmp_type {icmp_type} needs the protocol icmp")


def _state(state: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if state is None:
        return ()
    negated, text = _negated(state if isinstance(state, str) else ",".join(state))
    named = {each.strip().upper() for each in text.split(",")}
    if unknown := named.difference(STATES):
        raise UsageError(
            f"connection state {', '.join(sorted(unknown))}", hint=f"of {', '.join(STATES)}"
        )
    words = ("--ctstate", ",".join(each for each in STATES if each in named))
    return ("-m", "conntrack", *(("!",) if negated else ()), *words)


def _jump(jump: str | Target | None) -> tuple[str, ...]:
    if jump is None:
        return ()
    if isinstance(jump, str):
        return ("-j", chain_name(jump))
    return ("-j", *_passed(jump))


def _socket(to: IPv4Address | IPv6Address | str, port: int | str | None) -> str:
    try:
        address = ip_address(to)
    except ValueError:
        raise UsageError(f"{to!r} is not an address") from None
    if port is None:
        return str(address)
    span = _port_range(str(port), "-")
    return f"[{address}]:{span}" if address.version == 6 else f"{address}:{span}"  # noqa: PLR2004
