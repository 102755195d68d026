"""What is still tentative is waited for, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from netkit.apply.deferred.tentative import outwait
from netkit.model.addressing import Address
from netkit.model.link import Veth
from netkit.model.setting import Sysctl
from netkit.model.state import State
from netkit.run.job import Answer, Job
from netkit.run.runner import Meanwhile

LATE = '[{"ifname":"eth0","addr_info":[{"family":"inet6","local":"fd00::2","tentative":true}]}]'
READY = LATE.replace(',"tentative":true', "")


class Hands:
    """Answer with one text after another, and take down which devices were asked about."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.asked: list[str] = []

    def run(self, jobs: Sequence[Job], meanwhile: Meanwhile | None = None) -> tuple[Answer, ...]:
        self.asked += [str(each) for job in jobs if job.ask for each in job.ask.commands]
        return tuple(Answer(job.netns, (self.texts.pop(0),)) for job in jobs)


def state(*, up: bool = True, accept_dad: str = "0") -> State:
    return State.of(
        (
            Veth(netns="a", ifname="eth0", mtu=1500, up=up, peer="nk-1", peer_netns=None),
            Address(netns="a", ifname="eth0", cidr="10.0.0.2/24"),
            Address(netns="a", ifname="eth0", cidr="fd00::2/64"),
            Sysctl(netns="a", name="net/ipv6/conf/eth0/accept_dad", value=accept_dad),
        )
    )


def test_where_all_is_ready_nothing_is_asked() -> None:
    hands = Hands()

    outwait(hands, state(), ())

    assert hands.asked == []


def test_what_is_late_is_asked_until_it_is_ready() -> None:
    hands = Hands(LATE, READY)

    outwait(hands, state(), {"a"})

    assert hands.asked == ["ip -details -json address show dev eth0"] * 2


def test_neither_detection_nor_a_device_that_is_down_is_waited_for() -> None:
    for wanted in (state(up=False), state(accept_dad="1")):
        hands = Hands()

        outwait(hands, wanted, {"a"})

        assert hands.asked == []
