"""
A plan as a shell script: what ``plan --format sh`` prints.

Run by ``sh -e`` as root on a system with iproute2 (and iptables where there are rules), it builds
the same network; nothing of netkit is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netkit.plan.phase import Phase, Planned

TITLES = {
    Phase.NETNS: "network namespaces",
    Phase.PREPARE: "kernel parameters, firewall and files, before any device",
    Phase.REMOVE: "what goes",
    Phase.CONNECT: "bridges and cables",
    Phase.STACK: "devices that lie on others",
    Phase.CONFIGURE: "within each namespace",
    Phase.RAISE: "new bridges go up, after their ports",
    Phase.RELEASE: "what nobody needs any more",
}
HEAD = """#!/bin/sh
# Written by netkit: run it as root.
set -e
"""


def script(steps: Sequence[Planned], *, explain: bool = False) -> str:
    """
    Write steps as a script.

    Args:
        steps: Of a prospect, in order.
        explain: Put the reason above each command.
    """
    return HEAD + "".join(f"{line}\n" for line in _lines(steps, explain=explain))


def _lines(steps: Sequence[Planned], *, explain: bool) -> Iterator[str]:
    phase: Phase | None = None
    for item in steps:
        if item.phase != phase:
            phase = item.phase
            yield ""
            yield f"# {TITLES[phase]}"
        if explain:
            yield f"# {item.why}"
        yield str(item.step)
