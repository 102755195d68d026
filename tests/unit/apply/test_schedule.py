from __future__ import annotations

from netkit.apply.schedule import schedule
from netkit.command import link, netns
from netkit.command.command import Command
from netkit.model.netns import Namespace
from netkit.plan.change import Change
from netkit.plan.phase import Phase, Planned, Rank
from netkit.run.job import Ask, Job


def planned(phase: Phase, step: Command) -> Planned:
    return Planned(phase, Rank.FIRST, step, Change(None, Namespace(netns="x")), "")


def test_a_phase_is_a_job_for_each_namespace_in_it() -> None:
    one = planned(Phase.CONFIGURE, link.set_up("lo").within("a"))
    two = planned(Phase.CONFIGURE, link.set_up("eth0").within("a"))
    other = planned(Phase.CONFIGURE, link.set_up("lo").within("b"))
    last = planned(Phase.RAISE, link.set_up("br0"))

    assert list(schedule((one, two, other, last), {})) == [
        (Job("a", (one.step, two.step)), Job("b", (other.step,))),
        (Job(None, (last.step,)),),
    ]


def test_a_namespace_is_asked_in_its_last_job() -> None:
    up = planned(Phase.CONFIGURE, link.set_up("lo").within("a"))
    raised = planned(Phase.RAISE, link.set_up("br0").within("a"))
    ask = Ask("a", (link.show(),))

    assert list(schedule((up, raised), {"a": ask})) == [
        (Job("a", (up.step,)),),
        (Job("a", (raised.step,), ask),),
    ]


def test_what_was_asked_before_others_reach_in_would_not_stand() -> None:
    early = planned(Phase.PREPARE, link.set_up("lo").within("a"))

    assert list(schedule((early,), {"a": Ask("a", (link.show(),))})) == [(Job("a", (early.step,)),)]


def test_many_independent_steps_share_the_lanes() -> None:
    steps = [planned(Phase.NETNS, netns.add(f"n{number}")) for number in range(40)]
    ((one, two),) = schedule(steps, {})

    assert len(one.steps) == len(two.steps) == 20
    assert {*one.steps, *two.steps} == {item.step for item in steps}


def test_the_first_namespace_of_all_is_added_alone() -> None:
    steps = [planned(Phase.NETNS, netns.add(f"n{number}")) for number in range(41)]
    ((first, one, two),) = schedule(steps, {}, mounted=False)

    assert first.steps == (steps[0].step,)
    assert len(one.steps) == len(two.steps) == 20
    assert one.after == two.after == (0,)
