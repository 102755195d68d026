"""
Queueing disciplines that somebody chose: what ``tc qdisc show`` says.

    {"kind": "tbf", "handle": "1:", "dev": "eth0", "root": true, "options": {"rate": 1250000}}
    {"kind": "netem", "handle": "2:", "dev": "eth0", "parent": "1:1",
     "options": {"delay": {"delay": 0.02, "jitter": 0.002}, "loss-random": {"loss": 0.005}}}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from netkit.command import qdisc
from netkit.command.command import Command
from netkit.facts.document import Json, OddError, Said, field, within
from netkit.model.object import Netns
from netkit.model.setting import Qdisc


class Entry(Said, frozen=True):
    """A discipline."""

    kind: str
    handle: str
    dev: str
    root: bool = False
    parent: str = ""
    options: dict[str, Any] = field(default_factory=dict)


QUESTION = Command("tc", qdisc.show().args, None, ("-json",))
SAYS = Json("tc qdisc show", Entry)

DEFAULTS = frozenset({"noqueue", "noop", "mq", "fq_codel", "pfifo_fast", "pfifo", "fq"})
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
        return tuple(_qdiscs(SAYS.entries(said), netns))


def is_default(kind: str) -> bool:
    """Say whether a device's root discipline, as ip names it, is one that nobody has to ask for."""
    return kind in DEFAULTS or not kind


def _qdiscs(found: Iterable[Entry], netns: Netns) -> Iterator[Qdisc]:
    for entry in found:
        kind = entry.kind
        if kind in DEFAULTS or kind in INGRESS or entry.handle == UNASKED:
            continue
        detail = KINDS.get(kind)
        if detail is None and not entry.root:
            continue
        yield Qdisc(
            netns=netns,
            ifname=entry.dev,
            kind=kind,
            parent="root" if entry.root else entry.parent,
            handle=entry.handle,
            **({} if detail is None else within(entry.options, detail).fields()),
        )


class Detail(Said, frozen=True):
    """What only disciplines of one kind say."""

    def fields(self) -> dict[str, Any]:
        """Give what a Qdisc is made from."""
        raise NotImplementedError


class _Tbf(Detail, frozen=True):
    rate: int  # in bytes per second, as all rates in JSON

    def fields(self) -> dict[str, Any]:
        return {"rate": 8 * self.rate}


class _Delay(Said, frozen=True):
    delay: float = 0.0
    jitter: float = 0.0


class _Loss(Said, frozen=True):
    loss: float = 0.0


class _Rate(Said, frozen=True):
    rate: int = 0


class _Netem(Detail, frozen=True):
    delay: _Delay = field(default_factory=_Delay)
    lost: _Loss = field(default_factory=_Loss, name="loss-random")
    rate: _Rate = field(default_factory=_Rate)

    def fields(self) -> dict[str, Any]:
        return {
            "rate": 8 * self.rate.rate,
            "delay": _microseconds(self.delay.delay),
            "jitter": _microseconds(self.delay.jitter),
            "loss": f"{100 * self.lost.loss:.4g}" if self.lost.loss else "",
        }


def _microseconds(seconds: float) -> int:
    """
    Undo the rounding of the kernel's clock: what is no multiple of 8 µs comes back 1 µs short.

    (One in eight, 8n + 1, cannot be told from 8n.)
    """
    if not 0 <= seconds < AGE:
        raise OddError(f"{seconds} is no delay")
    found = round(seconds * 1_000_000)
    return found if found % TICKS == 0 else found + 1


AGE = 1e9

KINDS: Mapping[str, type[Detail]] = {"tbf": _Tbf, "netem": _Netem}
