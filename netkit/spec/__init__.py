"""
The law. A document becomes a checked ``Topology``, or an error that says all at once.

    path ─source─▶ document ─schema─▶ right by the schema ─build─▶ Topology ─check─▶ sound Topology
                      ▲                                                                    │
                      └──────────────────────────── document ◀─────────────────────────────┘
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from netkit.model.topology import Topology
from netkit.spec import schema
from netkit.spec.check.topology import check_topology
from netkit.spec.document import document
from netkit.spec.language import schema_text
from netkit.spec.report import Finding, Report
from netkit.spec.sections.topology import build_topology
from netkit.spec.source import Document, load, loads
from netkit.value import replace

__all__ = [
    "Document",
    "document",
    "load",
    "load_topology",
    "loads",
    "schema_text",
    "topology",
]


def load_topology(path: str | os.PathLike[str], *, name: str | None = None) -> Topology:
    """
    Read a spec from a file.

    Equivalent to: ``netkit validate PATH``

    Args:
        path: A JSON or YAML file; ``-`` is standard input.
        name: Takes the place of the spec's name, and ``NAME-`` of its prefix, so that one file
            makes several networks beside each other.

    Raises:
        SpecError: All that is wrong with it, each with its place.
    """
    return topology(load(path), name=name)


def topology(written: Document | Mapping[str, Any], *, name: str | None = None) -> Topology:
    """
    Check a document and give what it says.

    Args:
        written: As ``load`` or ``loads`` gives it; or a plain value, without lines and columns.
        name: As for ``load_topology``.

    Raises:
        SpecError: All that is wrong with it.
    """
    if not isinstance(written, Document):
        written = Document(written, str(written.get("name", "spec")), lambda wanted: {})
    value = written.value
    if name is not None and isinstance(value, dict):
        value = {**value, "name": name, "prefix": f"{name}-"}
    if findings := schema.check(value):
        raise written.error([*findings, *_further(value, findings)])
    report = Report()
    built = _built(value, report)
    if report.findings:
        raise written.error(report.findings)
    return replace(built, written=json.dumps(value, ensure_ascii=False))


def _built(value: Mapping[str, Any], report: Report) -> Topology:
    built = build_topology(value, report)
    check_topology(built, report)
    return built


def _further(value: Any, findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """Find what else is wrong with a document, beside what the schema says of it."""
    from netkit.spec import salvage

    try:
        rest, tainted = salvage.salvage(value, findings)
    except salvage.Hopeless:
        return
    if schema.is_valid_but_for_gaps(rest):
        report = Report()
        _built(rest, report)
        yield from (
            item for item in report.findings if not salvage.is_tainted(item.pointer, tainted)
        )
