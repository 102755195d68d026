"""Has the trials done by two processes, each in a network of its own, and counts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.root.faults.trials import PARTNERS, TRANSACTIONS

ROOT = Path(__file__).parents[3]
AT_ONCE = 2
# The host matters to those examples that have something there, so these are tried on both.
GROUNDS = [(name, "busy") for name in sorted(PARTNERS)] + [("shop", "quiet"), ("star-100", "quiet")]
# What takes longest begins first.
LONG = ("shop", "vxlan-ipv6", "star-100", "two-lans", "vxlan", "router-chain")
# One of so many steps is tried, by default; NETKIT_FAULTS=all tries every one in every way.
SHARE = {"unheard": 3, "stranded": 8, "killed twice": 8}
ALL = {"stranded": 2, "killed twice": 2}

Told = dict[str, dict[str, Any]]
counted: Counter[str] = Counter()


def share() -> dict[str, int]:
    return ALL if os.environ.get("NETKIT_FAULTS") == "all" else SHARE


def tried(name: str, ground: str) -> Told:
    """Do all trials of an example; give what came of each transaction."""
    done = subprocess.run(
        (ROOT / "bin/isolated", sys.executable, "-I", "-m", "tests.root.faults.worker")
        + (name, ground, json.dumps(share()), *TRANSACTIONS),
        capture_output=True,
        text=True,
        check=False,
    )
    told = {found["transaction"]: found for found in map(json.loads, done.stdout.splitlines())}
    if done.returncode:
        raise RuntimeError(f"the trials of {name} broke off:\n{done.stderr}")
    return told


@pytest.fixture(scope="session")
def trials(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], Future[Told]]]:
    """Give what comes of the trials of each example and ground that a test asks for."""
    asked = {
        place
        for item in request.session.items
        for place in GROUNDS
        if f"[{'-'.join(place)}" in item.name or f"-{'-'.join(place)}]" in item.name
    }
    order = sorted(
        asked, key=lambda place: LONG.index(place[0]) if place[0] in LONG else len(LONG)
    )
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        yield {place: pool.submit(tried, *place) for place in order}


@pytest.fixture(scope="session")
def count() -> Counter[str]:
    """Count the cases that were tried, to be said in the end."""
    return counted


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if counted:
        each = ", ".join(f"{number} {kind}" for kind, number in sorted(counted.items()))
        terminalreporter.write_line(f"faults: {sum(counted.values())} cases: {each}")
