"""
What is fuzzed: each target draws an input by chance, and tries it.

    bytes     a file of bytes                ─▶ document ─▶ topology
    spec      a document, changed            ─▶ topology ─▶ State ─▶ plan ─▶ steps
    answers   what a tool said, changed      ─▶ objects ─▶ what is netkit's ─▶ plan ─▶ steps
    memory    rows of the memory, changed    ─▶ status, apply, destroy, recover
    database  the file of the memory         ─▶ the memory, or why not
    builders  every builder, odd arguments   ─▶ commands

``try_`` returns how far an input came; it may raise NetkitError, and nothing else.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from netkit.apply.ownership.ownership import owned
from netkit.apply.prospect import farewell, prospect, way_back
from netkit.apply.recall.recall import check
from netkit.apply.session import Session
from netkit.apply.values.former import restored
from netkit.cli.commands.status import _condition
from netkit.cli.told.complaint import lines
from netkit.cnm.applied import documents
from netkit.cnm.edits import create_network
from netkit.cnm.revision import revised
from netkit.errors import LockedError, NetkitError
from netkit.expand.expand import expand
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.facts import address, fdb, iptables, link, neighbor, netns, ovs, qdisc, route, rule
from netkit.facts.ties import Ties
from netkit.model import record
from netkit.model.object import Object
from netkit.model.state import NOTHING, State
from netkit.names import group
from netkit.ops.reference import resolve
from netkit.plan.lower import lower
from netkit.plan.plan import plan
from netkit.run.job import Answer, Job
from netkit.run.runner import Meanwhile
from netkit.spec import document, topology
from netkit.spec.source import decoded, loads
from netkit.state.lock import lock
from netkit.state.memory import Former, Intent, Memory, Stored
from tests.fuzz import builders, corpus, mutate, sound

WHOLE = "whole"
"""An input that came all the way through."""
REFUSED = "refused"
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Target(NamedTuple):
    """One thing to fuzz; an input is a value that JSON can hold."""

    draw: Callable[[Random], Any]
    try_: Callable[[Any], str]
    share: int = 1


def tried(target: Target, given: Any) -> str:
    """Try an input, and hold that a refusal can be said to a person."""
    try:
        return target.try_(given)
    except NetkitError as error:
        for line in lines(error):
            bare = line.replace("\n", "").replace("\t", "")
            sound.demand(sound.CONTROL.search(bare) is None, "fit for a terminal", line)
        str(error)
        return REFUSED


# bytes


def _draw_bytes(rng: Random) -> dict[str, str]:
    if rng.random() < 0.5:
        data = mutate.written(rng, rng.choice(corpus.texts()))
    else:
        data = mutate.as_text(rng, rng.choice(corpus.specs()))
    form = rng.choice(("json", "json", "yaml", ""))
    return {"form": form, "base64": base64.b64encode(data).decode()}


def _try_bytes(given: dict[str, str]) -> str:
    found = decoded(base64.b64decode(given["base64"]), "fuzz", given["form"] or None)
    topology(found)
    return WHOLE


# spec


def _draw_spec(rng: Random) -> Any:
    return mutate.document(rng, rng.choice(corpus.specs()))


def _try_spec(given: Any) -> str:
    found = topology(loads(json.dumps(given), form="json"))
    filled, allotments = fill(found, Allotments())
    desired = expand(filled)
    number = group(filled.name)
    for current, wanted in ((NOTHING, desired), (desired, NOTHING), (_standing(), desired)):
        changes = plan(current, wanted)
        sound.planned(lower(changes, wanted, group=number))
    # What is remembered of it can be read again, and says the same.
    again, same = fill(topology(json.loads(json.dumps(document(filled)))), Allotments())
    sound.demand(again == filled, "rendered it stays as it is", document(filled))
    kept = Allotments.from_json(json.loads(json.dumps(allotments.to_json())))
    sound.demand(kept == allotments, "allotments are read as they were written", allotments)
    sound.demand(fill(found, kept)[0] == filled, "nobody moves", allotments)
    sound.demand(expand(again).objects == desired.objects, "the same State", same)
    back = record.read(record.write(desired))
    sound.demand(back == desired, "a State is read as it was written", desired)
    return WHOLE


@cache
def _standing() -> State:
    """Give what an example builds, for others to take its place."""
    return expand(fill(topology(corpus.specs()[0]), Allotments())[0])


# answers


def _links(devices: Mapping[str, link.Device]) -> Iterator[Object]:
    ties = Ties({None: devices})
    return (ties.link(device) for device in devices.values())


PARSERS: dict[str, Callable[[str], Sequence[Object]]] = {
    str(link.QUESTION): lambda said: (*_links(link.parse(said)), *address.parse(said)),
    **{str(ask): partial(route.parse, protocol=of) for of, ask in route.QUESTIONS.items()},
    str(rule.QUESTION): rule.parse,
    str(rule.QUESTION6): partial(rule.parse, family=6),
    str(neighbor.QUESTION): neighbor.parse,
    str(neighbor.QUESTION_PROXY): neighbor.parse,
    str(fdb.QUESTION): fdb.parse,
    str(qdisc.QUESTION): qdisc.parse,
    str(ovs.QUESTION): ovs.parse,
    **{str(ask): partial(iptables.parse, family=of) for of, ask in iptables.QUESTIONS.items()},
}


def _draw_answer(rng: Random) -> dict[str, str]:
    asked, said = rng.choice(corpus.answers())
    if "-json" in asked and rng.random() < 0.8:
        said = json.dumps(mutate.document(rng, json.loads(said)))
    else:
        said = mutate.written(rng, said.encode()).decode(errors="replace")
    return {"asked": asked, "said": said}


def _try_answer(given: dict[str, str]) -> str:
    said = given["said"]
    netns.parse(said)
    seen = State.of(PARSERS[given["asked"]](said))
    json.loads(record.write(seen))
    for name in ("shop", "frontend"):
        current = owned(seen, name, seen)
        sound.planned(lower(plan(current, NOTHING), NOTHING, group=group(name)))
    return WHOLE


# memory

NAME = "shop"


class Nobody:
    """Hands in a world that is empty."""

    def run(self, jobs: Sequence[Job], meanwhile: Meanwhile | None = None) -> tuple[Answer, ...]:
        """Answer that nothing is there."""
        return tuple(map(self._answer, jobs))

    def _answer(self, job: Job) -> Answer:
        if job.netns is not None or job.ask is None:
            return Answer(job.netns, missing=True)
        texts = tuple("0" if ask.tool == "unshare" else "" for ask in job.ask.commands)
        return Answer(None, texts, dict.fromkeys(job.ask.sysctls, "0"))


@cache
def _rows() -> dict[str, Any]:
    """Give what a memory holds while a spec is being changed."""
    spec = next(each for each in corpus.specs() if each["name"] == NAME)
    filled, allotments = fill(topology(spec), Allotments())
    state = expand(filled)
    return {
        "document": document(filled),
        "allotments": allotments.to_json(),
        "before": json.loads(record.write(state))[:16],
        "earlier": [[json.dumps(document(filled)), allotments.to_json()]],
        "journal": [['["sysctl", null, "net/ipv4/ip_forward"]', NAME, "0", "1"]],
        "former": [
            [["sysctl", None, "net/ipv4/ip_forward"], "0", "1"],
            [["attribute", None, "eth0", "mtu"], "1500", "1400"],
            [["address", None, "eth0", "192.0.2.1/24"], "there", "there"],
        ],
        "pid": 1,
    }


def _draw_memory(rng: Random) -> dict[str, str]:
    found = mutate.document(rng, _rows())
    rows = found if isinstance(found, dict) else {}
    texts = {key: mutate.deepened(rng, json.dumps(value)) for key, value in rows.items()}
    # Some of it is not even JSON.
    return texts | {key: mutate.text(rng) for key in _rows() if rng.random() < 0.03}


def _try_memory(given: dict[str, str]) -> str:
    reached = WHOLE
    with tempfile.TemporaryDirectory(prefix="netkit-fuzz-", dir=MEMORY) as place:
        memory = Memory(Path(place))
        try:
            _fill_rows(memory, given)
            session = Session(memory, Nobody())
            for look in LOOKS:
                if tried(Target(lambda rng: None, partial(look, session)), None) is REFUSED:
                    reached = REFUSED
        finally:
            memory.close()
    return reached


def _fill_rows(memory: Memory, texts: dict[str, str]) -> None:
    """Write rows as they are, past all that would write them well."""
    database = memory._database
    rows = list(_former(texts.get("former", "")))
    said = texts | {"name": NAME, "spec": NAME, "former": texts.get("journal", "")}
    try:
        for table in ("specs", "intents"):
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            marks = ", ".join("?" for _ in columns)
            values = [said.get(column, "") for column in columns]
            database.execute(f"INSERT INTO {table} VALUES ({marks})", values)
        database.executemany("INSERT OR REPLACE INTO former VALUES (?, ?, ?, ?)", rows)
    except (UnicodeEncodeError, ValueError):
        pass  # no database could hold it


def _former(text: str) -> Iterator[tuple[str, str, str, str]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        rows = [[text, text, text]]
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, list) and len(row) == 3:
            place = row[0] if isinstance(row[0], str) else json.dumps(row[0])
            yield (place, NAME, str(row[1]), str(row[2]))


def _status(session: Session, _: Any) -> str:
    _condition(session, NAME)
    return WHOLE


def _resolve(session: Session, _: Any) -> str:
    with suppress(NetkitError):  # there is no such namespace
        resolve(f"{NAME}/con1", session.memory)
    return WHOLE


def _apply(session: Session, _: Any) -> str:
    spec = next(each for each in corpus.specs() if each["name"] == NAME)
    sound.planned(prospect(session, topology(spec)).steps)
    return WHOLE


def _beside(session: Session, _: Any) -> str:
    """Apply another spec, which needs a pool that this one does not have."""
    spec = {"name": "other", "networks": {"n": {}}, "namespaces": {"a": {"networks": ["n"]}}}
    sound.planned(prospect(session, topology(spec)).steps)
    return WHOLE


def _destroy(session: Session, _: Any) -> str:
    sound.planned(farewell(session, NAME).steps)
    return WHOLE


def _edit(session: Session, _: Any) -> str:
    """Edit it, as a verb of the model does."""
    try:
        found = documents(session).get(NAME, {"name": NAME})
        sound.planned(revised(session, create_network(found, "fuzz", {})).steps)
    except NetkitError:
        raise
    except Exception:
        check(session.memory)  # as the command line does, where it stumbles
        raise
    return WHOLE


def _recover(session: Session, _: Any) -> str:
    sound.planned(way_back(session, NAME).steps)
    return WHOLE


def _restore(session: Session, _: Any) -> str:
    restored(session.memory, NAME, _standing(), NOTHING, rows=session.memory.former())
    return WHOLE


LOOKS = (_status, _resolve, _apply, _beside, _edit, _destroy, _recover, _restore)


# database


@cache
def _database() -> bytes:
    with tempfile.TemporaryDirectory(prefix="netkit-fuzz-") as place:
        memory = Memory(Path(place))
        memory.keep(Stored("shop", "{}", Allotments().to_json()))
        memory.open(Intent("shop", "{}", {}, "[]", 1))
        memory.remember([Former('["sysctl"]', "shop", "0", "1")])
        memory.close()
        return (Path(place) / "state.db").read_bytes()


def _draw_database(rng: Random) -> dict[str, str]:
    data = bytearray(_database())
    for _ in range(rng.choice((1, 2, 8, 64, 512))):
        # Most of a small database is empty; its heads and its rows lie at the ends of pages.
        at = rng.randrange(len(data))
        if rng.random() < 0.7:
            at = rng.randrange(0, len(data), 4096) + rng.choice(
                (rng.randrange(110), -rng.randrange(900))
            )
        data[at % len(data)] = rng.randrange(256)
    kept = bytes(data) if rng.random() < 0.9 else bytes(data[: rng.randrange(len(data))])
    return {"base64": base64.b64encode(kept).decode(), "lock": mutate.text(rng)}


def _try_database(given: dict[str, str]) -> str:
    with tempfile.TemporaryDirectory(prefix="netkit-fuzz-", dir=MEMORY) as place:
        folder = Path(place)
        data = base64.b64decode(given["base64"])
        (folder / "state.db").write_bytes(data)
        (folder / "lock").write_bytes(given["lock"].encode(errors="replace"))
        _hold_lock(folder)
        memory = Memory(folder)
        try:
            memory.specs()
            memory.intents()
            memory.former()
            memory.keep(Stored("other", "{}", {}))
            memory.open(Intent("other", "", {}, "[]", 1))
            memory.remember([Former('["sysctl"]', "other", "0", "1")])
            memory.release("other", ['["sysctl"]'])
            memory.forget("other")
            memory.done("other")
        finally:
            memory.close()
    return WHOLE


def _hold_lock(folder: Path) -> None:
    """Let a second one wait for a lock whose file says anything."""
    number = os.open(folder / "lock", os.O_RDWR)
    try:
        with lock(folder, timeout=0):
            os.truncate(folder / "lock", 0)
            os.pwrite(number, (folder / "lock").name.encode(), 0)
            try:
                with lock(folder, timeout=0):
                    raise sound.UnsoundError("two have one lock")
            except LockedError:
                pass
    finally:
        os.close(number)


TARGETS: dict[str, Target] = {
    "bytes": Target(_draw_bytes, _try_bytes, 3),
    "spec": Target(_draw_spec, _try_spec, 4),
    "answers": Target(_draw_answer, _try_answer, 6),
    "memory": Target(_draw_memory, _try_memory),
    "database": Target(_draw_database, _try_database),
    "builders": Target(builders.draw, builders.try_, 6),
}
"""By name; of inputs in all, each gets a number in proportion to its share."""
