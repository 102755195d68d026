"""plan, diff, apply --dry-run, status and destroy, on a machine that only answers questions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from netkit.expand.ipam.allotments import Allotments
from netkit.state.memory import Memory, Stored
from tests.cli.conftest import Netkit, Tools

SPEC = {
    "name": "lab",
    "namespaces": {"a": {"routes": [{"to": "default", "via": "10.0.0.2"}]}, "b": {}},
    "links": [{"ends": ["a:x", "b:y"], "subnet": "10.0.0.0/30", "rate": "10mbit"}],
    "checks": [{"from": "a", "ping": "b"}],
}
PLAN = """\
+ namespace a
  + veth x (to b:y)
  + tbf on x (rate 10mbit)
  + address 10.0.0.1/30 on x
  + route default via 10.0.0.2 dev x
  + 6 sysctls

+ namespace b
  + veth y (to a:x)
  + tbf on y (rate 10mbit)
  + address 10.0.0.2/30 on y
  + 6 sysctls

host
  + file /etc/netns/a/hosts
  + file /etc/netns/b/hosts

"""


@pytest.fixture
def spec(tools: Tools, tmp_path: Path) -> str:
    path = tmp_path / "lab.json"
    path.write_text(json.dumps(SPEC))
    return str(path)


@pytest.fixture
def memory() -> Iterator[Memory]:
    opened = Memory(Path(os.environ["NETKIT_STATE_DIR"]))
    yield opened
    opened.close()


def test_plan_is_calm(netkit: Netkit, spec: str) -> None:
    said = netkit("plan", spec)

    assert said.code == 0
    assert said.out.startswith(PLAN)
    assert said.out.splitlines()[-1].startswith("lab: 23 to create, by ")
    assert said.err == f"next: netkit apply {spec}\n"


def test_plan_explained_gives_each_command_a_reason(netkit: Netkit, spec: str) -> None:
    lines = netkit("plan", "--explain", spec).out.splitlines()
    at = lines.index("ip -n a route add 0.0.0.0/0 via 10.0.0.2 dev x")

    assert lines[at - 1] == "# the way to everything not said otherwise"


def test_plan_with_steps_ends_with_the_lines_of_a_dry_run(netkit: Netkit, spec: str) -> None:
    steps = netkit("apply", "--dry-run", spec).out

    assert "ip netns add a\n" in steps
    assert steps in netkit("plan", "--steps", spec).out


def test_plan_as_a_script(netkit: Netkit, spec: str) -> None:
    said = netkit("plan", "--format", "sh", spec)
    lines = [line for line in said.out.splitlines() if line and not line.startswith(("#", "set "))]

    assert said.out.startswith("#!/bin/sh\n")
    assert "\n".join(lines) == netkit("apply", "--dry-run", spec).out.rstrip("\n")


def test_plan_for_machines(netkit: Netkit, spec: str) -> None:
    said = netkit("plan", "--format", "json", spec)
    data = said.json["data"]
    veth = next(each for each in data["changes"] if each["object"] == "veth x (to b:y)")

    assert said.json["status"] == "differences"
    assert data["summary"] == {"create": 23, "change": 0, "replace": 0, "delete": 0}
    assert (veth["verb"], veth["netns"], veth["pointer"]) == ("create", "a", "/links/0")
    assert veth["before"] is None
    assert veth["after"]["ifname"] == "x"
    assert data["steps"][0]["command"] == "ip netns add a"
    assert netkit("plan", "--json", spec).json == said.json


def test_exit_codes_of_looking(netkit: Netkit, spec: str) -> None:
    assert netkit("plan", spec).code == 0
    assert netkit("plan", "--detailed-exitcode", spec).code == 3
    assert netkit("diff", spec).code == 3
    assert netkit("diff", spec, "--json").json["status"] == "differences"


def test_diff_says_what_is_wrong_and_what_mends_it(netkit: Netkit, spec: str) -> None:
    said = netkit("diff", spec, "--name", "two")

    assert said.out.splitlines()[-1] == "two: 23 missing"
    assert said.err == f"next: netkit apply {spec} --name two\n"


def test_looking_runs_nothing_that_changes(netkit: Netkit, tools: Tools, spec: str) -> None:
    for command in (["plan"], ["diff"], ["apply", "--dry-run"]):
        netkit(*command, spec)

    assert [line for line in tools.log if " add " in line or " set " in line] == []


def test_changing_needs_root(netkit: Netkit, spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    for words in (["apply", spec], ["destroy", "lab"], ["destroy", "--all"], ["recover", "lab"]):
        said = netkit(*words)

        assert said.code == 5
        assert "hint: try sudo" in said.err


def test_status_of_nothing(netkit: Netkit, tools: Tools) -> None:
    said = netkit("status")

    assert (said.code, said.out) == (0, "no spec is applied\n")
    assert netkit("status", "--json").json["data"] == {"specs": []}


def test_status_of_what_has_drifted(
    netkit: Netkit, tools: Tools, spec: str, memory: Memory
) -> None:
    memory.keep(Stored("lab", netkit("render", spec).out, Allotments().to_json()))
    said = netkit("status")

    assert said.code == 3
    assert said.out.splitlines() == [
        "STATE    SPEC  NAMESPACES  DIFFERENCES",
        "drifted  lab   2           23 missing",
    ]
    assert netkit("status", "lab", "--json").json["status"] == "differences"


@pytest.mark.parametrize(
    "words", [["status", "shop"], ["destroy", "--dry-run", "shop"]], ids=" ".join
)
def test_a_name_that_is_not_applied(netkit: Netkit, tools: Tools, words: list[str]) -> None:
    said = netkit(*words)

    assert said.code == 1
    assert said.err.splitlines() == ["error: no spec called shop is applied", "hint: applied: none"]


def test_status_of_what_cannot_be_read(netkit: Netkit, tools: Tools, memory: Memory) -> None:
    memory.keep(Stored("lab", "{", Allotments().to_json()))
    said = netkit("status")

    assert said.code == 3
    assert said.out.splitlines()[1].split()[:3] == ["unknown", "lab", "-"]


def test_destroy_of_what_is_gone_already_has_nothing_to_do(
    netkit: Netkit, tools: Tools, spec: str, memory: Memory
) -> None:
    memory.keep(Stored("lab", netkit("render", spec).out, Allotments().to_json()))
    for target in ("lab", spec):
        said = netkit("destroy", "--dry-run", target)

        assert (said.code, said.out) == (0, "")
        assert said.err == "lab: nothing to do\n"


def test_a_rehearsed_end_of_nothing_is_told(netkit: Netkit, tools: Tools) -> None:
    said = netkit("destroy", "--all", "--dry-run")

    assert (said.code, said.out, said.err) == (0, "", "nothing to do\n")


def test_destroy_all_speaks_of_each(
    netkit: Netkit, tools: Tools, spec: str, memory: Memory
) -> None:
    memory.keep(Stored("lab", netkit("render", spec).out, Allotments().to_json()))
    plans = netkit("destroy", "--all", "--dry-run", "--json").json["data"]["plans"]

    assert [each["name"] for each in plans] == ["lab", "--all"]
