"""The hands, on the real kernel: they go where they are told, and come back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from netkit.command import addr, link, sysctl
from netkit.command.command import Command
from netkit.errors import AbsentError, CommandError
from netkit.run import procfs
from netkit.run.job import Ask, Job
from netkit.run.process import call
from netkit.run.system import SystemRunner

pytestmark = pytest.mark.root


@pytest.fixture
def places() -> Iterator[tuple[str, ...]]:
    names = tuple(f"hands{number}" for number in range(6))
    for name in names:
        subprocess.run(["ip", "netns", "add", name], check=True)
    yield names
    for name in names:
        subprocess.run(["ip", "netns", "delete", name], check=False)


def made(netns: str | None, kind: str = "bridge") -> list[str]:
    inside = ["-n", netns] if netns else []
    said = subprocess.run(
        ["ip", *inside, "-brief", "link", "show", "type", kind], capture_output=True, check=True
    ).stdout.decode()
    return [line.split()[0] for line in said.splitlines()]


def test_each_job_is_done_in_its_own_namespace_and_the_hosts_on_the_host(
    places: tuple[str, ...],
) -> None:
    jobs = [
        Job(where, (link.add_bridge(f"b{number}").within(where),))
        for number, where in enumerate([*places[:3], None, *places[3:]])
    ]
    try:
        SystemRunner(workers=2).run(jobs)

        assert [made(where) for where in (*places[:3], None, *places[3:])] == [
            [f"b{number}"] for number in range(7)
        ]
    finally:
        subprocess.run(["ip", "link", "delete", "b3"], check=True)


def test_a_kernel_parameter_is_written_in_the_jobs_namespace(places: tuple[str, ...]) -> None:
    name = "net/ipv4/ip_forward"
    before = Path(f"/proc/sys/{name}").read_text()
    step = sysctl.write(name, 1).within(places[0])
    (answer,) = SystemRunner().run([Job(places[0], (step,), Ask(places[0], sysctls=(name,)))])

    assert answer.sysctls == {name: "1"}
    assert Path(f"/proc/sys/{name}").read_text() == before


def test_a_kernel_parameter_that_can_only_be_written_is_written(places: tuple[str, ...]) -> None:
    name = "net/ipv4/route/flush"
    step = sysctl.write(name, 1).within(places[0])
    (answer,) = SystemRunner().run([Job(places[0], (step,), Ask(places[0], sysctls=(name,)))])

    assert answer.sysctls == {}


def test_forwarding_of_all_reaches_what_differs_although_it_reads_so(
    places: tuple[str, ...],
) -> None:
    every, default = (f"net/ipv6/conf/{where}/forwarding" for where in ("all", "default"))
    first = sysctl.write(default, 1).within(places[0])
    then = sysctl.write(every, 0).within(places[0])
    ask = Ask(places[0], sysctls=(every, default))
    (answer,) = SystemRunner().run([Job(places[0], (first, then), ask)])

    assert answer.sysctls == {every: "0", default: "0"}


@pytest.mark.parametrize("may", [True, False], ids=["of its own", "where that may not be"])
def test_who_visits_many_namespaces_does_so_with_another_procfs(
    places: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, may: bool
) -> None:
    name = "net/ipv4/ip_default_ttl"
    mounted, made = procfs._mounted, list[int | None]()

    def noted() -> int | None:
        made.append(mounted() if may else None)
        return made[-1]

    monkeypatch.setattr(procfs, "MANY", 2)
    monkeypatch.setattr(procfs, "_mounted", noted)
    jobs = [
        Job(where, (sysctl.write(name, 70 + number).within(where),), Ask(where, sysctls=(name,)))
        for number, where in enumerate(places)
    ]
    before = os.listdir("/proc/self/fd")
    answers = SystemRunner(workers=1).run(jobs)

    assert [each.sysctls for each in answers] == [{name: f"{70 + each}"} for each in range(6)]
    assert [each is not None for each in made] == ([True, True] if may else [False])
    assert os.listdir("/proc/self/fd") == before
    said = ["ip", "netns", "exec", places[5], "cat", f"/proc/sys/{name}"]
    assert subprocess.run(said, capture_output=True, check=True).stdout == b"75\n"


def test_the_process_that_builds_also_answers(places: tuple[str, ...]) -> None:
    steps = (link.set_up("lo").within(places[0]),)
    ask = Ask(places[0], (link.show("lo"), addr.show("lo")))
    (answer,) = SystemRunner().run([Job(places[0], steps, ask)])

    assert len(answer.texts) == 2
    assert all('"ifname":"lo"' in text for text in answer.texts)


def test_a_namespace_that_is_not_there_is_missing_to_ask_and_an_error_to_change() -> None:
    (answer,) = SystemRunner().run([Job("nowhere", ask=Ask("nowhere", (link.show(),)))])

    assert answer.missing
    with pytest.raises(AbsentError, match="nowhere"):
        SystemRunner().run([Job("nowhere", (link.set_up("lo"),))])


def test_a_process_that_ended_meanwhile_is_said_to_have_ended() -> None:
    with subprocess.Popen(("true",)) as ended:
        pass
    step = link.add_veth("near", "far", peer_netns=f"/proc/{ended.pid}/ns/net")

    with pytest.raises(AbsentError) as caught:
        SystemRunner().run([Job(None, (step,))])
    assert "its process has ended" in caught.value.hint


def test_a_failure_names_the_very_line_and_the_others_are_finished(
    places: tuple[str, ...],
) -> None:
    wrong = link.set_up("eth9").within(places[0])
    meanwhile = Command("sleep", ("0.3",))  # the other is under way by then
    jobs = [
        Job(
            places[0],
            (meanwhile, link.set_up("lo").within(places[0]), wrong, link.set("lo", up=False)),
        ),
        Job(places[1], (link.add_bridge("b0").within(places[1]),)),
    ]

    with pytest.raises(AbsentError, match="ip -n hands0 link set dev eth9 up") as caught:
        SystemRunner(workers=2).run(jobs)
    assert caught.value.step == wrong
    assert made(places[1]) == ["b0"]


def test_a_tool_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    step = Command("sh", ("-c", f"sleep 600 & echo $! > {note}; wait"))

    with pytest.raises(CommandError, match="did not end within"):
        SystemRunner(limit=0.5).run([Job(None, (step,))])
    with pytest.raises(ProcessLookupError):
        _wait_until_gone(int(note.read_text()))


def test_what_is_said_to_a_tool_arrives_whole() -> None:
    text = "x" * 3_000_000

    assert call(("cat",), input=text).stdout == text


def _wait_until_gone(pid: int) -> None:
    for _ in range(1000):
        os.kill(pid, 0)
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            raise ProcessLookupError  # ended; nobody has waited for it yet
        os.sched_yield()
    pytest.fail("it still runs")
