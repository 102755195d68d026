"""A verb that is cut off is the same transaction: go on, or back, or try again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.root.apply.conftest import Ground, differences, snapshot
from tests.root.safety.conftest import Netkit
from tests.root.waiting import eventually

pytestmark = pytest.mark.root

ROOT = Path(__file__).parents[3]
# Ends netkit, as kill -9 would, when so many jobs that change something were begun.
CUT = """
import os, sys
from netkit.run.system import SystemRunner
original, left = SystemRunner.do, int(sys.argv[1])
def do(self, job, *rest, **more):
    global left
    if job.steps:
        if left == 0:
            os._exit(9)
        left -= 1
    return original(self, job, *rest, **more)
SystemRunner.do = do
from netkit.cli.main import run as netkit
sys.exit(netkit(sys.argv[2:]))
"""
CONNECT = ("network", "connect", "front", "con1")


def cut_off(jobs: int) -> bool:
    """Connect, and be killed; False when it came to its end before."""
    done = subprocess.run(
        (sys.executable, "-c", CUT, str(jobs), *CONNECT),
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode in {0, 9}, done.stderr
    return done.returncode == 9


@pytest.fixture
def built(netkit: Netkit) -> Netkit:
    netkit(*["network", "create", "back", "--subnet", "10.91.0.0/24"])
    netkit(*["network", "create", "front", "--subnet", "10.92.0.0/24"])
    netkit("namespace", "create", "con1", "--network", "back")
    netkit("namespace", "create", "con2", "--network", "front")
    return netkit


def look() -> dict[str | None, dict[str, object]]:
    return {netns: snapshot(netns) for netns in (None, "con1", "con2")}


def unlike(one: dict[str | None, dict[str, object]]) -> list[str]:
    return [f"{n}: {line}" for n, facts in look().items() for line in differences(one[n], facts)]


def again(netkit: Netkit) -> None:
    netkit(*CONNECT)


def apply(netkit: Netkit) -> None:
    """Go on with what the memory of the cut-off transaction wants: the spec as it was."""
    path = netkit.folder / "local.json"
    path.write_text(netkit("export", "local").out)
    netkit("apply", str(path))


def recover(netkit: Netkit) -> None:
    netkit("recover", "local")


@pytest.mark.parametrize(("way", "connected"), [(again, True), (recover, False), (apply, False)])
def test_wherever_it_is_killed(
    ground: Ground, built: Netkit, way: Callable[[Netkit], None], connected: bool
) -> None:
    before = look()
    built(*CONNECT)
    after = look()
    built("network", "disconnect", "front", "con1")
    assert unlike(before) == []
    jobs = 0
    while cut_off(jobs):
        assert "cut off" in built("status", code=3).out

        way(built)

        wanted = after if connected else before
        eventually(lambda: unlike(wanted) == [])  # noqa: B023 - asked at once
        assert unlike(wanted) == [], jobs
        assert built("status").code == 0
        if connected:
            built("network", "disconnect", "front", "con1")
        assert unlike(before) == []
        jobs += 1
    assert jobs > 2
