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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from netkit.cli.screen import painted
from netkit.cli.words import called, place
from netkit.model.firewall import Chain
from netkit.model.netns import Namespace
from netkit.model.object import Key, Netns, Object
from netkit.plan.change import Change
from netkit.plan.phase import Planned

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
OWNERSHIP = frozenset({"alias", "group"})
"""Marks of netkit's own, which are nobody's news."""


@dataclass(frozen=True, slots=True)
class Act:
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


def acts(changes: Iterable[Change]) -> tuple[Act, ...]:
    """Join the halves of each replacement, and the flapping of what only comes back."""
    found: dict[Key, Act] = {}
    for change in changes:
        first = found.get(change.key)
        if first is None:
            found[change.key] = Act(change.verb, change.before, change.after, change.reason)
        else:
            reason = first.reason or change.reason
            found[change.key] = Act(
                _joined(first.before, change.after), first.before, change.after, reason
            )
    return tuple(act for act in found.values() if act.before != act.after or act.reason)


def _joined(before: Object | None, after: Object | None) -> str:
    if before is None:
        return "create"
    return "delete" if after is None else "replace"


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
    """Tell acts, namespace by namespace, in the order of the plan."""
    places: dict[Netns, list[Act]] = {}
    for act in acts:
        places.setdefault(act.subject.netns, []).append(act)
    for netns, here in places.items():
        own = next((act for act in here if isinstance(act.subject, Namespace)), None)
        yield _heading(netns, own)
        for act in here:
            if act is not own:
                yield from _lines(act)
        yield ""


def _heading(netns: Netns, own: Act | None) -> str:
    if own is None:
        return painted(place(netns), "bold")
    mark = MARKS[own.verb].strip()
    return painted(f"{mark} {called(own.subject)}", PAINTS[own.verb])


def _lines(act: Act) -> Iterator[str]:
    reason = f"  ({act.reason})" if act.reason else ""
    mark = painted(MARKS[act.verb], PAINTS[act.verb])
    yield f"{mark} {called(act.subject)}{reason}"
    if act.verb in {"change", "replace"}:
        yield from (f"      {line}" for line in differences(act))


def differences(act: Act) -> Iterator[str]:
    """Tell what differs between before and after."""
    before, after = act.before, act.after
    if before is None or after is None or type(before) is not type(after):
        return
    if isinstance(before, Chain) and isinstance(after, Chain):
        yield from (f"- {' '.join(rule)}" for rule in before.rules if rule not in after.rules)
        yield from (f"+ {' '.join(rule)}" for rule in after.rules if rule not in before.rules)
        return
    for name in differing(before, after):
        if name not in OWNERSHIP:
            yield f"{name} {_value(getattr(before, name))} → {_value(getattr(after, name))}"


def differing(before: Object, after: Object) -> tuple[str, ...]:
    """Name the attributes in which two conditions of one object differ."""
    return tuple(
        each.name
        for each in fields(after)
        if each.compare and getattr(before, each.name) != getattr(after, each.name)
    )


def _value(value: object) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
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
        each.name: _plain(getattr(item, each.name))
        for each in fields(item)
        if each.name not in {"origin", "parts"}
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list | frozenset):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
