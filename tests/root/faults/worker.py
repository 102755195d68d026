"""
Does trials in a network of its own: ``bin/isolated python -m tests.root.faults.worker``.

    COURSE GROUND SHARE TRANSACTION…        SHARE as JSON: {"unheard": 3}

Prints a line of JSON for each transaction: how many cases of each kind, and what went wrong.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any

from netkit.plan import lower
from tests.root.faults import host
from tests.root.faults.courses import LENT, VERBS, course
from tests.root.faults.trials import FaultyCaseError, Trials, explained

ENOUGH = 4  # failures of one transaction: the others would say the same


def tried(trials: Trials, transaction: str) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    ways: Counter[str] = Counter()
    failures: dict[str, list[str]] = {}
    begun = time.monotonic()
    trials.reach(trials.before(transaction))
    for case in list(trials.cases(transaction)):
        told = failures.setdefault(case.kind, [])
        if len(told) >= ENOUGH:
            continue
        counts[case.kind] += 1
        if case.kind == "killed":
            ways[f"{case.phase} {case.way}"] += 1
        try:
            trials.run(case)
        except Exception as error:
            told.append(f"{case}:\n{explained(error)}")
            host.raze(trials.ground)
            if trials.name == LENT:
                host.lay_out()
            trials.reach(trials.before(transaction))
    trials.reach(None)
    trials.hold(None)
    return {
        "transaction": transaction,
        "counts": counts,
        "ways": ways,
        "failures": failures,
        "seconds": round(time.monotonic() - begun, 1),
    }


def main(name: str, ground: str, share: str, *transactions: str) -> None:
    host.settle_in(ground)
    if name == VERBS:
        host.invite()
    if name == LENT:
        host.lay_out()
    before = host.foreign()
    lower.CROWD = course(name).crowd
    trials = Trials(name, ground, json.loads(share))
    for transaction in transactions:
        print(json.dumps(tried(trials, transaction)), flush=True)
    if host.foreign() != before:
        raise FaultyCaseError("the foreign namespace is not what it was")


if __name__ == "__main__":
    main(*sys.argv[1:])
