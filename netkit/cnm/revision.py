"""What an edited spec leads to: the same network but for the edit, or none when nothing is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netkit.apply.amendment import amended
from netkit.apply.prospect import Prospect, farewell
from netkit.apply.session import Session
from netkit.spec.written import SECTIONS


def revised(session: Session, document: Mapping[str, Any], *, absent_too: bool = False) -> Prospect:
    """
    Say what applying an edited spec would do.

    Args:
        session: What is remembered, and the hands that look.
        document: All of it, as it is to be; a spec of nothing is forgotten.
        absent_too: Leave out foreign namespaces that are not there, even those that are edited.

    Raises:
        NetkitError: It cannot be applied beside what is there.
        SpecError: The edit makes it unsound.
    """
    if any(document.get(section) for section in SECTIONS):
        return amended(session, document, absent_too=absent_too)
    return farewell(session, document["name"])


def lasting(document: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """
    Leave out of a spec what a boot ends: namespaces of processes.

    Returns:
        The rest, and the names of what was left out.
    """
    section = document.get("namespaces", {})
    passing = tuple(name for name, entry in section.items() if _is_passing(entry))
    rest = {name: entry for name, entry in section.items() if name not in passing}
    kept = {**document, "namespaces": rest}
    return {key: value for key, value in kept.items() if key != "namespaces" or rest}, passing


def _is_passing(entry: Mapping[str, Any]) -> bool:
    netns = entry.get("netns", {})
    return "pid" in netns or str(netns.get("path", "")).startswith("/proc/")
