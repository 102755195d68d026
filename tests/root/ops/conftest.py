"""
Two namespaces with a cable, both families, and a third that nobody reaches.

    A 10.77.0.1, fd77::1 ── cable ── B 10.77.0.2, fd77::2 (and lo 10.78.0.2)      C 10.79.0.3
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[3]
EXEC = """
import sys
from netkit.errors import NetkitError
from netkit.ops.exec import exec_in, shell_in
try:
    shell_in(sys.argv[1]) if len(sys.argv) == 2 else exec_in(sys.argv[1], sys.argv[2:])
except NetkitError as error:
    print(error.message, error.hint, sep="\\n", file=sys.stderr)
    sys.exit(error.exit_code)
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


class Names(NamedTuple):
    """The namespaces of a test."""

    a: str
    b: str
    c: str


def tool(line: str) -> None:
    subprocess.run(line.split(), check=True, capture_output=True)


@pytest.fixture
def names() -> Iterator[Names]:
    """Give names that nobody else has; what is called so is gone afterwards."""
    unique = f"ops{os.getpid()}"
    given = Names(*(f"{unique}{letter}" for letter in "abc"))
    yield given
    for name in given:
        subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        shutil.rmtree(f"/etc/netns/{name}", ignore_errors=True)


@pytest.fixture
def pair(names: Names) -> Names:
    """Build the network."""
    for name in names:
        tool(f"ip netns add {name}")
        tool(f"ip -n {name} link set dev lo up")
        # Else the first second has no IPv6: a neighbour is asked from the link-local address.
        tool(f"ip netns exec {name} sysctl -w net.ipv6.conf.default.accept_dad=0")
    tool(f"ip link add name e0 netns {names.a} type veth peer name e0 netns {names.b}")
    for last, name in enumerate((names.a, names.b), start=1):
        tool(f"ip -n {name} address add 10.77.0.{last}/24 dev e0")
        tool(f"ip -n {name} address add fd77::{last}/64 dev e0 nodad")
        tool(f"ip -n {name} link set dev e0 up")
    # A question to the one device makes the kernel see its carrier now, not within a second.
    tool(f"ip -n {names.a} link show dev e0")
    tool(f"ip -n {names.b} link show dev e0")
    tool(f"ip -n {names.b} address add 10.78.0.2/32 dev lo")
    tool(f"ip -n {names.c} address add 10.79.0.3/32 dev lo")
    tool(f"ip -n {names.a} route add blackhole 10.80.0.0/24")
    return names


@pytest.fixture
def hosts(pair: Names) -> Callable[[str, str, str], Path]:
    """Write a file under /etc/netns."""

    def write(name: str, file: str, text: str) -> Path:
        path = Path("/etc/netns") / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def words(*argv: str) -> list[str]:
    """Give the words that run netkit's exec; a single one is the namespace of a shell."""
    return [sys.executable, "-c", EXEC, *argv]


@pytest.fixture
def netkit_exec() -> Run:
    """Run netkit's exec, as its command line does."""

    def run(*argv: str, input: str = "", env: dict[str, str] | None = None):  # type: ignore[no-untyped-def] # noqa: ANN202
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
        return subprocess.run(
            words(*argv),
            check=False,
            input=input,
            capture_output=True,
            text=True,
            env=environment,
            timeout=20,
        )

    return run
