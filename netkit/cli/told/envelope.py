"""
The one shape of every JSON answer, which a contract test pins.

    {"version": 1, "command": "apply", "status": "ok", "data": {…}, "errors": [{…}]}

``status`` is ``ok``, ``differences`` (exit code 3) or ``failed`` (any other but 0). An error always
has ``code``, ``message``, ``hint``, ``pointer``, ``line`` and ``column``, empty or 0 where unknown.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from netkit.cli.told.screen import is_terminal

VERSION = 1
OK, DIFFERENCES, FAILED = "ok", "differences", "failed"


def reply(
    command: str,
    data: Any = None,
    *,
    status: str = OK,
    errors: Sequence[Mapping[str, Any]] = (),
) -> None:
    """
    Write an envelope to standard output.

    Args:
        command: The words that name the command, such as ``link show``.
        data: What was asked for; each command has its own shape.
        status: OK, DIFFERENCES or FAILED.
        errors: As ``complaint.entries`` gives them.
    """
    envelope = {
        "version": VERSION,
        "command": command,
        "status": status,
        "data": {} if data is None else data,
        "errors": list(errors),
    }
    indent = 2 if is_terminal(sys.stdout) else None
    sys.stdout.write(f"{json.dumps(envelope, indent=indent, ensure_ascii=False)}\n")
