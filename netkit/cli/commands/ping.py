"""``netkit ping``."""

from __future__ import annotations

import sys
from typing import Annotated

from netkit.cli.typed.complete import namespaces
from netkit.cli.typed.options import Within
from netkit.cli.typed.parameter import Argument, Option
from netkit.ops.ping import COUNT, ping_from

Targets = Annotated[
    list[str],
    Argument(
        metavar="TARGET",
        help="Addresses, or namespaces, whose addresses of both families are asked.",
        autocompletion=namespaces,
    ),
]
Count = Annotated[int, Option("--count", "-c", metavar="N", help="Requests to each.")]
Interval = Annotated[
    float | None,
    Option("--interval", "-i", metavar="SECONDS", help="Between two requests."),
]
Family = Annotated[
    int | None, Option("--family", metavar="4|6", help="One family; both when omitted.")
]


def ping(
    within: Within,
    targets: Targets,
    *,
    count: Count = COUNT,
    interval: Interval = None,
    family: Family = None,
) -> int:
    """
    Ask from inside a namespace whether hosts answer.

    Ends as ping does: 0 when all answered, 1 when one was silent, 2 on any other error, such as no
    way there or no such namespace.

    Examples:
        netkit ping con1 con2
        netkit ping con1 10.1.0.20 fd00:1::3 -c 1
    """
    sys.stdout.flush()
    return max(
        ping_from(within, target, count=count, family=family, interval=interval)
        for target in targets
    )
