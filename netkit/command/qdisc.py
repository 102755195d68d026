"""
Queueing disciplines, where traffic is shaped, delayed and lost: ``tc qdisc``.

A verb takes a discipline: ``qdisc.replace("eth0", qdisc.netem(delay="20ms", loss="0.5%"))``.
Quantities are texts as tc writes them: ``10mbit``, ``20ms``, ``0.5%``, ``32kb``.
"""

from __future__ import annotations

from netkit.command.command import Command, command, option
from netkit.command.word import word
from netkit.errors import UsageError

Discipline = tuple[str, ...]

INGRESS: Discipline = ("ingress",)
"""Where arriving traffic can be filtered or redirected: ``tc qdisc add dev DEV ingress``."""


def netem(
    *,
    delay: str | None = None,
    jitter: str | None = None,
    loss: str | None = None,
    rate: str | None = None,
    limit: int | None = None,
) -> Discipline:
    """
    Give the discipline that makes a link long, lossy or slow.

    Equivalent to: ``netem limit LIMIT delay DELAY JITTER loss LOSS rate RATE``

    Args:
        delay: Time each packet waits.
        jitter: How much that varies, either way.
        loss: Share of the packets that is dropped.
        rate: Bits per second.
        limit: Packets that may wait; 1000 when omitted, too few for fast and long links.

    Raises:
        UsageError: ``jitter`` without ``delay``.

    Source: tc-netem(8).
    """
    if jitter is not None and delay is None:
        raise UsageError(f"netem: jitter {jitter} needs a delay")
    return (
        "netem", *option("limit", limit), *option("delay", delay),
        *(() if jitter is None else (word(jitter),)),
        *option("loss", loss), *option("rate", rate),
    )  # fmt: skip


def tbf(
    *, rate: str, burst: str, latency: str | None = None, limit: str | None = None
) -> Discipline:
    """
    Give the discipline that holds a rate.

    Equivalent to: ``tbf rate RATE burst BURST latency LATENCY``

    Args:
        rate: Bits per second.
        burst: Bytes that may go at once, at least rate / 250 Hz and one packet.
        latency: The longest a packet may wait.
        limit: Bytes that may wait, instead of ``latency``.

    Raises:
        UsageError: Not exactly one of ``latency`` and ``limit``.

    Source: tc-tbf(8).
    """
    if (latency is None) == (limit is None):
        raise UsageError("tbf has a latency or a limit, and not both")
    return (
        "tbf", "rate", word(rate), "burst", word(burst),
        *option("latency", latency), *option("limit", limit),
    )  # fmt: skip


def htb(*, default: str | None = None) -> Discipline:
    """
    Give the discipline whose classes share a rate: see ``class_``.

    Equivalent to: ``htb default MINOR``

    Args:
        default: Minor number, in hexadecimal, of the class for all that no filter puts elsewhere;
            unshaped when omitted.

    Source: tc-htb(8).
    """
    return ("htb", *option("default", default))


def add(
    dev: str, discipline: Discipline, *, parent: str | None = None, handle: str | None = None
) -> Command:
    """
    Build the command that puts a discipline where none was set.

    Equivalent to: ``tc qdisc add dev DEV root handle HANDLE DISCIPLINE``

    Args:
        dev: Device name.
        discipline: From ``netem``, ``tbf`` or ``htb``, or ``INGRESS``.
        parent: The class it hangs under; the root of the device when omitted.
        handle: Its number, ``1:``; the kernel picks one when omitted.

    Source: tc(8).
    """
    return command("tc", "qdisc", "add", "dev", dev, *_placed(discipline, parent, handle))


def replace(
    dev: str, discipline: Discipline, *, parent: str | None = None, handle: str | None = None
) -> Command:
    """
    Build the command that puts a discipline in the place of whatever is there.

    Equivalent to: ``tc qdisc replace dev DEV root handle HANDLE DISCIPLINE``

    Args:
        dev: Device name.
        discipline: From ``netem``, ``tbf`` or ``htb``, or ``INGRESS``.
        parent: The class it hangs under; the root of the device when omitted.
        handle: Its number, ``1:``; the kernel picks one when omitted.

    Source: tc(8).
    """
    return command("tc", "qdisc", "replace", "dev", dev, *_placed(discipline, parent, handle))


def delete(dev: str, *, parent: str | None = None, ingress: bool = False) -> Command:
    """
    Build the command that takes a discipline away; the default one comes back.

    Equivalent to: ``tc qdisc delete dev DEV root``

    Args:
        dev: Device name.
        parent: The class it hangs under; the root of the device when omitted.
        ingress: Take away that of arriving traffic.

    Source: tc(8).
    """
    where = ("ingress",) if ingress else option("parent", parent) or ("root",)
    return command("tc", "qdisc", "delete", "dev", dev, *where)


def show(dev: str | None = None) -> Command:
    """
    Build the question for the disciplines of a device, or of all.

    Equivalent to: ``tc -details -json qdisc show dev DEV``

    Args:
        dev: Device name.

    Source: tc(8).
    """
    return command("tc", "qdisc", "show", *option("dev", dev), options=("-details", "-json"))


def _placed(discipline: Discipline, parent: str | None, handle: str | None) -> tuple[str, ...]:
    if discipline == INGRESS:
        return (*option("handle", handle), *INGRESS)
    return (*(option("parent", parent) or ("root",)), *option("handle", handle), *discipline)
