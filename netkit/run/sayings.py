"""
What the tools say when they refuse, and what it means.

Tools reword, so each row is held by a test on the real tool.
"""

from __future__ import annotations

from netkit.errors import AbsentError, CommandError, ExistsError

SAYINGS: tuple[tuple[str, type[CommandError]], ...] = (
    ("File exists", ExistsError),
    ("Address already assigned", ExistsError),
    ("already exists", ExistsError),
    ("Cannot find device", AbsentError),
    ("No such process", AbsentError),
    ("No such file or directory", AbsentError),
    ("Cannot assign requested address", AbsentError),
    ("No such device", AbsentError),
)

HINTS: tuple[tuple[str, str], ...] = (
    ("Operation not permitted", "netkit needs root (CAP_NET_ADMIN): try sudo"),
    ("Permission denied", "netkit needs root (CAP_NET_ADMIN): try sudo"),
    ("Unknown device type", "this kernel has no such device type: load its module, or change type"),
    ("Specified qdisc kind is unknown", "this kernel has no such queueing discipline (sch_*)"),
    ("Nexthop has invalid gateway", "no address of this namespace reaches the next hop"),
    ("Network is unreachable", "no address of this namespace reaches the next hop"),
    ("Address already assigned", "another program added it meanwhile: run the command again"),
    (
        "Address already in use",
        "another name server has this address: let it listen elsewhere only",
    ),
    ("failed to create inotify", "raise fs.inotify.max_user_instances: each name server needs one"),
    ("File exists", "another program added it meanwhile: run the command again"),
)


def refusal(command: str, returncode: int, said: str) -> CommandError:
    """Turn a tool's words into the error that names what happened."""
    kind = next((kind for saying, kind in SAYINGS if saying in said), CommandError)
    hint = next((hint for saying, hint in HINTS if saying in said), "")
    return kind(command, returncode, said, hint=hint)
