"""Has the trials done by two processes, each in a network of its own, and counts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.root import switch
from tests.root.faults.courses import CROWDED, LENT, PARTNERS, VERBS, transactions

ROOT = Path(__file__).parents[3]
AT_ONCE = 2
# The host matters to those examples that have something there, so these are tried on both.
GROUNDS = [
    *((name, "busy") for name in (*sorted(PARTNERS), CROWDED, LENT, VERBS)),
    *(("shop", "quiet"), ("star-100", "quiet")),
]
# What takes longest begins first.
LONG = (VERBS, "shop", "vxlan-ipv6", "star-100", "two-lans", "vxlan", "router-chain")
# One of so many steps is tried. Each fails or is the last, and in short plans both, one after
# another. NETKIT_FAULTS=all tries every step in both ways.
SHARE = {"long": 4, "unheard": 5, "stranded": 9, "killed twice": 9}
ALL = {"stranded": 2, "killed twice": 2}

Told = dict[str, dict[str, Any]]
counted: Counter[str] = Counter()


class Found(NamedTuple):
    """How many cases there were, and what went wrong."""

    number: int
    failures: list[str]


def share() -> dict[str, int]:
    return ALL if os.environ.get("NETKIT_FAULTS") == "all" else SHARE


def tried(name: str, ground: str) -> Told:
    """Do all trials of a course; give what came of each transaction."""
    words = ("-I", "-m", "tests.root.faults.worker", name, ground, json.dumps(share()))
    done = subprocess.run(
        (ROOT / "bin/isolated", sys.executable, *words, *transactions(name)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the trials of {name} broke off:\n{done.stderr}")
    return {found["transaction"]: found for found in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="session")
def trials(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], Future[Told]]]:
    """Give what comes of the trials of each course and ground that a test asks for."""
    asked = {
        place
        for item in request.session.items
        for place in GROUNDS
        if f"[{'-'.join(place)}" in item.name or f"-{'-'.join(place)}]" in item.name
    }
    order = sorted(asked, key=lambda place: LONG.index(place[0]) if place[0] in LONG else len(LONG))
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        yield {place: pool.submit(tried, *place) for place in order}


@pytest.fixture(scope="session")
def told(trials: dict[tuple[str, str], Future[Told]]) -> Callable[..., Found]:
    """Give what came of the trials of a place, a transaction and a kind, and count them."""

    def tell(place: tuple[str, str], transaction: str, kind: str) -> Found:
        if place[0] == "ovs" and (why := switch.missing()):
            pytest.skip(why)
        found = trials[place].result()[transaction]
        count = found["counts"].get(kind, 0)
        counted[f"{transaction}, {kind}"] += count
        return Found(count, found["failures"].get(kind, []))

    return tell


@pytest.fixture(scope="session")
def count() -> Counter[str]:
    """Count the cases that were tried, to be said in the end."""
    return counted


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if counted:
        each = "; ".join(f"{number} {kind}" for kind, number in sorted(counted.items()))
        terminalreporter.write_line(f"faults: {sum(counted.values())} cases: {each}")
