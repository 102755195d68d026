"""Every builder says in its docstring what one would type, what each word means, and where from."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

import netkit.command
from netkit.cli.typed.docstring import told

VALUES = {"Discipline", "Target"}
"""Parts of lines, which have a shell's spelling as well."""


def builders() -> Iterator[Callable[..., Any]]:
    """Give what builds lines; ``Command`` itself and the words of lines are made by no builder."""
    for module in pkgutil.iter_modules(netkit.command.__path__, "netkit.command."):
        for name, found in vars(import_module(module.name)).items():
            if not inspect.isfunction(found) or found.__module__ != module.name:
                continue
            given = str(found.__annotations__.get("return"))
            is_line = given == "Command" or given.endswith(("Call", "Write", "Start", "Stop"))
            if not name.startswith("_") and name != "command" and (is_line or given in VALUES):
                yield found


@pytest.mark.parametrize(
    "builder", [*builders()], ids=lambda each: f"{each.__module__[15:]}.{each.__name__}"
)
def test_a_builder_is_documented(builder: Callable[..., Any]) -> None:
    doc = inspect.getdoc(builder) or ""

    assert told(doc).equivalent
    assert "\nSource: " in doc
    assert set(told(doc).args) == set(inspect.signature(builder).parameters)
    assert all(told(doc).args.values())
