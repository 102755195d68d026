"""A host of somebody else's to try drawn specs on, and how many of them there are."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.root import switch
from tests.root.faults import host

settings.register_profile(
    "root",
    derandomize=True,
    max_examples=int(os.environ.get("NETKIT_EXAMPLES", "40")),
    deadline=None,
    database=None,
    print_blob=True,
    # To make a counter-example small takes minutes: NETKIT_SHRINK=1 where there is one.
    phases=tuple(
        phase
        for phase in Phase
        if os.environ.get("NETKIT_SHRINK") or phase not in {Phase.shrink, Phase.explain}
    ),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
)

counted: Counter[str] = Counter()


@pytest.fixture(scope="module")
def ground() -> Iterator[None]:
    if not switch.missing():
        switch.needed()
    host.settle_in("busy")
    yield
    host.raze("busy")
    host.move_out()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if counted:
        each = "; ".join(f"{number} {kind}" for kind, number in sorted(counted.items()))
        terminalreporter.write_line(f"properties: {each}")
