"""What a command imports before it does anything: start-up is measured, and that is its cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.cli.conftest import ROOT

MAIN = str(ROOT / "netkit" / "__main__.py")
LOADED = (
    "import os, sys; end = os._exit\n"
    "os._exit = lambda code: (print(*sys.modules, file=sys.stderr, flush=True), end(code))\n"
)
RUN = f"sys.argv = sys.argv[1:]; import runpy; runpy.run_path({MAIN!r}, run_name='__main__')"
HEAVY = {
    "pydantic",
    "rich",
    "rich.console",
    "asyncio",
    "jsonschema",
    "sh",
    "yaml",
    "urllib.request",
}


def modules(words: Sequence[str]) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOADED + RUN, MAIN, *words],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--version"], ["--help"]], ids=" ".join)
def test_what_is_answered_at_once_needs_no_typer(words: list[str]) -> None:
    assert (
        modules(words) & {"typer", "netkit.cli.typed.lazy", "netkit.spec", "dataclasses"} == set()
    )


@pytest.mark.parametrize(
    "words",
    [
        ["validate", "examples/shop.json"],
        ["render", "examples/shop.json"],
        ["apply", "--help"],
        ["link", "set", "eth0", "--mtu", "1400", "--dry-run"],
        ["route", "add", "default", "--via", "10.0.0.1", "--dry-run"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_on_the_way(words: list[str]) -> None:
    assert modules(words) & HEAVY == set()


def test_to_apply_needs_nothing_that_takes_long_to_import() -> None:
    wanted = "netkit.cli.commands.apply, netkit.cli.typed.direct"
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {wanted}"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"{code}; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    slow = {
        "typer",
        "inspect",
        "subprocess",
        "socket",
        "pathlib",
        "shutil",
        "dataclasses",
        "difflib",
    }

    assert {*done.stdout.split()} & (HEAVY | slow) == set()


def test_a_thin_verb_knows_nothing_of_specs() -> None:
    loaded = modules(["link", "set", "eth0", "--mtu", "1400", "--dry-run"])

    assert loaded & {"netkit.spec", "netkit.expand", "netkit.plan", "sqlite3"} == set()


def cpu_seconds(argv: tuple[str, ...]) -> float:
    null = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=[null])
    used = os.wait4(pid, 0)[2]
    return used.ru_utime + used.ru_stime


def test_version_takes_less_than_60_ms_more_than_python_itself() -> None:
    python = (sys.executable, "-I")
    runs = [
        (cpu_seconds((*python, MAIN, "--version")), cpu_seconds((*python, "-c", "pass")))
        for _ in range(9)
    ]
    ours, theirs = (statistics.median(each) for each in zip(*runs, strict=True))

    assert ours - theirs < 0.060
