"""The kernel's table of connections, which remembers what NAT did: ``conntrack``."""

from __future__ import annotations

from netkit.command.command import Command, command, option
from netkit.command.word import Address, is_ipv6
from netkit.errors import UsageError
from netkit.value import Value


def list(
    *,
    family: int | None = None,
    protocol: str | None = None,
    orig_src: Address | None = None,
    orig_dst: Address | None = None,
    reply_src: Address | None = None,
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
        reply_src: Who answers: where DNAT led it.
        dport: Destination port of the first packet; needs ``protocol``.

    Raises:
        UsageError: ``dport`` without ``protocol``.

    Source: conntrack(8).
    """
    return command(
        "conntrack", "-L", "-o", "xml", *_chosen(
            family, protocol, orig_src=orig_src, orig_dst=orig_dst, reply_src=reply_src
        ),
        *_port(dport, protocol),
    )  # fmt: skip


def delete(
    *,
    family: int | None = None,
    protocol: str | None = None,
    orig_src: Address | None = None,
    orig_dst: Address | None = None,
    reply_src: Address | None = None,
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
        reply_src: Who answers: where DNAT led it.
        dport: Destination port of the first packet; needs ``protocol``.

    Raises:
        UsageError: ``dport`` without ``protocol``.

    Source: conntrack(8).
    """
    return command(
        "conntrack", "-D", *_chosen(
            family, protocol, orig_src=orig_src, orig_dst=orig_dst, reply_src=reply_src
        ),
        *_port(dport, protocol),
    )  # fmt: skip


def flush() -> Command:
    """
    Build the command that forgets all connections of the namespace.

    Equivalent to: ``conntrack -F``

    Source: conntrack(8).
    """
    return command("conntrack", "-F")


class Forget(Value, frozen=True):
    """
    Connections to forget, if there are any.

    That there are none is no failure, nor is the tool's absence: they end by themselves in time.

    Args:
        command: From ``delete``.
    """

    command: Command

    @property
    def netns(self) -> str | None:
        """Whose connections."""
        return self.command.netns

    def within(self, netns: str | None) -> Forget:
        """Say the same of another namespace."""
        return Forget(self.command.within(netns))

    def __str__(self) -> str:
        return f"{self.command} || :"


def _port(dport: int | None, protocol: str | None) -> tuple[str, ...]:
    if dport is not None and protocol is None:
        raise UsageError(f"port {dport} needs a protocol that has ports", hint="tcp, udp or sctp")
    return option("--dport", dport)


def _chosen(
    family: int | None,
    protocol: str | None,
    *,
    orig_src: Address | None,
    orig_dst: Address | None,
    reply_src: Address | None,
) -> tuple[str, ...]:
    told = next((each for each in (orig_src, orig_dst, reply_src) if each is not None), None)
    if family is None and told is not None:
        family = 6 if is_ipv6(told) else 4
    return (
        *(() if family is None else ("-f", "ipv4" if family == 4 else "ipv6")),
        *option("-p", protocol), *option("--orig-src", orig_src), *option("--orig-dst", orig_dst),
        *option("--reply-src", reply_src),
    )  # fmt: skip
