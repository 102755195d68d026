from __future__ import annotations

from netkit.apply.schedule import COIL, schedule
from netkit.command import link, netns, sysctl
from netkit.command.step import Step
from netkit.model.link import Dummy, Veth
from netkit.model.netns import Namespace
from netkit.model.object import Object
from netkit.plan.change import Change
from netkit.plan.phase import Phase, Planned, Rank
from netkit.run.job import Ask, Job


def planned(phase: Phase, step: Step, made: Object | None = None) -> Planned:
    return Planned(phase, Rank.FIRST, step, Change(None, made or Namespace(netns="x")), "")


def prepared(place: str) -> Planned:
    step = sysctl.write("net/ipv4/ip_forward", 0).within(place)
    return planned(Phase.PREPARE, step)


def cable(far: str) -> Planned:
    step = link.add_veth(f"to-{far}", "eth0", peer_netns=far).within("hub")
    end = Veth(netns="hub", ifname=f"to-{far}", mtu=1500, up=True, peer="eth0", peer_netns=far)
    return planned(Phase.CONNECT, step, end)


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
    (first,), (one, two) = schedule(steps, {}, mounted=False)

    assert first.steps == (steps[0].step,)
    assert len(one.steps) == len(two.steps) == 20


def test_a_cable_is_laid_when_both_its_places_are_prepared() -> None:
    names = [f"h{number}" for number in range(COIL + 1)]
    steps = [*map(prepared, ("hub", *names, "other")), *map(cable, names)]
    (jobs,) = schedule(steps, {})
    *before, first, second = jobs

    assert [job.netns for job in before] == ["hub", *names, "other"]
    assert [job.after for job in before] == [()] * len(before)
    assert (first.netns, len(first.steps)) == ("hub", COIL)
    assert first.after == tuple(range(COIL + 1))
    assert (second.netns, len(second.steps)) == ("hub", 1)
    assert second.after == (0, COIL + 1, len(before))


def test_other_devices_are_made_when_all_is_prepared() -> None:
    dummy = planned(Phase.CONNECT, link.add_dummy("d0").within("a"), Dummy(netns="a", ifname="d0"))
    (jobs,) = schedule([prepared("a"), prepared("b"), dummy], {})

    assert [job.after for job in jobs] == [(), (), (0, 1)]


def test_what_must_go_first_parts_preparing_from_connecting() -> None:
    gone = planned(Phase.REMOVE, link.delete("old").within("h0"))

    assert [
        [job.after for job in jobs] for jobs in schedule([prepared("h0"), gone, cable("h0")], {})
    ] == [
        [()],
        [()],
        [()],
    ]
