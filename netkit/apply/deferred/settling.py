"""
Look at what stays.

A namespace that was deleted by hand is taken down by the kernel in its own time, and until then the
far ends of its cables are still to be seen elsewhere. Whoever planned with them would delete what
is gone by then.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from netkit.facts.read import read
from netkit.facts.scope import Scope
from netkit.model.link import Veth
from netkit.model.state import State
from netkit.names import is_owned_group
from netkit.run.runner import Runner

PAUSE = 0.02
TRIES = 50


def read_settled(runner: Runner, scope: Scope, own: Callable[[State], State]) -> State:
    """
    Look, and look again while an end of a cable of netkit's has no other end.

    Args:
        runner: The hands.
        scope: What to look at.
        own: Keeps of what was seen what is the spec's.

    Returns:
        What there is; after a second also if such an end is still there: its other end was then
        moved to where nobody looks.
    """
    seen = read(runner, scope)
    for _ in range(TRIES):
        if not (_is_severed(seen) and _is_severed(own(seen))):
            break
        time.sleep(PAUSE)
        seen = read(runner, scope)
    return seen


def _is_severed(state: State) -> bool:
    return any(not end.peer and is_owned_group(end.group) for end in state.every(Veth))
