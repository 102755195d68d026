"""
For each example, each verb of the model, and each step: it fails, or netkit is killed right after.

What is tried, and what must come of it, is said in ``trials``.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest

from netkit.plan.phase import Phase
from tests.root.faults.conftest import GROUNDS
from tests.root.faults.courses import transactions
from tests.root.faults.trials import KINDS, WAYS

if TYPE_CHECKING:
    from tests.root.faults.conftest import Found, Told

pytestmark = pytest.mark.root

EVERY_STEP = ("refused", "killed")


CASES = [(transaction, place) for place in GROUNDS for transaction in transactions(place[0])]


@pytest.mark.parametrize(
    ("transaction", "place"), CASES, ids=["-".join((each, *place)) for each, place in CASES]
)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost(
    told: Callable[..., Found], place: tuple[str, str], transaction: str, kind: str
) -> None:
    found = told(place, transaction, kind)

    assert found.failures == []
    assert found.number > 0 or kind not in EVERY_STEP


def test_every_way_is_gone_from_every_phase(
    trials: dict[tuple[str, str], Future[Told]],
) -> None:
    if len(trials) < len(GROUNDS):
        pytest.skip("not all examples were asked for")
    results = [future.result() for future in trials.values()]
    gone = {way for told in results for found in told.values() for way in found["ways"]}

    assert {f"{phase.name} {way}" for phase in Phase for way in WAYS} <= gone
