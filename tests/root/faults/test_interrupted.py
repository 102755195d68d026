"""Signals, a tool that hangs, kill -9 from outside at any moment, and two netkits at once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netkit.apply.recall.recall import words
from netkit.apply.signals import interruptible
from netkit.command.command import Command
from netkit.errors import InterruptedByUserError
from netkit.plan.lower import CROWD
from netkit.run.job import Job
from netkit.run.system import SystemRunner
from tests.root.faults import host
from tests.root.faults.courses import SPEC, TRANSACTIONS, switch
from tests.root.faults.trials import WAYS, Case, Trials

pytestmark = pytest.mark.root

ROOT = Path(__file__).parents[3]
NETKIT = str(ROOT / "bin/netkit")
VETH = "type veth"  # in the middle of a build: the namespaces are there, nothing is in them yet
MANY = "many"
SNOOPING = ("mcast_snooping 0", "mcast_snooping 1")  # its birth; when it is up
INTERRUPTED, LOCKED = 130, 4
AT_RANDOM = int(os.environ.get("NETKIT_KILLS", "30"))
HANG = """
import sys
from netkit.apply.prospect import prospect
from netkit.apply.session import Session, writing
from netkit.apply.transaction import carry_out
from netkit.run.system import SystemRunner
from netkit.spec import load_topology
with writing() as session:
    hands = SystemRunner(limit=0.5, keep=session.runner.keep)
    carry_out(Session(session.memory, hands), prospect(session, load_topology(sys.argv[1])))
"""
# Hands of which something goes wrong when they have done a part, and then no more.
BROKEN = """
import resource, sys
from netkit.apply.prospect import prospect
from netkit.apply.session import Session, writing
from netkit.apply.transaction import carry_out
from netkit.spec import load_topology
class Hands:
    def __init__(self, runner):
        self.runner, self.left = runner, 2
    def run(self, jobs, meanwhile=None):
        self.left -= any(job.steps for job in jobs)
        return self.runner.run(jobs, meanwhile) if self.left else self.fail(jobs)
    def fail(self, jobs):
        self.left = -1
        FAIL
with writing() as session:
    hands = Hands(session.runner)
    carry_out(Session(session.memory, hands), prospect(session, load_topology(sys.argv[1])))
"""
UNFORESEEN = BROKEN.replace("FAIL", "raise RecursionError")
CROWDED = BROKEN.replace(
    "FAIL",
    """soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (5, hard))
        try:
            return self.runner.run(jobs)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))""",
)

Process = subprocess.Popen[str]


@pytest.fixture(scope="module")
def trials() -> Iterator[Trials]:
    """Give a busy host, and two networks to build there by turns."""
    host.settle_in("busy")
    yield Trials("policy-routing", "busy", {})
    host.move_out()


class Scene:
    """A host, two specs as files, an ``ip`` that waits in the middle, and netkit to be started."""

    def __init__(self, trials: Trials, folder: Path) -> None:
        self.trials = trials
        self.specs: dict[str, str] = {}
        for label, spec in trials.course.specs.items():
            path = folder / f"{label}.json"
            path.write_text(words(spec))
            self.specs[label] = str(path)
        self.specs[MANY] = str(folder / f"{MANY}.json")
        Path(self.specs[MANY]).write_text(json.dumps(switch("br0", f"t[1-{CROWD + 1}]")))
        self.folder = folder
        self.slow = host.Slow(folder, VETH)
        self.started: list[Process] = []

    def start(self, *words: str, slow: bool = False, ignoring: str = "") -> Process:
        """Start netkit, with signals as a shell in a terminal has them, but for one."""
        signals = (
            "env",
            "--default-signal",
            *((f"--ignore-signal={ignoring}",) if ignoring else ()),
        )
        child = subprocess.Popen(
            (*signals, NETKIT, *words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.slow.environment if slow else None,
        )
        self.started.append(child)
        return child

    def in_the_middle(self, label: str) -> Process:
        """Start an apply, and wait until it waits."""
        child = self.start("apply", self.specs[label], slow=True)
        self.slow.wait()
        return child

    def killed(self, label: str) -> Process:
        """Kill an apply in the middle; the tool that it started goes on to wait."""
        child = self.in_the_middle(label)
        child.kill()
        child.communicate()
        return child


@pytest.fixture
def scene(trials: Trials, tmp_path: Path) -> Iterator[Scene]:
    """Set the scene; afterwards everything is gone, whatever came of it."""
    found = Scene(trials, tmp_path)
    yield found
    found.slow.release()
    for child in found.started:
        child.kill()
        child.communicate()
    trials.reach(None)
    trials.hold(None)


SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda each: each.name)
def test_a_signal_in_the_middle_takes_back_what_was_done(
    scene: Scene, number: signal.Signals
) -> None:
    child = scene.in_the_middle("a")
    child.send_signal(number)
    scene.slow.release()
    said = child.communicate()[1]

    assert child.returncode == INTERRUPTED
    assert f"stopped by {number.name}" in said
    assert "everything is as it was before" in said
    scene.trials.hold(None)


@pytest.mark.parametrize("moment", SNOOPING)
def test_a_signal_before_a_switch_with_many_ports_snoops_takes_it_back(
    scene: Scene, moment: str
) -> None:
    scene.slow = host.Slow(scene.folder, moment)
    child = scene.in_the_middle(MANY)
    child.send_signal(signal.SIGTERM)
    scene.slow.release()
    said = child.communicate()[1]

    assert child.returncode == INTERRUPTED
    assert "everything is as it was before" in said
    scene.trials.hold(None)


@pytest.mark.parametrize("moment", SNOOPING)
def test_killed_before_a_switch_with_many_ports_snoops_the_next_apply_lets_it(
    scene: Scene, moment: str
) -> None:
    scene.slow = host.Slow(scene.folder, moment)
    scene.killed(MANY)
    scene.slow.release()
    scene.start("apply", scene.specs[MANY]).communicate()
    (found,) = json.loads(host.sh("ip -n sw -details -json link show dev br0"))

    assert found["linkinfo"]["info_data"]["mcast_snooping"] == 1
    assert "UP" in found["flags"]


@pytest.mark.parametrize("moment", SNOOPING)
def test_killed_before_a_switch_with_many_ports_snoops_recover_takes_it_back(
    scene: Scene, moment: str
) -> None:
    scene.slow = host.Slow(scene.folder, moment)
    scene.killed(MANY)
    scene.slow.release()
    recovered = scene.start("recover", SPEC)
    recovered.communicate()

    assert recovered.returncode == 0
    scene.trials.hold(None)


def test_a_signal_in_the_middle_of_a_change_takes_it_back(scene: Scene) -> None:
    scene.trials.reach("a")
    child = scene.in_the_middle("b")
    child.send_signal(signal.SIGTERM)
    scene.slow.release()
    child.communicate()

    assert child.returncode == INTERRUPTED
    scene.trials.hold("a")


@pytest.mark.parametrize("number", SIGNALS, ids=lambda each: each.name)
def test_a_signal_that_was_ignored_from_the_start_stays_so(
    scene: Scene, number: signal.Signals
) -> None:
    """As nohup does, and a shell that starts something in the background."""
    child = scene.start("apply", scene.specs["a"], slow=True, ignoring=number.name)
    scene.slow.wait()
    child.send_signal(number)
    scene.slow.release()
    child.communicate()

    assert child.returncode == 0
    scene.trials.hold("a")


@pytest.mark.parametrize("number", SIGNALS, ids=lambda each: each.name)
def test_a_first_signal_on_the_way_back_lets_it_come_to_its_end(
    scene: Scene, number: signal.Signals
) -> None:
    scene.slow = host.Slow(scene.folder, "delete", fails=VETH)
    child = scene.in_the_middle("a")
    child.send_signal(number)
    scene.slow.release()
    said = child.communicate()[1]

    assert child.returncode == 1
    assert "once more stops at once" in said
    assert scene.slow.said in said
    assert "everything is as it was before" in said
    scene.trials.hold(None)


def test_a_second_signal_on_the_way_back_stops_at_once(scene: Scene) -> None:
    scene.slow = host.Slow(scene.folder, "delete", fails=VETH)
    child = scene.in_the_middle("a")
    said = stopped_at_once(child)
    scene.slow.release()
    scene.start("recover", SPEC).communicate()

    assert child.returncode == INTERRUPTED
    assert "netkit recover" in said
    scene.trials.hold(None)


def test_a_signal_while_a_process_is_started_waits_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the way back would begin beside it."""
    spawn = os.posix_spawn

    def spawn_and_signal(*args: Any, **words: Any) -> int:
        child = spawn(*args, **words)
        os.kill(os.getpid(), signal.SIGTERM)
        return child

    monkeypatch.setattr(os, "posix_spawn", spawn_and_signal)
    late = Command("sh", ("-c", f"sleep 0.2; touch {tmp_path / 'done'}"))

    with pytest.raises(InterruptedByUserError), interruptible():
        SystemRunner().run([Job(None, (late,))])

    assert (tmp_path / "done").exists()


def test_also_an_error_that_nobody_thought_of_takes_back_what_was_done(scene: Scene) -> None:
    scene.trials.reach("a")
    child = subprocess.run(
        (sys.executable, "-I", "-c", UNFORESEEN, scene.specs["b"]),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "RecursionError" in child.stderr
    assert "everything is as it was before" in child.stderr
    scene.trials.hold("a")


def test_a_process_that_cannot_be_started_is_said_and_taken_back(scene: Scene) -> None:
    child = subprocess.run(
        (sys.executable, "-I", "-c", CROWDED, scene.specs["a"]),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Too many open files" in child.stderr
    assert "everything is as it was before" in child.stderr
    scene.trials.hold(None)


def stopped_at_once(child: Process) -> str:
    """Send the signal again until it ends, as an impatient user does."""
    while child.poll() is None:
        child.send_signal(signal.SIGINT)
        time.sleep(0.05)
    return child.communicate()[1]


def test_a_second_signal_stops_at_once_and_says_what_to_run_next(scene: Scene) -> None:
    child = scene.in_the_middle("a")
    said = stopped_at_once(child)
    waiting = scene.start("recover", SPEC, "--lock-timeout", "0")
    refused = waiting.communicate()[1]
    scene.slow.release()
    recovered = scene.start("recover", SPEC)
    recovered.communicate()

    assert child.returncode == INTERRUPTED
    assert "netkit recover" in said
    assert waiting.returncode == LOCKED
    assert f"netkit {child.pid} was ended, but a tool it started is still at work" in refused
    assert recovered.returncode == 0
    scene.trials.hold(None)


def test_a_killed_netkit_is_locked_until_its_last_tool_has_ended(scene: Scene) -> None:
    child = scene.killed("a")
    refused = scene.start("apply", scene.specs["a"], "--lock-timeout", "0")
    said = refused.communicate()[1]
    waiting = scene.start("apply", scene.specs["a"])
    scene.slow.release()
    waiting.communicate()

    assert refused.returncode == LOCKED
    assert f"netkit {child.pid} was ended, but a tool it started is still at work" in said
    assert waiting.returncode == 0
    scene.trials.hold("a")


def test_a_tool_that_hangs_is_ended_with_all_that_it_started(scene: Scene) -> None:
    child = subprocess.run(
        (sys.executable, "-I", "-c", HANG, scene.specs["a"]),
        env=scene.slow.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "it did not end within 0.5 s, and was ended" in child.stderr
    assert "everything is as it was before" in child.stderr
    assert host.gone(int(scene.slow.pid.read_text()))
    scene.trials.hold(None)


def test_of_two_at_once_one_is_refused_with_the_pid_of_the_other(scene: Scene) -> None:
    first = scene.in_the_middle("a")
    second = scene.start("apply", scene.specs["b"], "--lock-timeout", "0")
    said = second.communicate()[1]
    scene.slow.release()
    first.communicate()

    assert second.returncode == LOCKED
    assert f"another netkit is at work: pid {first.pid}" in said
    assert first.returncode == 0
    scene.trials.hold("a")


@pytest.mark.parametrize("turn", range(10))
@pytest.mark.parametrize("timeout", ["10", "0"], ids=["who-waits", "who-does-not"])
def test_of_two_at_once_the_result_is_that_of_one_order(
    scene: Scene, timeout: str, turn: int
) -> None:
    children = {
        label: scene.start("apply", scene.specs[label], "--lock-timeout", timeout)
        for label in ("ab" if turn % 2 else "ba")
    }
    said = {label: child.communicate()[1] for label, child in children.items()}
    codes = {label: child.returncode for label, child in children.items()}
    done = [label for label, code in codes.items() if code == 0]

    assert done
    assert set(codes.values()) <= {0, LOCKED}
    assert timeout == "0" or done == list(codes)
    for label in codes.keys() - set(done):
        assert str(children[done[0]].pid) in said[label]
    clean, found = scene.trials.clean, scene.trials.look()
    assert any(host.difference(clean[label], found) == "" for label in done)


def test_killed_from_outside_at_any_moment_it_can_go_on_or_back(
    scene: Scene, count: Counter[str]
) -> None:
    chance = random.Random(4)
    trials = scene.trials
    for turn in range(AT_RANDOM):
        transaction = TRANSACTIONS[turn % len(TRANSACTIONS)]
        way = WAYS[turn % len(WAYS)]
        trials.reach(trials.before(transaction))
        label = trials.after(transaction)
        child = scene.start(*(("apply", scene.specs[label]) if label else ("destroy", SPEC)))
        moment = chance.uniform(0.08, 0.4)
        time.sleep(moment)
        child.kill()
        child.communicate()
        try:
            trials.survive(Case(transaction, "killed", f"{moment:.3f} s", way))
        except Exception as error:
            raise AssertionError(f"{transaction}, killed after {moment:.3f} s, {way}") from error
        count["killed from outside"] += 1

    assert count["killed from outside"] == AT_RANDOM


def test_what_was_cut_off_is_said_and_not_taken_for_done(scene: Scene) -> None:
    scene.killed("a")
    scene.slow.release()
    told = "".join(scene.start("status").communicate())
    recovered = scene.start("recover", SPEC)
    recovered.communicate()
    again = scene.start("destroy", SPEC)
    said = again.communicate()[1]

    assert f"netkit recover {SPEC}" in told
    assert recovered.returncode == 0
    assert again.returncode == 1
    assert f"no spec called {SPEC} is applied" in said
    scene.trials.hold(None)
