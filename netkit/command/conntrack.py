"""The kernel's table of connections, which remembers what NAT did: ``conntrack``."""

from __future__ import annotations

from netkit.command.command import Command, command, option
from netkit.command.word import Address, is_ipv6


def list(
    *,
    family: int | None = None,
    protocol: str | None = None,
    orig_src: Address | None = None,
    orig_dst: Address | None = None,
    dport: int | None = None,
) -> Command:
    """
    Build the question for connections.

    The answer is XML: conntrack has no JSON. Both families answer when none is given or told by
    an address.

    Equivalent to: ``conntrack -L -o xml -f FAMILY -p PROTOCOL --orig-dst ADDRESS --dport PORT``

    Args:
        family: 4 or 6.
        protocol: ``tcp``, ``udp`` ...
        orig_src: Source of the first packet.
        orig_dst: Destination of the first packet, before any DNAT.
        dport: Destination port of the first packet; needs ``protocol``.

    Source: conntrack(8).
    """
    return command(
        "conntrack", "-L", "-o", "xml", *_chosen(family, protocol, orig_src, orig_dst),
        *option("--dport", dport),
    )  # fmt: skip


def delete(
    *,
    family: int | None = None,
    protocol: str | None = None,
    orig_src: Address | None = None,
    orig_dst: Address | None = None,
    dport: int | None = None,
) -> Command:
    """
    Build the command that forgets connections, so that their next packet meets the rules anew.

    It fails (exit code 1, ``0 flow entries have been deleted``) when there is none.

    Equivalent to: ``conntrack -D -f FAMILY -p PROTOCOL --orig-dst ADDRESS --dport PORT``

    Args:
        family: 4 or 6.
        protocol: ``tcp``, ``udp`` ...
        orig_src: Source of the first packet.
        orig_dst: Destination of the first packet, before any DNAT.
        dport: Destination port of the first packet; needs ``protocol``.

    Source: conntrack(8).
    """
    return command(
        "conntrack", "-D", *_chosen(family, protocol, orig_src, orig_dst),
        *option("--dport", dport),
    )  # fmt: skip


def flush() -> Command:
    """
    Build the command that forgets all connections of the namespace.

    Equivalent to: ``conntrack -F``

    Source: conntrack(8).
    """
    return command("conntrack", "-F")


def _chosen(
    family: int | None,
    protocol: str | None,
    orig_src: Address | None,
    orig_dst: Address | None,
) -> tuple[str, ...]:
    told = orig_src if orig_src is not None else orig_dst
    if family is None and told is not None:
        family = 6 if is_ipv6(told) else 4
    return (
        *(() if family is None else ("-f", "ipv4" if family == 4 else "ipv6")),
        *option("-p", protocol), *option("--orig-src", orig_src), *option("--orig-dst", orig_dst),
    )  # fmt: skip
