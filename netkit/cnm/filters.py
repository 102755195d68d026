"""
Docker's ``--filter``: which of all networks, or namespaces, are told of.

    --filter driver=bridge --filter driver=ovs     one key again: either will do
    --filter driver=bridge --filter name=web       another key: both must hold
    --filter label=team --filter label=tier=db     labels: each must be there, as with Docker
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from netkit.cnm.options import pair, switch
from netkit.errors import UsageError
from netkit.spec.report import meant

Data = dict[str, Any]
"""What is known of a network or a namespace, as ``look`` tells it."""
Holds = Callable[[Data], bool]
Reading = Callable[[str], Holds]
"""From a value as typed."""

LABEL = "label"


def _name(value: str) -> Holds:
    try:
        wanted = re.compile(value)
    except re.error as error:
        raise UsageError(
            f"--filter name={value}: no regular expression: {error}",
            hint="a part of the name, or ^NAME$",
        ) from error
    return lambda each: wanted.search(each["name"]) is not None


def _label(value: str) -> Holds:
    key, equals, text = value.partition("=")
    return lambda each: key in each["labels"] and (not equals or each["labels"][key] == text)


def _dangling(value: str) -> Holds:
    wanted = switch(value, f"--filter dangling={value}")
    return lambda each: wanted is not bool(each["endpoints"])


def _is(key: str) -> Reading:
    return lambda value: lambda each: bool(each[key] == value)


def _network(value: str) -> Holds:
    return lambda each: any(
        value in {part["network"], f"{each['spec']}/{part['network']}"} for part in each["networks"]
    )


WRITTEN: Mapping[str, Reading] = {"name": _name, "driver": _is("driver"), LABEL: _label}
"""What can be asked of a network as a spec has it; ``network prune --filter`` knows it."""

NETWORK: Mapping[str, Reading] = {**WRITTEN, "spec": _is("spec"), "dangling": _dangling}
"""What ``network ls --filter`` knows."""

NAMESPACE: Mapping[str, Reading] = {
    "name": _name,
    "network": _network,
    LABEL: _label,
    "spec": _is("spec"),
}
"""What ``namespace ls --filter`` knows."""


def filtered(
    found: Iterable[Data], words: Iterable[str], known: Mapping[str, Reading]
) -> tuple[Data, ...]:
    """
    Keep what all filters let through.

    Args:
        found: Networks, or namespaces.
        words: ``KEY=VALUE``, as typed.
        known: What the keys are.

    Raises:
        UsageError: A key that nobody knows, or a value that says nothing.
    """
    asked: dict[str, list[Holds]] = {}
    for word in words:
        key, value = pair(word, "--filter")
        if key not in known:
            near = meant(key, known)
            raise UsageError(
                f"--filter {key}: there is no such filter",
                hint=f"{near + ' ' if near else ''}known: {', '.join(known)}",
            )
        asked.setdefault(key, []).append(known[key](value))
    return tuple(
        each
        for each in found
        if all(
            (all if key == LABEL else any)(holds(each) for holds in wanted)
            for key, wanted in asked.items()
        )
    )
