"""``netkit status``."""

from __future__ import annotations

import json

from netkit.apply.prospect import prospect
from netkit.apply.session import Session, reading
from netkit.cli.told import story
from netkit.cli.told.envelope import DIFFERENCES, OK, reply
from netkit.cli.told.screen import remark, say, table
from netkit.cli.typed.options import Applied, Json
from netkit.errors import NetkitError
from netkit.spec import topology
from netkit.value import Value

DRIFTED = 3
CUT_OFF = "a change was cut off: apply goes on from here, netkit recover {name} goes back"


class Condition(Value, frozen=True):
    """
    How it stands with one applied spec.

    Args:
        name: The spec.
        namespaces: How many it has; 0 where that could not be told.
        count: Differences of each verb.
        trouble: Why it could not be told.
        cut_off: A transaction of it was cut off.
        ended: Which foreign namespaces are there no longer, a line each.
    """

    name: str
    namespaces: int
    count: dict[str, int]
    trouble: str = ""
    cut_off: bool = False
    ended: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """In order, drifted, cut off, or unknown."""
        if self.cut_off:
            return "cut off"
        if self.trouble:
            return "unknown"
        return "drifted" if any(self.count.values()) else "in order"


def status(name: Applied = None, *, as_json: Json = False) -> int:
    """
    Say of each applied spec whether it still holds.

    Ends with 3 when one has drifted from what was applied, with 0 when all are in order.

    Examples:
        netkit status
        netkit status shop
    """
    with reading() as session:
        conditions = [_condition(session, each) for each in _chosen(session, name)]
    drifted = any(each.state != "in order" for each in conditions)
    if as_json:
        data = {"specs": [_data(each) for each in conditions]}
        reply("status", data, status=DIFFERENCES if drifted else OK)
    else:
        _tell(conditions)
    return DRIFTED if drifted else 0


def _chosen(session: Session, name: str | None) -> list[str]:
    """Name the specs that are applied, or were about to be."""
    names = {each.name for each in session.memory.specs()}
    names |= {each.spec for each in session.memory.intents()}
    if name is not None and name not in names:
        known = ", ".join(sorted(names)) or "none"
        raise NetkitError(f"no spec called {name} is applied", hint=f"applied: {known}")
    return sorted(names) if name is None else [name]


def _condition(session: Session, name: str) -> Condition:
    stored = session.memory.spec(name)
    if stored is None or session.memory.intent(name) is not None:
        return Condition(name, 0, {}, CUT_OFF.format(name=name), cut_off=True)
    try:
        checked = topology(json.loads(stored.document))
        found = prospect(session, checked, absent_too=True)  # as netkit up left it
    except (NetkitError, ValueError) as error:
        return Condition(stored.name, 0, {}, str(error))
    count = story.counted(story.acts(found))
    return Condition(stored.name, len(checked.namespaces), count, ended=found.ended)


def _tell(conditions: list[Condition]) -> None:
    if not conditions:
        say("no spec is applied")
        return
    rows = [
        (each.state, each.name, str(each.namespaces or "-"), each.trouble or _differences(each))
        for each in conditions
    ]
    table(("state", "spec", "namespaces", "differences"), rows, marked=True)
    for each in conditions:
        for line in each.ended:
            remark(f"note: {each.name}: {line}")
    for each in conditions:
        if each.state == "drifted":
            remark(f"next: netkit diff {each.name} shows what, netkit apply {each.name} mends it")


def _differences(condition: Condition) -> str:
    return story.summed(condition.count, story.DIFFERING) or "none"


def _data(condition: Condition) -> dict[str, object]:
    return {
        "name": condition.name,
        "state": condition.state,
        "namespaces": condition.namespaces,
        "differences": condition.count,
        "trouble": condition.trouble,
        "ended": list(condition.ended),
    }
