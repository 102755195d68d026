"""``netkit namespace create`` and ``rm``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from netkit.cli.commands.edit import edit
from netkit.cli.typed.complete import networks, sandboxes
from netkit.cli.typed.options import ANY_SEAT, USUAL, Force, Labels, Manner, Seat, seated
from netkit.cli.typed.parameter import Argument, Option
from netkit.cnm import edits, options
from netkit.cnm.applied import DEFAULT, Documents, Place, check_new, find
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
    seat: Seat = ANY_SEAT,
    label: Labels = None,
    manner: Manner = USUAL,
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
    check_new(name, "namespaces")
    said = seated(seat)
    if said and len(network or ()) != 1:
        raise UsageError(
            "what is said of an endpoint is of one network",
            hint=f"one --network; then netkit network connect NETWORK {name} for each other",
        )

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        joined = [find(known, each, "networks", spec=manner.spec) for each in network or ()]
        owner = _owner(joined, manner.spec)
        document = known.get(owner, {"name": owner})
        edited = edits.create_namespace(document, name, options.labels(label or ()))
        for place in joined:
            edited = edits.connect(edited, place.name, name, said)
        return {owner: edited}

    edit("namespace create", change, manner)


def rm(names: Names, *, force: Force = False, manner: Manner = USUAL) -> None:
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
        for place in dict.fromkeys(
            find(known, each, "namespaces", spec=manner.spec) for each in names
        ):
            document = edited.get(place.spec, known[place.spec])
            edited[place.spec] = edits.remove_namespace(document, place.name)
        return edited

    edit("namespace rm", change, manner, force=force, several=True, leaving=True)


def _owner(joined: list[Place], spec: str | None) -> str:
    owners = list(dict.fromkeys(place.spec for place in joined))
    if len(owners) > 1:
        raise UsageError(
            f"these networks belong to several specs: {', '.join(owners)}",
            hint="make it in one, and netkit network connect it to the others",
        )
    return owners[0] if owners else spec or DEFAULT
