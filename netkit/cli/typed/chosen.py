"""Which spec is meant: a file, or one that is applied, by its name."""

from __future__ import annotations

import os

from netkit.apply.recall.recall import read_again
from netkit.apply.session import reading
from netkit.errors import NetkitError, UsageError
from netkit.model.topology import Topology
from netkit.spec import load_topology
from netkit.spec.report import shown
from netkit.spec.source import STDIN, YAML_SUFFIXES
from netkit.state.memory import Stored

FILES = (".json", *YAML_SUFFIXES)


def chosen(spec: str, name: str | None) -> Topology:
    """
    Read a spec: a file, or else the one that is applied under this name, as it was written.

    Args:
        spec: As typed.
        name: Of ``--name``: then it is a file.

    Raises:
        SpecError: All that is wrong with the file.
        UsageError: It is neither.
    """
    found = stored(spec) if name is None else None
    return load_topology(spec, name=name) if found is None else read_again(found.document)


def stored(name: str) -> Stored | None:
    """
    Give the applied spec of this name; None for a file, and where nothing could be applied.

    Raises:
        UsageError: It is the name of no file, and of none of those that are applied.
    """
    if name == STDIN or os.path.exists(name):
        return None
    try:
        with reading() as session:
            known = {each.name: each for each in session.memory.specs()}
    except NetkitError:
        return None  # the file that is missing is said
    if known and name not in known and "/" not in name and not name.endswith(FILES):
        raise UsageError(
            f"{shown(name)} is neither a file nor the name of an applied spec",
            hint=f"applied: {', '.join(sorted(known))}",
        )
    return known.get(name)
