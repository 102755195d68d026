"""
How a plan is told.

    con1                                     a namespace
      + address 10.1.0.2/24 on eth0          is made
      ~ veth eth0 (to host:nk-…)             is altered
          mtu 1400 → 1500
    -/+ vxlan vx0 (vni 42)                   is made anew, since its vni changes
      - route 10.9.0.0/16 via 10.1.0.1       goes
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from netkit.apply.prospect import Prospect
from netkit.cli.told.screen import painted
from netkit.cli.told.words import QUANTITIES, called, place, quantity
from netkit.model.daemon import Daemon
from netkit.model.firewall import Chain
from netkit.model.link import Loopback
from netkit.model.netns import Namespace
from netkit.model.object import Key, Netns, Object
from netkit.model.routing import NextHop
from netkit.model.setting import Attribute, File, Qdisc, Sysctl
from netkit.plan.change import differing
from netkit.plan.phase import Planned
from netkit.value import Value

MARKS = {"create": "  +", "change": "  ~", "replace": "-/+", "delete": "  -"}
PAINTS = {"create": "green", "change": "yellow", "replace": "yellow", "delete": "red"}
TO_DO = {
    "create": "to create",
    "change": "to change",
    "replace": "to replace",
    "delete": "to delete",
}
DONE = {"create": "created", "change": "changed", "replace": "replaced", "delete": "deleted"}
DIFFERING = {"create": "missing", "change": "different", "replace": "different", "delete": "extra"}
ORDER = (
    *("netns", "loan", "link", "attribute", "qdisc", "address", "route", "rule", "neighbor"),
    *("fdb", "policy", "chain", "jump", "loose-rule", "sysctl", "file"),
)
OWNERSHIP = frozenset({"alias", "group"})
"""Marks of netkit's own, which are nobody's news beside others."""


class Act(Value, frozen=True):
    """
    What becomes of one object: a change, or both halves of a replacement.

    Args:
        verb: create, change, replace or delete.
        before: What was; None when it is made.
        after: What will be; None when it goes.
        reason: Why it is made anew.
    """

    verb: str
    before: Object | None
    after: Object | None
    reason: str = ""

    @property
    def subject(self) -> Object:
        """The object, as it will be if it stays."""
        subject = self.after or self.before
        assert subject is not None
        return subject


def acts(prospect: Prospect) -> tuple[Act, ...]:
    """
    Say what becomes of each object, from what is there now to what will be.

    A plan knows more: it alters what another of its commands has made, and makes anew what goes
    with something else. Both are told by their outcome, and what comes back as it was not at all.
    """
    found: dict[Key, Act] = {}
    current = prospect.current.objects
    for change in prospect.changes:
        key, after = change.key, change.after
        first = found.get(key)
        before = current.get(key)
        reason = change.reason or (first.reason if first else "")
        found[key] = Act(_verb(before, after, anew=bool(reason)), before, after, reason)
    made = {
        act.after.netns
        for act in found.values()
        if act.before is None and isinstance(act.after, Namespace)
    }
    return tuple([act for act in found.values() if _is_news(act, made)])


def _verb(before: Object | None, after: Object | None, *, anew: bool) -> str:
    if before is None:
        return "create"
    if after is None:
        return "delete"
    return "replace" if anew else "change"


def _is_news(act: Act, made: Container[Netns]) -> bool:
    if act.before is None and isinstance(act.after, Loopback) and act.after.netns in made:
        return False  # it comes with its namespace
    if act.before is None or act.after is None:
        return act.before is not act.after
    return bool(act.reason) or act.before != act.after


def counted(acts: Iterable[Act]) -> dict[str, int]:
    """Count the acts of each verb."""
    count = dict.fromkeys(MARKS, 0)
    for act in acts:
        count[act.verb] += 1
    return count


def summed(count: Mapping[str, int], words: Mapping[str, str]) -> str:
    """Say a count: ``3 to create, 1 to delete``; what is told by one word is one number."""
    sums: dict[str, int] = {}
    for verb, number in count.items():
        sums[words[verb]] = sums.get(words[verb], 0) + number
    return ", ".join(f"{number} {word}" for word, number in sums.items() if number)


def told(acts: Sequence[Act]) -> Iterator[str]:
    """Tell acts, namespace by namespace; in each, devices come first."""
    places: dict[Netns, list[Act]] = {}
    for act in acts:
        places.setdefault(act.subject.netns, []).append(act)
    for netns, here in places.items():
        own = next((act for act in here if isinstance(act.subject, Namespace)), None)
        yield _heading(netns, own)
        rest = sorted((act for act in here if act is not own), key=_turn)
        new = own is not None and own.verb == "create"
        folded = sum(new and isinstance(act.subject, Sysctl) for act in rest)
        for act in rest:
            if folded <= 1 or not isinstance(act.subject, Sysctl):
                yield from _lines(act)
        if folded > 1:
            yield f"{painted(MARKS['create'], 'green')} {folded} sysctls"
        yield ""


def _turn(act: Act) -> int:
    kind = str(act.subject.key[0])
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _heading(netns: Netns, own: Act | None) -> str:
    if own is None:
        return painted(place(netns), "bold")
    mark = MARKS[own.verb].strip()
    return painted(f"{mark} {called(own.subject)}", PAINTS[own.verb])


def _lines(act: Act) -> Iterator[str]:
    mark = painted(MARKS[act.verb], PAINTS[act.verb])
    before, after = act.before, act.after
    if isinstance(before, Sysctl | Attribute) and isinstance(after, Sysctl | Attribute):
        yield f"{mark} {called(after)}, was {before.value or 'none'}"
        return
    reason = f", since {act.reason}" if act.reason else ""
    yield f"{mark} {called(act.subject)}{reason}"
    yield from (f"      {line}" for line in differences(act))


def differences(act: Act) -> Iterator[str]:
    """Tell what differs between before and after."""
    before, after = act.before, act.after
    if before is None or after is None or type(before) is not type(after):
        return
    if isinstance(before, Chain) and isinstance(after, Chain):
        was, shall = ([" ".join(rule) for rule in each.rules] for each in (before, after))
        yield from _lines_differing(was, shall)
        return
    if isinstance(before, File) and isinstance(after, File):
        yield from _lines_differing(before.content.splitlines(), after.content.splitlines())
        return
    if isinstance(before, Daemon) and isinstance(after, Daemon):
        if not before.argv:
            yield "what runs has nobody who would start it again, or is there twice"
        yield from (f"- {word}" for word in before.argv if word not in after.argv)
        yield from (f"+ {word}" for word in after.argv if before.argv and word not in before.argv)
        return
    names = tuple(differing(before, after))
    for name in [name for name in names if name not in OWNERSHIP] or names:
        yield f"{name} {_field(before, name)} → {_field(after, name)}"


def _lines_differing(was: Sequence[str], shall: Sequence[str]) -> Iterator[str]:
    gone = [line for line in was if line not in shall]
    new = [line for line in shall if line not in was]
    yield from (f"- {line}" for line in gone)
    yield from (f"+ {line}" for line in new)
    if not gone and not new:
        yield "the same lines, in another order or number"


def _field(item: Object, name: str) -> str:
    value = getattr(item, name)
    if name.endswith("netns"):
        return place(value)
    if isinstance(item, Qdisc) and name in QUANTITIES:
        return quantity(name, value) or "none"
    return _value(value)


def _value(value: object) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, NextHop):
        weight = f"weight {value.weight}" if value.weight != 1 else ""
        via = f"via {value.via}" if value.via else ""
        return " ".join(word for word in (via, f"dev {value.dev}", weight) if word)
    if isinstance(value, tuple):
        return ", ".join(_value(each) for each in value) or "none"
    return str(value)


def commands(steps: Iterable[Planned], *, explain: bool) -> Iterator[str]:
    """Give the lines to type; with their reasons, said once for those that share one."""
    why = ""
    for item in steps:
        if explain and item.why != why:
            why = item.why
            yield painted(f"# {why}", "dim")
        yield str(item.step)


def as_data(acts: Iterable[Act]) -> list[dict[str, Any]]:
    """Give acts as plain values, for the envelope."""
    return [
        {
            "verb": act.verb,
            "kind": act.subject.key[0],
            "netns": act.subject.netns,
            "object": called(act.subject),
            "reason": act.reason,
            "pointer": act.subject.origin,
            "before": _fields(act.before),
            "after": _fields(act.after),
        }
        for act in acts
    ]


def steps_as_data(steps: Iterable[Planned]) -> list[dict[str, Any]]:
    """Give steps as plain values, for the envelope."""
    return [
        {
            "command": str(item.step),
            "netns": item.netns,
            "phase": item.phase.name.lower(),
            "why": item.why,
            "pointer": item.change.subject.origin,
        }
        for item in steps
    ]


def _fields(item: Object | None) -> dict[str, Any] | None:
    if item is None:
        return None
    return {
        name: _plain(getattr(item, name))
        for name in item.__struct_fields__
        if name not in {"origin", "parts"}
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list | frozenset):
        return [_plain(each) for each in value]
    if isinstance(value, Value):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
