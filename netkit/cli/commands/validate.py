"""``netkit validate``."""

from __future__ import annotations

import sys
from typing import Any

from netkit.cli.told.complaint import entries, spec_lines
from netkit.cli.told.envelope import FAILED, OK, reply
from netkit.cli.told.screen import painted, say
from netkit.cli.typed.options import Json, Name, Specs
from netkit.errors import SpecError
from netkit.model.topology import Topology
from netkit.spec import load_topology


def validate(specs: Specs, *, name: Name = None, as_json: Json = False) -> int:
    """
    Check specs and say all that is wrong.

    Nothing of the machine is looked at, so it needs no root.

    Examples:
        netkit validate examples/*.json
        cat spec.yaml | netkit validate -
    """
    sound: list[dict[str, object]] = []
    errors: list[SpecError] = []
    for spec in specs:
        try:
            topology = load_topology(spec, name=name)
        except SpecError as error:
            errors.append(error)
            if not as_json:
                _complain(error)
            continue
        sound.append({"file": spec, "name": topology.name} | _counts(topology))
        if not as_json:
            say(f"{spec}: {painted('ok', 'green')}, {_facts(topology)}")
    if as_json:
        found: list[dict[str, Any]] = [entry for error in errors for entry in entries(error)]
        reply("validate", {"specs": sound}, status=FAILED if errors else OK, errors=found)
    return SpecError.exit_code if errors else 0


def _complain(error: SpecError) -> None:
    sys.stdout.flush()
    for line in spec_lines(error):
        sys.stderr.write(f"{line}\n")


def _counts(topology: Topology) -> dict[str, object]:
    return {
        "namespaces": len(topology.namespaces),
        "networks": len(topology.networks),
        "links": len(topology.links),
        "checks": len(topology.checks),
    }


def _facts(topology: Topology) -> str:
    said = []
    for plural, count in _counts(topology).items():
        if count:
            said.append(f"{count} {plural.removesuffix('s') if count == 1 else plural}")
    return f"{topology.name}: {', '.join(said) or 'empty'}"
