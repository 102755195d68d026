"""How long one more endpoint takes, by how many networks it does not touch; and Docker beside."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

if not __package__:  # as a file: -I leaves its folder out of the path, and the checkout too
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.inside import Step
from bench.measure import ROOT, Measured, Say, Tools, isolated, note

MEMBERS = 5
TURNS = 5
"""Endpoints that come and go in one run."""


def measure_connect(tools: Tools, *, networks: int, runs: int, say: Say) -> Measured:
    """
    Connect and disconnect an endpoint beside many networks of five endpoints each.

    Raises:
        BenchError: A command failed.
    """
    measured = Measured(f"connect, beside {networks} networks")
    spec = tools.work / f"networks-{networks}.json"
    spec.write_text(json.dumps(_spec(networks)))
    for run in range(runs):
        say(f"{measured.title}: run {run + 1} of {runs}")
        note(measured, isolated("netkit", _steps(tools.netkit, str(spec))))
    return measured


def measure_docker(*, runs: int, say: Say) -> Measured | None:
    """
    Do the same with a Docker daemon of two networks, where one can be started; None elsewhere.

    Raises:
        BenchError: A command failed.
    """
    if not shutil.which("dockerd") or not shutil.which("busybox"):
        return None
    measured = Measured("connect, by Docker")
    for run in range(runs):
        say(f"{measured.title}: run {run + 1} of {runs}")
        words = [str(ROOT / "bin/isolated"), sys.executable, "-I", __file__]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            return None
        note(measured, json.loads(done.stdout))
    return measured


def _spec(networks: int) -> dict[str, object]:
    numbers = range(networks)
    return {
        "name": "many",
        "networks": {f"n{i}": {"subnets": [f"10.{i >> 8}.{i & 255}.0/24"]} for i in numbers},
        "namespaces": {
            **{f"m{i}-{j}": {"networks": [f"n{i}"]} for i in numbers for j in range(MEMBERS)},
            "box": {},
        },
    }


def _steps(netkit: str, spec: str) -> list[Step]:
    connect = [netkit, "network", "connect", "n1", "box", "--no-persist"]
    disconnect = [netkit, "network", "disconnect", "n1", "box", "--no-persist"]
    turn = [_step("connect", connect), _step("disconnect", disconnect)]
    return [_step("apply", [netkit, "apply", spec]), *turn * TURNS]


def _step(name: str, argv: list[str]) -> Step:
    return {"name": name, "argv": argv, "ping": [], "gone": False}


def beside() -> int:
    """Run Docker's turns in the network this process is in, and print what they took."""
    from tests.root.docker import Docker  # with an image that needs no registry

    folder = Path(tempfile.mkdtemp(prefix="netkit-bench-docker-"))
    docker = Docker(folder)
    results: list[dict[str, object]] = []
    try:
        for name in ("n0", "n1"):
            docker("network", "create", name)
        docker.run("box", "--network", "n0")
        for verb in ("connect", "disconnect") * TURNS:
            began = time.monotonic()
            docker("network", verb, "n1", "box")
            took = (time.monotonic() - began) * 1000
            results.append({"name": verb, "ms": took, "cpu_ms": 0, "mb": 0})
    finally:
        docker.stop()
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(beside())
