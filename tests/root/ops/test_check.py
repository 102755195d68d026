"""Every verb of a check says yes and no, in both families, and never no by mistake."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from netkit.model.topology import Topology
from netkit.ops.check.check import run_checks
from netkit.ops.check.verdict import Verdict
from netkit.spec import topology

from .conftest import Names, tool

pytestmark = pytest.mark.root

Check = dict[str, Any]
Judge = Callable[..., Verdict]
Write = Callable[[str, str, str], Path]

SERVER = (
    "import socket, sys; s = socket.create_server(('', 80)); print(flush=True); sys.stdin.read()"
)


def spec(names: Names, *checks: Check) -> Topology:
    """Say in a spec what the fixture has built."""
    link = {
        "ends": ["a:e0", "b:e0"],
        "addresses": [["10.77.0.1/24", "fd77::1/64"], ["10.77.0.2/24", "fd77::2/64"]],
    }
    return topology(
        {
            "name": "checked",
            "prefix": names.a[:-1],
            "namespaces": {
                "a": {},
                "b": {"devices": {"lo": {"addresses": ["10.78.0.2/32"]}}},
                "c": {"devices": {"lo": {"addresses": ["10.79.0.3/32"]}}},
            },
            "links": [link],
            "checks": list(checks),
        }
    )


@pytest.fixture
def judge(pair: Names) -> Judge:
    """Give the verdict of one check from a."""

    def verdict(verb: str, target: object, **more: object) -> Verdict:
        check = {"from": "a", verb: target, "within": 1, **more}
        (found,) = run_checks(spec(pair, check))
        return found

    return verdict


@pytest.fixture
def web(pair: Names) -> Iterator[None]:
    """Let somebody listen at port 80 of b."""
    with subprocess.Popen(
        ["ip", "netns", "exec", pair.b, "python3", "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.kill()


SERVED = {
    "tcp": ("tcp", "b:8080"),
    "udp": ("udp", "b:8080"),
    "dns": ("udp", "b:53"),
    "http": ("http", "http://b:8080/"),
}


def test_ping_wants_each_family(judge: Judge, pair: Names) -> None:
    verdict = judge("ping", "b")

    assert verdict.passed
    assert "10.77.0.2" in verdict.detail
    assert "fd77::2" in verdict.detail
    assert "ms" in verdict.detail

    tool(f"ip -n {pair.b} address del fd77::2/64 dev e0")
    verdict = judge("ping", "b")

    assert verdict.result == "failed"
    assert verdict.tries > 1
    assert "fd77::2" in verdict.detail


@pytest.mark.parametrize("served", SERVED)
def test_netkit_serves_in_both_families(served: str, judge: Judge) -> None:
    verb, target = SERVED[served]
    verdict = judge(verb, target, serve=True)

    assert verdict.passed, verdict.detail
    assert "10.77.0.2" in verdict.detail
    assert "fd77::2" in verdict.detail


@pytest.mark.parametrize("target", ["10.77.0.2", "[fd77::2]", "10.77.0.1"])
def test_netkit_serves_at_an_address(target: str, judge: Judge) -> None:
    assert judge("tcp", f"{target}:8080", serve=True).passed


def test_netkit_serves_nobody_elses_address(judge: Judge) -> None:
    verdict = judge("tcp", "192.0.2.9:80", serve=True)

    assert verdict.result == "error"
    assert "cannot serve" in verdict.detail


def test_netkit_serves_beside_nobody(judge: Judge, web: None) -> None:
    verdict = judge("tcp", "b:80", serve=True)

    assert verdict.result == "error"
    assert "another program listens" in verdict.detail


def test_nothing_listens_afterwards(judge: Judge) -> None:
    assert judge("tcp", "b:8080", serve=True).passed
    assert judge("tcp", "b:8080", expect="unreachable").passed


def test_many_share_a_server(pair: Names) -> None:
    checks = [{"from": "a", verb: target, "serve": True} for verb, target in SERVED.values()]

    verdicts = run_checks(spec(pair, *checks * 25))

    assert [each.detail for each in verdicts if not each.passed] == []


@pytest.mark.parametrize(
    ("verb", "target"), [("tcp", "b:8080"), ("udp", "b:8080"), ("http", "http://b:8080/")]
)
def test_where_nobody_listens(verb: str, target: str, judge: Judge) -> None:
    assert judge(verb, target).result == "failed"
    assert judge(verb, target, expect="unreachable").passed


def test_who_listens_in_one_family_only(judge: Judge, web: None) -> None:
    assert judge("tcp", "10.77.0.2:80").passed
    assert judge("tcp", "b:80").result == "failed"
    assert judge("tcp", "b:80", expect="unreachable").result == "failed"


def test_a_server_that_speaks_no_http_proves_nothing(judge: Judge, web: None) -> None:
    verdict = judge("http", "http://10.77.0.2/", expect="unreachable")

    assert verdict.result == "error"
    assert "10.77.0.2" in verdict.detail


@pytest.mark.parametrize(
    ("verb", "target"),
    [
        ("ping", "c"),
        ("ping", "10.77.0.99"),
        ("ping", "10.80.0.1"),
        ("ping", "fd99::1"),
        ("tcp", "c:80"),
        ("tcp", "10.77.0.99:80"),
        ("tcp", "10.80.0.1:80"),
        ("tcp", "[fd99::1]:80"),
        ("udp", "c:80"),
        ("udp", "10.77.0.99:80"),
        ("http", "http://c/"),
        ("http", "http://10.77.0.99/"),
    ],
)
def test_what_is_out_of_reach(verb: str, target: str, judge: Judge) -> None:
    verdict = judge(verb, target, expect="unreachable", within=30)

    assert verdict.passed, verdict.detail
    assert verdict.tries == 1  # silence is not tried again for as long as an answer would be
    assert judge(verb, target, within=0.3).result in {"failed", "error"}


def test_what_drops_is_out_of_reach(judge: Judge, pair: Names) -> None:
    for family in ("iptables", "ip6tables"):
        tool(f"ip netns exec {pair.b} {family} -P INPUT DROP")

    verdict = judge("tcp", "b:80", expect="unreachable", serve=True, within=30)

    assert verdict.passed
    assert "no answer in 1 s" in verdict.detail  # not in 30
    assert judge("ping", "b", expect="unreachable").passed


def test_one_open_address_is_too_much(judge: Judge, pair: Names) -> None:
    tool(f"ip netns exec {pair.b} iptables -A INPUT -j DROP")

    verdict = judge("ping", "b", expect="unreachable")

    assert verdict.result == "failed"
    assert verdict.detail.startswith("fd77::2 ")


def test_names(judge: Judge, hosts: Write, pair: Names) -> None:
    hosts(pair.a, "hosts", "10.77.0.2 web\nfd77::2 web\n10.77.0.99 away\n")

    assert judge("resolve", "web").passed
    assert judge("resolve", "b").result == "failed"
    assert judge("http", "http://web:8080/").result == "failed"
    assert judge("http", "http://away/", expect="unreachable").passed
    verdict = judge("http", "http://nowhere/", expect="unreachable")
    assert verdict.result == "error"
    assert "does not resolve" in verdict.detail


def test_commands(judge: Judge, hosts: Write, pair: Names) -> None:
    hosts(pair.a, "hosts", "10.77.0.2 web\n")

    assert judge("run", ["ping", "-c1", "-W1", "web"]).passed
    assert judge("run", ["sh", "-c", "echo why >&2; exit 3"]).detail == "exit code 3: why"
    assert judge("run", ["false"], expect="unreachable").passed
    assert judge("run", ["sleep", "9"], expect="unreachable").passed
    assert judge("run", ["true"], expect="unreachable").result == "failed"
    for mistake in (["no-such-tool"], ["/etc/passwd"], ["sh", "-c", "no-such-tool"]):
        assert judge("run", mistake, expect="unreachable").result == "error"


def test_a_namespace_that_is_not_there_proves_nothing(judge: Judge, pair: Names) -> None:
    tool(f"ip netns delete {pair.a}")

    for verb, target in (("ping", "c"), ("tcp", "c:80"), ("run", ["false"])):
        verdict = judge(verb, target, expect="unreachable")
        assert verdict.result == "error"
        assert f"there is no namespace {pair.a}" in verdict.detail


def test_a_tool_that_is_missing_proves_nothing(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netkit.run.process._paths", {})
    monkeypatch.setattr("netkit.run.process.SYSTEM_PATH", "/nowhere")

    assert judge("ping", "c", expect="unreachable").result == "error"


def test_the_late_are_waited_for(pair: Names) -> None:
    tool(f"ip -n {pair.b} link set dev e0 down")
    up = f"ip -n {pair.b} link set dev e0 up"
    address = f"ip -n {pair.b} address replace fd77::2/64 dev e0 nodad"  # it went with the link
    with subprocess.Popen(["sh", "-c", f"sleep 1; {up}; {address}"]):
        (verdict,) = run_checks(spec(pair, {"from": "a", "ping": "b", "within": 10}))

    assert verdict.passed, verdict.detail
    assert verdict.tries > 1


def test_silence_is_looked_for_last(pair: Names) -> None:
    seen: list[Verdict] = []
    good = {"from": "a", "ping": "b"}
    silent = {"from": "a", "ping": "c", "expect": "unreachable"}
    bad = {"from": "a", "tcp": "b:81", "within": 0.2}

    fine = run_checks(spec(pair, silent, good), on_result=seen.append)
    broken = run_checks(spec(pair, silent, good, bad))

    assert [each.result for each in fine] == ["passed", "passed"]
    assert [each.check.expect for each in seen] == ["reachable", "unreachable"]
    assert [each.result for each in broken] == ["skipped", "passed", "failed"]


def test_the_host_is_a_source_and_netkit_stays_there(pair: Names) -> None:
    checks: list[Check] = [{"from": "host", "run": ["true"]}, {"from": "a", "ping": "b"}] * 20
    here = Path("/proc/thread-self/ns/net").readlink()
    same = {"from": "host", "run": ["sh", "-c", f"test $(readlink /proc/self/ns/net) = '{here}'"]}

    verdicts = run_checks(spec(pair, *checks, *[same] * 20), workers=3)

    assert all(each.passed for each in verdicts)


def test_checks_run_side_by_side(pair: Names, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "meeting")  # where each end waits for the other
    ends = ["echo here > meeting", "read -r said < meeting"]
    checks: list[Check] = [
        {"from": "a", "run": ["sh", "-c", f"cd {tmp_path}; {end}"], "within": 10} for end in ends
    ]

    verdicts = run_checks(spec(pair, *checks), workers=2)

    assert [each.result for each in verdicts] == ["passed", "passed"]
