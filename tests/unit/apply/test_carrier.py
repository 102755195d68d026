"""Which devices are asked so that they notice their carrier at once."""

from __future__ import annotations

from netkit.apply.deferred.carrier import _left_behind
from netkit.facts.link import Device
from netkit.model.link import Veth
from netkit.model.setting import Loan
from netkit.plan.change import Change

LOAN = Loan(netns="a", ifname="wan", home=None, home_ifname="ext0")


def device(ifindex: int, base: int) -> Device:
    return Device(Veth, {}, ifindex, base, elsewhere=True, qdisc="noqueue")


def test_the_far_end_of_a_lent_device_stays_at_home() -> None:
    world = {
        "a": {"wan": device(3, 7)},
        None: {"other": device(7, 4), "ext1": device(7, 3), "more": device(8, 3)},
    }

    assert list(_left_behind([Change(None, LOAN)], world)) == [(None, "ext1")]
    assert list(_left_behind([Change(LOAN, None)], world)) == []


def test_of_a_lent_device_without_a_far_end_nobody_is_asked() -> None:
    world = {"a": {}, None: {"ext1": device(7, 3)}}

    assert list(_left_behind([Change(None, LOAN)], world)) == []
    assert list(_left_behind([Change(None, LOAN)], {})) == []
