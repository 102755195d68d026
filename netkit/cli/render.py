"""``netkit render``, ``netkit export`` and ``netkit schema``: documents, as they are."""

from __future__ import annotations

import json

from netkit.cli.envelope import reply
from netkit.cli.options import Applied, Json, Name, Spec
from netkit.cli.screen import say
from netkit.cli.veil import veiled
from netkit.errors import NetkitError, UsageError


def render(spec: Spec, *, name: Name = None, as_json: Json = False) -> None:
    """
    Print a spec with everything filled in.

    Ranges, subnets, addresses, device names and MAC addresses are written out as apply would choose
    them on a machine where nothing is applied yet. The answer is a spec again.

    Examples:
        netkit render examples/shop.json
        netkit render examples/star-100.json | jq '.namespaces | keys'
    """
    from netkit.expand.fill import fill
    from netkit.expand.ipam.allotments import Allotments
    from netkit.expand.ipam.remote import guesses, wishes
    from netkit.spec import document, load_topology

    topology = load_topology(spec, name=name)
    filled, _ = fill(topology, Allotments())
    written = document(filled)
    if any(network.ipam.is_remote for network in topology.networks):
        written = veiled(written, guesses(filled, wishes(topology)))
    if as_json:
        reply("render", written)
    else:
        say(json.dumps(written, indent=2, ensure_ascii=False))


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
    from netkit.apply.recall import stored
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
