"""What a shell may complete: live names, read where they are cheap to read."""

from __future__ import annotations

import json
import os
from typing import Any

from netkit.errors import NetkitError

RUN_NETNS = "/run/netns"
NET = "/sys/class/net"


def namespaces(incomplete: str) -> list[str]:
    """Name the namespaces that begin so."""
    return _beginning(_entries(RUN_NETNS), incomplete)


def devices(ctx: Any, incomplete: str) -> list[str]:
    """Name the devices that begin so, in the namespace that ``--netns`` names."""
    place = ctx.params.get("netns")
    return _beginning(_entries(NET) if place is None else _devices_of(place), incomplete)


def specs(incomplete: str) -> list[str]:
    """Name the applied specs that begin so; files are the shell's own business."""
    from netkit.apply.session import reading

    try:
        with reading() as session:
            return _beginning([each.name for each in session.memory.specs()], incomplete)
    except NetkitError:
        return []


def targets(incomplete: str) -> list[str]:
    """Name the applied specs that begin so, where no file does: those are the shell's business."""
    folder, base = os.path.split(incomplete)
    is_file = any(each.startswith(base) for each in _entries(folder or "."))
    return [] if is_file else specs(incomplete)


def networks(incomplete: str) -> list[str]:
    """Name the networks of applied specs that begin so."""
    return _beginning(_of_specs("networks"), incomplete)


def sandboxes(incomplete: str) -> list[str]:
    """Name the namespaces of applied specs, and all others, that begin so."""
    return _beginning([*{*_of_specs("namespaces"), *_entries(RUN_NETNS)}], incomplete)


def _of_specs(section: str) -> list[str]:
    from netkit.apply.session import reading
    from netkit.cnm.applied import documents
    from netkit.spec.written import entries

    try:
        with reading() as session:
            known = documents(session).values()
            return [*{name for each in known for name in entries(each.get(section, {}))}]
    except (NetkitError, ValueError):
        return []


def _devices_of(place: str) -> list[str]:
    from netkit.command import link
    from netkit.ops.reference import resolve
    from netkit.run.process import call

    try:
        said = call(link.show().within(resolve(place)).argv, limit=1.0).stdout
    except NetkitError:
        return []
    return [entry["ifname"] for entry in json.loads(said or "[]")]


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _beginning(names: list[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
