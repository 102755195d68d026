"""Where the schema is, and its text: the one place that says what the language is."""

from __future__ import annotations

import json
import os
from typing import Any

from netkit.errors import MissingError

FILE = os.path.join("schemas", "spec.schema.json")


def schema_text() -> str:
    """
    Give the JSON Schema of the spec as it is shipped.

    Raises:
        MissingError: netkit was installed without it.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for root in (package, os.path.dirname(package)):
        try:
            with open(os.path.join(root, FILE), encoding="utf-8") as file:
                return file.read()
        except OSError:
            continue
    raise MissingError(
        f"{FILE} is not there: netkit is not installed whole", hint="install netkit again"
    )


def schema() -> dict[str, Any]:
    """Give the JSON Schema of the spec."""
    read: dict[str, Any] = json.loads(schema_text())
    return read
