"""
For each example and each step of its plan: the step fails, or netkit is killed right after it.

What is tried, and what must come of it, is said in ``trials``.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from netkit.plan.phase import Phase
from tests.root.faults.conftest import GROUNDS
from tests.root.faults.trials import KINDS, TRANSACTIONS, WAYS

if TYPE_CHECKING:
    from tests.root.faults.conftest import Told

pytestmark = pytest.mark.root

every_place = pytest.mark.parametrize("place", GROUNDS, ids="-".join)


@every_place
@pytest.mark.parametrize("transaction", TRANSACTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost(
    trials: dict[tuple[str, str], Future[Told]],
    count: Counter[str],
    place: tuple[str, str],
    transaction: str,
    kind: str,
) -> None:
    told = trials[place].result()[transaction]
    count[f"{transaction} {kind}"] += told["counts"].get(kind, 0)

    assert told["failures"].get(kind, []) == []
    assert told["counts"].get(kind, 0) > 0 or kind == "stranded"


def test_every_way_is_gone_from_every_phase(trials: dict[tuple[str, str], Future[Told]]) -> None:
    if len(trials) < len(GROUNDS):
        pytest.skip("not all examples were asked for")
    gone: set[str] = set()
    for future in trials.values():
        told: dict[str, Any] = future.result()
        gone |= {way for found in told.values() for way in found["ways"]}

    assert {f"{phase.name} {way}" for phase in Phase for way in WAYS} <= gone
