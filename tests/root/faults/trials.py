"""
One trial: a transaction meets a fault, somebody goes on from there, and all must be as it should.

    build     nothing ─▶ A        after a fault that netkit survived: as before it
    change    A ─▶ B              after one that killed it, in turn:
    destroy   A ─▶ nothing          recover   as before the transaction
    a verb    A ─▶ A, edited        again     as if nothing had gone wrong
                                    other     another spec of the name, and then again
                                    destroy   no trace
                                    sweep     the memory lost as well, destroy --all: no trace
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from netkit.apply.prospect import Prospect, prospect, way_back
from netkit.apply.session import Session, reading, writing
from netkit.apply.sweep import leftovers
from netkit.apply.transaction import Outcome, carry_out
from netkit.errors import CommandError, NetkitError, StrandedError
from netkit.model.netns import Namespace
from netkit.plan.phase import Phase
from tests.root import switch
from tests.root.faults import host
from tests.root.faults.courses import (
    CROWDED,
    LENT,
    PARTNERS,
    SPEC,
    VERBS,
    Look,
    applied,
    course,
    every,
    leave,
)
from tests.root.faults.hands import KILLED, SAID, Fault, MortalMemory, faulty, mortal

KINDS = (
    *("refused", "unheard", "stranded"),
    *("killed", "killed twice", "killed while it remembers"),
)
LONG = 60
"""A plan of more steps is long; of these a smaller share is tried."""
SHORT = 2
"""Of a phase of no more steps each way is gone from the last."""
WAYS = ("recover", "again", "other", "destroy", "sweep")


class Case(NamedTuple):
    """
    One trial.

    ``at`` is the number of a step; where netkit is killed while it remembers, the name of the
    write after which that is. ``way`` is how one goes on, when netkit cannot.
    """

    transaction: str
    kind: str
    at: int | str
    way: str
    phase: str = ""

    def __str__(self) -> str:
        return f"{self.transaction}, {self.kind} at {self.at} ({self.phase}), then {self.way}"


class FaultyCaseError(AssertionError):
    """Something is not as it should be after a trial."""


class Trials:
    """
    All trials of one course on one ground.

    Args:
        name: The example, or VERBS.
        ground: What the host is like.
        share: One of so many steps is tried, by kind; ``long`` multiplies that for long plans.
    """

    def __init__(self, name: str, ground: str, share: dict[str, int]) -> None:
        self.name = name
        self.ground = ground
        self.share = share
        self.forced = False
        self.course = course(name)
        if any(switch.uses_switch(each) for each in every(self.course)):
            switch.needed()
        self.offset = (*sorted((*PARTNERS, VERBS)), CROWDED, LENT).index(name)
        with writing() as session:
            states = [prospect(session, each).desired for each in every(self.course)]
        self.states = states
        places = {item.netns for state in states for item in state.every(Namespace)}
        self.places = {netns for netns in places if netns is not None}
        self.nothing = self.look()
        self.clean: dict[str | None, host.Facts] = {None: self.nothing}
        self.documents: dict[str, str] = {}
        for label in self.course.specs:
            self.learn(label, self.apply(label))
        for move in self.course.moves.values():
            if move.after not in self.clean:
                assert move.before is not None
                assert move.after is not None
                self.act(self.apply(move.before))
                self.learn(move.after, move.look)
                self.act(applied(self.course.more[move.after]))
                self.hold(move.after, but="memory")  # where its seats came from
                self.act(leave)

    def learn(self, label: str, look: Look) -> None:
        """See what is there when all goes well, and take it away."""
        self.act(look)
        self.clean[label] = self.look()
        with reading() as session:
            stored = session.memory.spec(SPEC)
        assert stored is not None
        self.documents[label] = stored.document
        self.act(leave)
        self.hold(None)

    def look(self) -> host.Facts:
        return host.look(*self.states)

    def hold(self, label: str | None, *, but: str = "") -> None:
        """Fail unless everything is as when ``label`` alone was applied."""
        wanted, found = self.clean[label], self.look()
        if said := host.difference(wanted, found | ({but: wanted[but]} if but else {})):
            raise FaultyCaseError(f"is not as {label or 'nothing'}:\n{said}")

    def before(self, transaction: str) -> str | None:
        return self.course.moves[transaction].before

    def after(self, transaction: str) -> str | None:
        return self.course.moves[transaction].after

    def reach(self, label: str | None) -> None:
        """Come from wherever netkit is to where a transaction begins."""
        if host.remembered() == self.clean[label]["memory"]:
            return
        if label is None or self.name == VERBS:  # who left a network has a seat kept there
            self.leave()
        if label is not None:
            self.act(self.apply(label))

    def leave(self) -> None:
        with reading() as session:
            is_there = session.memory.spec(SPEC) or session.memory.intent(SPEC)
        if is_there:
            self.act(leave)

    def apply(self, label: str) -> Look:
        return applied(self.course.specs[label])

    def look_of(self, transaction: str) -> Look:
        return self.course.moves[transaction].look

    def other(self, transaction: str) -> Look:
        return self.course.moves[transaction].other

    def cases(self, transaction: str) -> Iterator[Case]:
        """Give all trials of a transaction, which begins right here."""
        with writing() as session:
            steps = self.look_of(transaction)(session).steps
        counted = (*steps[:1], *steps)  # the first for 0
        phases = [Phase(item.phase).name for item in counted]
        ways = [way for way in WAYS if way not in self.course.unfit]
        about = self.course.about
        chosen = [about is not None and about in str(item.step) for item in counted]
        for turn, kind in enumerate(KINDS[:-1]):
            share = self.share.get(kind, 1)
            if len(steps) > LONG:
                share *= self.share.get("long", 1)
            for at in range(int(kind != "killed"), len(steps) + 1):
                phase = phases[at]
                is_last = phase not in phases[at + 1 :]
                every_way = phases.count(phase) <= SHORT and is_last and self.name != VERBS
                if kind == "killed" and (every_way or chosen[at]):
                    yield from (Case(transaction, kind, at, way, phase) for way in ways)
                elif chosen[at] or (at + self.offset + turn) % share == 0:
                    way = ways[(at // share + self.offset) % len(ways)]
                    yield Case(transaction, kind, at, way, phase)
        for index, write in enumerate(self.writes(transaction)):
            # The journal is written at once with what is to be remembered: until then nothing is.
            first = () if write in {"open", "remember"} else ("recover",)
            for way in dict.fromkeys((*first, ways[(index + self.offset) % len(ways)])):
                yield Case(transaction, KINDS[-1], write, way)

    def writes(self, transaction: str) -> list[str]:
        """Name the writes to the memory that a transaction makes, by doing it."""
        with mortal(self.look_of(transaction), None) as (session, found):
            carry_out(session, found)
            assert isinstance(session.memory, MortalMemory)
            written = dict.fromkeys(session.memory.written)
        self.reach(self.before(transaction))
        return list(written)

    def act(self, look: Look) -> Outcome:
        with writing() as session:
            return carry_out(session, look(session), force=self.forced)

    def run(self, case: Case) -> None:
        """Do a trial, and be back where its transaction begins."""
        tenant = self.course.moves[case.transaction].tenant
        self.forced = tenant is not None
        try:
            with host.living_in(tenant) if tenant else nullcontext():
                if case.kind.startswith("killed"):
                    self.killed(case)
                else:
                    self.failed(case)
        finally:
            self.forced = False

    def failed(self, case: Case) -> None:
        try:
            with faulty(self.look_of(case.transaction), Fault(case.kind, int(case.at))) as given:
                carry_out(*given, force=self.forced)
        except (CommandError, StrandedError) as error:
            if SAID not in str(error):
                raise FaultyCaseError(f"failed otherwise: {error}") from error
            if isinstance(error, StrandedError) and case.kind != "stranded":
                raise
        else:
            raise FaultyCaseError("did not fail at all")
        with reading() as session:
            is_open = session.memory.intent(SPEC) is not None
        if is_open:
            self.go_on(case)
        else:
            self.hold(self.before(case.transaction))

    def killed(self, case: Case) -> None:
        look = self.look_of(case.transaction)
        fault = Fault("killed", case.at) if isinstance(case.at, int) else None
        if not self.kill(faulty(look, fault) if fault else mortal(look, str(case.at))):
            raise FaultyCaseError("was not killed")
        if case.kind == "killed twice" and not self.kill_on_the_way(case):
            self.reach(self.before(case.transaction))  # it had less to do than was to be expected
        else:
            self.go_on(case)

    def kill(self, given: AbstractContextManager[tuple[Session, Prospect]]) -> bool:
        """Let netkit, in a process of its own, run into what kills it; say whether it did."""

        def meet() -> None:
            with given as (session, found):
                carry_out(session, found, force=self.forced)

        status = in_child(meet)
        if status not in {0, KILLED}:
            raise FaultyCaseError(f"was not killed, but ended with {status}")
        return status == KILLED

    def kill_on_the_way(self, case: Case) -> bool:
        """Go the way of a case, and be killed in the middle of it, where it has one."""
        look: Look = leave
        if case.way in {"recover", "sweep"}:
            look = lambda session: way_back(session, SPEC)  # noqa: E731
        elif case.way == "again":
            look = self.look_of(case.transaction)
        elif case.way == "other":
            look = self.other(case.transaction)
        with writing() as session:
            count = len(look(session).steps)
        return count == 0 or self.kill(faulty(look, Fault("killed", int(case.at) % count)))

    def go_on(self, case: Case) -> None:
        """Go the way of a case from where netkit was cut off, and hold what it promises."""
        with reading() as session:
            is_open = session.memory.intent(SPEC) is not None
        if not is_open:  # it was killed before anything was done
            self.hold(self.before(case.transaction))
        elif case.way == "recover":
            self.act(lambda session: way_back(session, SPEC))
            self.hold(self.before(case.transaction))
        elif case.way == "sweep":
            self.sweep()
        elif case.way == "destroy":
            self.act(leave)
            self.hold(None)
        else:
            if case.way == "other":
                self.act(self.other(case.transaction))
            self.act(self.look_of(case.transaction))
            self.hold(self.after(case.transaction))
        self.reach(self.before(case.transaction))

    def survive(self, case: Case) -> None:
        """Go the way of a case after netkit was killed at a moment that nobody knows."""
        with reading() as session:
            is_open = session.memory.intent(SPEC) is not None
            stored = session.memory.spec(SPEC)
        if is_open:
            self.go_on(case)
            return
        before, after = self.before(case.transaction), self.after(case.transaction)
        is_done = (stored is not None) == (after is not None) and before != after
        if before is not None and after is not None and stored is not None:
            is_done = stored.document != self.documents[before]
        self.hold(after if is_done else before)
        self.reach(before)

    def sweep(self) -> None:
        """Lose the memory, and take away what bears a mark; the host's values are only told."""
        host.forget_everything()
        notes = self.act(leftovers).notes
        self.remove_unmarked()
        if self.ground == "quiet":
            self.give_back(notes)
        self.hold(None)

    def remove_unmarked(self) -> None:
        """
        Remove the namespaces of the spec that had not got their mark when netkit was killed.

        With the memory lost as well nobody can tell whose they are; but they must be empty.
        """
        for name in host.named(self.places):
            if lines := host.contents(name):
                raise FaultyCaseError(f"namespace {name} is left, and in it:\n{lines}")
            host.sh(f"ip netns delete {name}")

    def give_back(self, notes: Iterable[str]) -> None:
        """Do by hand what the notes say that netkit cannot."""
        for name in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            if any(note.startswith(name.replace(".", "/")) for note in notes):
                host.sh(f"sysctl -qw {name}=0")


def in_child(do: Callable[[], None]) -> int:
    """Do something in a process of its own, and give how that ended."""
    child = os.fork()
    if child == 0:
        code = 0
        try:
            do()
        except BaseException:
            traceback.print_exc()
            code = 1
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def explained(error: BaseException) -> str:
    """Say why a trial failed, in a few lines."""
    if isinstance(error, FaultyCaseError | NetkitError):
        notes = getattr(error, "__notes__", ())
        return "\n".join((f"{type(error).__name__}: {error}", *notes))
    return "".join(traceback.format_exception(error))
