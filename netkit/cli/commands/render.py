"""``netkit render``, ``netkit export`` and ``netkit schema``: documents, as they are."""

from __future__ import annotations

import json
from typing import Any

from netkit.cli.told.envelope import reply
from netkit.cli.told.screen import say
from netkit.cli.told.veil import veiled
from netkit.cli.typed.options import Applied, Json, Name, Target
from netkit.errors import NetkitError, UsageError


def render(spec: Target, *, name: Name = None, as_json: Json = False) -> None:
    """
    Print a spec with everything filled in.

    Ranges, subnets, addresses, device names and MAC addresses are written out as apply would choose
    them on a machine where nothing is applied yet; of an applied spec, by its name, as they were
    chosen. The answer is a spec again.

    Examples:
        netkit render examples/shop.json
        netkit render examples/star-100.json | jq '.namespaces | keys'
        netkit render shop
    """
    written = _as_applied(spec) if name is None else None
    if written is None:
        written = _of_a_file(spec, name)
    if as_json:
        reply("render", written)
    else:
        say(json.dumps(written, indent=2, ensure_ascii=False))


def _of_a_file(spec: str, name: str | None) -> dict[str, Any]:
    from netkit.expand.fill import fill
    from netkit.expand.ipam.allotments import Allotments
    from netkit.expand.ipam.remote import guesses, wishes
    from netkit.spec import document, load_topology

    topology = load_topology(spec, name=name)
    filled, _ = fill(topology, Allotments())
    written = document(filled)
    if any(network.ipam.is_remote for network in topology.networks):
        written = veiled(written, guesses(filled, wishes(topology)))
    return written


def _as_applied(name: str) -> dict[str, Any] | None:
    """Give an applied spec with all that was chosen for it; None where none is called so."""
    from netkit.cli.typed.chosen import stored

    if (found := stored(name)) is None:
        return None
    from netkit.apply.recall.recall import filled
    from netkit.spec import document

    return document(filled(found.document, found.allotments))


def export(name: Applied = None, *, as_json: Json = False) -> None:
    """
    Print an applied spec, as it was written.

    What it leaves open stays open; what network and namespace have changed since is in it. To
    apply it again finds nothing to do. Without a name, the one spec that is applied.

    Examples:
        netkit export shop
        netkit export shop > shop.json
        netkit export shop | netkit apply -
    """
    from netkit.apply.recall.recall import stored
    from netkit.apply.session import reading

    with reading() as session:
        known = [each.name for each in session.memory.specs()]
        if name is None and len(known) > 1:
            raise UsageError("say which spec", hint=f"applied: {', '.join(known)}")
        if not known and name is None:
            raise NetkitError("no spec is applied", hint="netkit apply SPEC")
        written = json.loads(stored(session, name or known[0]).document)
    if as_json:
        reply("export", written)
    else:
        say(json.dumps(written, indent=2, ensure_ascii=False))


def schema(*, as_json: Json = False) -> None:
    """
    Print the JSON Schema of the spec language.

    An editor that knows it completes specs and marks mistakes while they are written.

    Examples:
        netkit schema > spec.schema.json
    """
    from netkit.spec.language import schema_text

    if as_json:
        reply("schema", json.loads(schema_text()))
    else:
        say(schema_text().rstrip("\n"))
