"""``netkit namespace create`` and ``rm``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from netkit.cli.complete import networks, sandboxes
from netkit.cli.edit import edit, wish
from netkit.cli.options import (
    Aliases,
    DryRun,
    Force,
    GwPriority,
    Ifname,
    Into,
    Ip,
    Ip6,
    Json,
    Labels,
    LockTimeout,
    Mac,
    NoPersist,
    Persist,
    Publish,
)
from netkit.cli.parameter import Argument, Option
from netkit.cnm import edits, options
from netkit.cnm.applied import DEFAULT, Documents, Place, find
from netkit.errors import UsageError

NewName = Annotated[str, Argument(metavar="NAME", help="The namespace's name.")]
Names = Annotated[
    list[str],
    Argument(metavar="NAMESPACE", help="Namespaces: NAME, or SPEC/NAME.", autocompletion=sandboxes),
]
Networks = Annotated[
    list[str] | None,
    Option(
        "--network",
        metavar="NETWORK",
        help="It is a member; may be said several times.",
        autocompletion=networks,
    ),
]


def create(
    name: NewName,
    *,
    network: Networks = None,
    ip: Ip = None,
    ip6: Ip6 = None,
    mac: Mac = None,
    alias: Aliases = None,
    ifname: Ifname = None,
    gw_priority: GwPriority = None,
    publish: Publish = None,
    label: Labels = None,
    spec: Into = None,
    persist: Persist = False,
    no_persist: NoPersist = False,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    as_json: Json = False,
) -> None:
    """
    Make a namespace, in networks if so wished.

    It becomes part of the spec that its networks belong to; without networks of the spec local, or
    of the one that --spec names.

    Examples:
        netkit namespace create con1 --network backend
        netkit namespace create con2 --network backend --network frontend
        netkit namespace create con3 --network frontend --ip 10.2.0.3 --alias web
    """
    said = options.endpoint(
        ip=ip,
        ip6=ip6,
        mac=mac,
        aliases=alias or (),
        device=ifname,
        priority=gw_priority,
        publish=publish or (),
    )
    if said and len(network or ()) != 1:
        raise UsageError(
            "what is said of an endpoint is of one network",
            hint=f"one --network; then netkit network connect NETWORK {name} for each other",
        )

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        joined = [find(known, each, "networks", spec=spec) for each in network or ()]
        owner = _owner(joined, spec)
        document = known.get(owner, {"name": owner})
        edited = edits.create_namespace(document, name, options.labels(label or ()))
        for place in joined:
            edited = edits.connect(edited, place.name, name, said)
        return {owner: edited}

    edit(
        "namespace create",
        change,
        persist=wish(persist, no_persist),
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        as_json=as_json,
    )


def rm(
    names: Names,
    *,
    force: Force = False,
    spec: Into = None,
    persist: Persist = False,
    no_persist: NoPersist = False,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    as_json: Json = False,
) -> None:
    """
    Remove namespaces.

    One in which processes run, or that holds a device netkit did not make, stays, and they are
    named; --force removes it all the same. One that netkit did not make only leaves its networks.

    Examples:
        netkit namespace rm con1
        netkit namespace rm shop/con1 shop/con2 --force
    """

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        edited: dict[str, Mapping[str, Any]] = {}
        for place in dict.fromkeys(find(known, each, "namespaces", spec=spec) for each in names):
            document = edited.get(place.spec, known[place.spec])
            edited[place.spec] = edits.remove_namespace(document, place.name)
        return edited

    edit(
        "namespace rm",
        change,
        persist=wish(persist, no_persist),
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        as_json=as_json,
        force=force,
        several=True,
        leaving=True,
    )


def _owner(joined: list[Place], spec: str | None) -> str:
    owners = list(dict.fromkeys(place.spec for place in joined))
    if len(owners) > 1:
        raise UsageError(
            f"these networks belong to several specs: {', '.join(owners)}",
            hint="make it in one, and netkit network connect it to the others",
        )
    return owners[0] if owners else spec or DEFAULT
