"""Waiting for what somebody else does in their own time: the kernel, a daemon, a child."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 10.0
"""Seconds; only what never comes takes as long."""
PAUSE = 0.02


def eventually(true: Callable[[], object], within: float = PATIENCE) -> bool:
    """Ask until the answer is yes, or the time is over; give the last answer."""
    until = time.monotonic() + within
    while not true():
        if time.monotonic() > until:
            return bool(true())
        time.sleep(PAUSE)
    return True
