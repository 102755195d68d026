from __future__ import annotations

from netkit.apply.growth import BATCH
from netkit.apply.schedule import schedule
from netkit.command import link, sysctl
from netkit.command.step import Step
from netkit.model.link import Bridge, Dummy, Veth
from netkit.model.netns import Namespace
from netkit.model.object import Object
from netkit.plan.change import Change
from netkit.plan.phase import Phase, Planned, Rank
from netkit.run.job import Job

NAMES = [f"h{number}" for number in range(BATCH + 1)]


def planned(phase: Phase, step: Step, made: Object) -> Planned:
    return Planned(phase, Rank.FIRST, step, Change(None, made), "")


def prepared(place: str) -> Planned:
    step = sysctl.write("net/ipv4/ip_forward", 0).within(place)
    return planned(Phase.PREPARE, step, Namespace(netns=place))


def cable(far: str) -> Planned:
    step = link.add_veth(f"to-{far}", "eth0", peer_netns=far).within("hub")
    end = Veth(netns="hub", ifname=f"to-{far}", mtu=1500, up=True, peer="eth0", peer_netns=far)
    return planned(Phase.CONNECT, step, end)


def row(*steps: Planned) -> tuple[Job, ...]:
    (jobs,) = schedule(steps, {})
    return jobs


def needs(jobs: tuple[Job, ...], index: int) -> set[str]:
    """Name where what a job waits for is done, with all that these wait for."""
    found: set[str] = set()
    for each in jobs[index].after:
        found |= {str(step) for step in jobs[each].steps} | needs(jobs, each)
    return found


def test_a_cable_is_laid_when_its_places_are_there_and_no_later() -> None:
    switch = planned(
        Phase.CONNECT, link.add_bridge("br0").within("hub"), Bridge(netns="hub", ifname="br0")
    )
    places = ("hub", *NAMES, "other")
    jobs = row(*map(prepared, places), switch, *map(cable, NAMES))
    cables = [index for index, job in enumerate(jobs) if "link add" in str(job.steps[0])]

    assert [len(jobs[index].steps) for index in cables] == [BATCH, 2]
    first, second = (needs(jobs, index) for index in cables)
    for name in ("hub", *NAMES[: BATCH - 1]):
        assert str(prepared(name).step) in first
    assert str(prepared(NAMES[BATCH]).step) not in first
    assert str(prepared(NAMES[BATCH]).step) in second
    assert str(switch.step) in second


def test_what_a_cable_needs_comes_before_what_it_needs_not() -> None:
    jobs = row(*map(prepared, ("other", *NAMES, "hub")), *map(cable, NAMES[:1]))

    assert [job.netns for job in jobs[:4]] == ["h0", "hub", "hub", "other"]
    assert [job.after for job in jobs[:4]] == [(), (), (0, 1), ()]
    assert len(jobs) == BATCH + 4


def test_other_devices_are_made_when_all_is_prepared() -> None:
    made = Dummy(netns="a", ifname="d0")
    dummy = planned(Phase.CONNECT, link.add_dummy("d0").within("a"), made)

    assert [job.after for job in row(prepared("a"), prepared("b"), dummy)] == [(), (), (0, 1)]


def test_where_something_must_go_first_nothing_overlaps() -> None:
    gone = planned(Phase.REMOVE, link.delete("old").within("h0"), Namespace(netns="h0"))
    rows = list(schedule([prepared("h0"), gone, cable("h0")], {}))

    assert [[job.after for job in jobs] for jobs in rows] == [[()], [()], [()]]
