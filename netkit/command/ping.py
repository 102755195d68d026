"""ICMP echo: ``ping``."""

from __future__ import annotations

from netkit.command.command import Command, command, option
from netkit.command.word import Address, only, word


def ping(
    destination: Address,
    *,
    count: int | None = None,
    interval: float | None = None,
    deadline: int | None = None,
    timeout: float | None = None,
    interface: str | None = None,
    source: Address | None = None,
    size: int | None = None,
    ttl: int | None = None,
    df: bool = False,
    family: int | None = None,
) -> Command:
    """
    Build the command that asks a host to answer.

    Equivalent to: ``ping -n -c COUNT -i INTERVAL -w DEADLINE DESTINATION``

    Args:
        destination: An address, or a name.
        count: Requests to send; without end when omitted.
        interval: Seconds between two requests; 1 when omitted.
        deadline: Whole seconds after which it ends in any case.
        timeout: Seconds to wait for the last answer.
        interface: The device to send by; required for a link-local IPv6 address.
        source: The address to send from.
        size: Bytes of payload; 56 when omitted.
        ttl: Hops a request may take.
        df: Forbid fragmentation, on the way and here.
        family: 4 or 6, where a name may mean both.

    Source: ping(8).
    """
    return command(
        "ping", "-n", *_seconds("-i", interval), *option("-c", count),
        *option("-w", deadline), *_seconds("-W", timeout),
        *option("-I", interface), *option("-I", source),
        *option("-s", size), *option("-t", ttl), *(("-M", "do") if df else ()),
        word(destination),
        options=only(family),
    )  # fmt: skip


def _seconds(name: str, value: float | None) -> tuple[str, ...]:
    return () if value is None else (name, f"{value:g}")
