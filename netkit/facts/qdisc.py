"""
Queueing disciplines that somebody chose: what ``tc qdisc show`` says.

    {"kind": "tbf", "handle": "1:", "dev": "eth0", "root": true, "options": {"rate": 1250000}}
    {"kind": "netem", "handle": "2:", "dev": "eth0", "parent": "1:1",
     "options": {"delay": {"delay": 0.02, "jitter": 0.002}, "loss-random": {"loss": 0.005}}}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from netkit.command import qdisc
from netkit.command.command import Command
from netkit.facts.document import Entry, Says, entries, fraction, number, part, text
from netkit.model.object import Netns
from netkit.model.setting import Qdisc

QUESTION = Command("tc", qdisc.show().args, None, ("-json",))
SAYS = Says("tc qdisc show")

DEFAULTS = frozenset(
    {"noqueue", "noop", "mq", "fq_codel", "pifo_fast", "pfifo_fast", "pfifo", "fq"}
)
INGRESS = frozenset({"ingress", "clsact"})
UNASKED = "0:"  # the handle of what the kernel attached by itself, whatever its kind
TICKS = 8  # microseconds after which the kernel's clock, 15.625 ticks to one, comes out even


def parse(said: str, netns: Netns = None) -> tuple[Qdisc, ...]:
    """
    Read the answer to ``QUESTION``, without what a device has by default.

    Returns:
        E.g. ``(Qdisc(netns="con1", ifname="eth0", kind="tbf", rate=10000000),)``; of kinds that
        netkit does not build, those at the root, bare.

    Raises:
        NetkitError: It is not what tc answers.
    """
    with SAYS:
        return tuple(_qdiscs(entries(said), netns))


def is_default(kind: str) -> bool:
    """Say whether a device's root discipline, as ip names it, is one that nobody has to ask for."""
    return kind in DEFAULTS or not kind


def _qdiscs(found: list[Entry], netns: Netns) -> Iterator[Qdisc]:
    for entry in found:
        kind, handle, root = text(entry, "kind"), text(entry, "handle"), "root" in entry
        if kind in DEFAULTS or kind in INGRESS or handle == UNASKED:
            continue
        options = OPTIONS.get(kind)
        if options is None and not root:
            continue
        yield Qdisc(
            netns=netns,
            ifname=text(entry, "dev"),
            kind=kind,
            parent="root" if root else text(entry, "parent"),
            handle=handle,
            **({} if options is None else dict(options(part(entry, "options")))),
        )


def _tbf(options: Entry) -> Iterator[tuple[str, Any]]:
    yield "rate", 8 * number(options, "rate")  # JSON has bytes per second


def _netem(options: Entry) -> Iterator[tuple[str, Any]]:
    yield "rate", 8 * number(part(options, "rate"), "rate", 0)
    delay = part(options, "delay")
    yield "delay", _microseconds(fraction(delay, "delay"))
    yield "jitter", _microseconds(fraction(delay, "jitter"))
    loss = fraction(part(options, "loss-random"), "loss")
    yield "loss", f"{100 * loss:.4g}" if loss else ""


def _microseconds(seconds: float) -> int:
    """
    Undo the rounding of the kernel's clock: what is no multiple of 8 µs comes back 1 µs short.

    (One in eight, 8n + 1, cannot be told from 8n.)
    """
    found = round(seconds * 1_000_000)
    return found if found % TICKS == 0 else found + 1


OPTIONS: Mapping[str, Callable[[Entry], Iterator[tuple[str, Any]]]] = {"tbf": _tbf, "netem": _netem}
