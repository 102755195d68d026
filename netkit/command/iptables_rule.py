"""
The words of an iptables rule, and of what it jumps to.

A rule is a tuple of words without ``-A CHAIN``, spelt and ordered as iptables-save prints it:

    -s  -d  -i  -o  -p   -m tcp  -m multiport  -m icmp  -m conntrack  -m addrtype  -m comment   -j
    └─ in this order ─┘  └─ in the order in which they were given, so this one is netkit's ─┘

A saved rule and a wanted one are then equal exactly if their words are. The saved one goes through
shlex.split first: iptables-save quotes a comment that holds more than letters and digits.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from netkit.command.word import Prefix, plain, word
from netkit.errors import UsageError
from netkit.names import CHAIN_BYTES

Rule = tuple[str, ...]
Target = tuple[str, ...]

IPV4, IPV6 = 4, 6
PORTS_AT_MOST = 15  # of multiport; a range counts as two
LAST_PORT = 65535
STATES = ("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT")
DST_TYPES = frozenset({"LOCAL", "UNICAST", "MULTICAST", "BROADCAST"})

# iptables-save turns numbers into the names of /etc/protocols, so others might come back otherwise.
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "sctp": 132}
ICMPV6 = "ipv6-icmp"
NAMED = {str(number): name for name, number in PROTOCOLS.items()} | {"58": ICMPV6}
ICMP_TYPE = r"[0-9]{1,3}(?:/[0-9]{1,3})?"
ICMP_MATCHES = {"icmp": ("icmp", "--icmp-type"), ICMPV6: ("icmp6", "--icmpv6-type")}
WITH_PORTS = frozenset({"tcp", "udp", "sctp"})


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
        dst_type: What the destination is to this namespace: ``LOCAL``, ``UNICAST``, ``MULTICAST``
            or ``BROADCAST`` (IPv4).
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
        *_dst_type(dst_type, family),
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
        port: The new destination port, or a range ``A-B``; kept when omitted. ``A-B/FIRST`` shifts
            a range of as many ports that begins at FIRST.

    Raises:
        UsageError: Not an address, or not a port.

    Source: iptables-extensions(8), "DNAT".
    """
    span, shifted, first = str(port).partition("/")
    if not shifted:
        return ("DNAT", "--to-destination", _socket(to, port))
    return ("DNAT", "--to-destination", f"{_socket(to, span)}/{_number(first, str(port))}")


def reject(*, family: int = 4) -> Target:
    """
    Give the target that drops a packet and tells the sender so.

    Equivalent to: ``-j REJECT --reject-with icmp-port-unreachable``

    Args:
        family: 4 or 6.

    Source: iptables-extensions(8), "REJECT".
    """
    version = "6" if family == IPV6 else ""
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


def passed(words: Rule) -> Rule:
    """
    Let the words of a rule or of a line pass.

    Raises:
        UsageError: One of them would not stay one word.
    """
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
    if name in {"icmpv6", ICMPV6} or (name == "icmp" and family == IPV6):
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
    if protocol not in ICMP_MATCHES:
        raise UsageError(f"icmp_type {icmp_type} needs the protocol icmp")
    negated, text = _negated(str(icmp_type))
    if re.fullmatch(ICMP_TYPE, text) is None:
        raise UsageError(f"icmp_type {icmp_type!r}", hint="a number, or TYPE/CODE")
    match, name = ICMP_MATCHES[protocol]
    return ("-m", match, *(("!",) if negated else ()), name, text)


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


def _dst_type(dst_type: str | None, family: int) -> tuple[str, ...]:
    if dst_type is None:
        return ()
    negated, name = _negated(dst_type.upper())
    if name not in DST_TYPES or (name == "BROADCAST" and family == IPV6):
        raise UsageError(f"dst_type {dst_type!r}", hint=f"of {', '.join(sorted(DST_TYPES))}")
    return ("-m", "addrtype", *(("!",) if negated else ()), "--dst-type", name)


def _jump(jump: str | Target | None) -> tuple[str, ...]:
    if jump is None:
        return ()
    if isinstance(jump, str):
        return ("-j", chain_name(jump))
    return ("-j", *passed(jump))


def _socket(to: IPv4Address | IPv6Address | str, port: int | str | None) -> str:
    try:
        address = ip_address(to)
    except ValueError:
        raise UsageError(f"{to!r} is not an address") from None
    if port is None:
        return str(address)
    span = _port_range(str(port), "-")
    return f"[{address}]:{span}" if address.version == IPV6 else f"{address}:{span}"
