"""``netkit network create``, ``rm`` and ``prune``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import reduce
from typing import Annotated, Any

from netkit.cli.commands.edit import edit
from netkit.cli.told.screen import is_terminal, remark
from netkit.cli.typed.complete import networks
from netkit.cli.typed.options import USUAL, Labels, Manner
from netkit.cli.typed.parameter import Argument, Option
from netkit.cnm import edits, filters, options
from netkit.cnm.applied import DEFAULT, Documents, check_new, find, places
from netkit.errors import ConflictError, UsageError
from netkit.spec.written import entries

NewName = Annotated[str, Argument(metavar="NAME", help="The network's name.")]
Names = Annotated[
    list[str],
    Argument(metavar="NETWORK", help="Networks: NAME, or SPEC/NAME.", autocompletion=networks),
]
Driver = Annotated[
    str, Option("--driver", "-d", metavar="DRIVER", help="bridge when omitted; see docs/spec.md.")
]
Subnets = Annotated[
    list[str] | None,
    Option("--subnet", metavar="PREFIX", help="Its addresses; one is allotted when omitted."),
]
Gateways = Annotated[
    list[str] | None,
    Option("--gateway", metavar="ADDRESS", help="One for each subnet; none: no gateway."),
]
Ranges = Annotated[
    list[str] | None,
    Option("--ip-range", metavar="PREFIX", help="Allot addresses of this part only."),
]
Reserved = Annotated[
    list[str] | None,
    Option("--aux-address", metavar="NAME=ADDRESS", help="Never allot this address."),
]
IpamDriver = Annotated[
    str | None,
    Option("--ipam-driver", metavar="NAME", help="Who allots: default, null, or a plugin."),
]
IpamOpts = Annotated[
    list[str] | None,
    Option("--ipam-opt", metavar="KEY=VALUE", help="What the plugin that allots is told."),
]
Dns = Annotated[bool, Option("--dns", help="A name server on the gateway address (dnsmasq).")]
Internal = Annotated[bool, Option("--internal", help="No way in, and no way out.")]
Ipv6 = Annotated[bool, Option("--ipv6", help="Allot an IPv6 subnet where none is given.")]
Opts = Annotated[
    list[str] | None,
    Option("--opt", "-o", metavar="KEY=VALUE", help="What else the driver is told."),
]
Force = Annotated[bool, Option("--force", "-f", help="Disconnect all who are in it before.")]
Unasked = Annotated[bool, Option("--force", "-f", help="Do not ask.")]
PruneFilters = Annotated[
    list[str] | None,
    Option(
        "--filter",
        metavar="KEY=VALUE",
        help="Only those of this name (or part of it), driver or label, as network ls has them.",
    ),
]


def create(
    name: NewName,
    *,
    driver: Driver = "bridge",
    subnet: Subnets = None,
    gateway: Gateways = None,
    ip_range: Ranges = None,
    aux_address: Reserved = None,
    ipam_driver: IpamDriver = None,
    ipam_opt: IpamOpts = None,
    internal: Internal = False,
    ipv6: Ipv6 = False,
    dns: Dns = False,
    opt: Opts = None,
    label: Labels = None,
    manner: Manner = USUAL,
) -> None:
    """
    Make a network.

    It becomes part of the spec local, or of the one that --spec names, which is made where there is
    none: netkit export prints it, netkit apply takes it.

    Examples:
        netkit network create frontend
        netkit network create backend --subnet 10.1.0.0/24 --internal
        netkit network create dual --subnet 10.2.0.0/24 --ipv6 -o mtu=1400 --label team=web
    """
    check_new(name, "networks")
    said = options.network(
        driver=driver,
        subnets=subnet or (),
        gateways=gateway or (),
        ranges=ip_range or (),
        reserved=aux_address or (),
        ipam_driver=ipam_driver,
        ipam_options=ipam_opt or (),
        internal=internal,
        ipv6=ipv6,
        dns=dns,
        options=opt or (),
        labels=label or (),
    )

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        owner = manner.spec or DEFAULT
        others = [each for each in places(known, name, "networks") if each.spec != owner]
        if others and manner.spec is None:
            raise ConflictError(
                f"spec {others[0].spec} has a network {name} already",
                hint=f"another name; or --spec {owner} makes one beside it, {owner}/{name} then",
            )
        return {owner: edits.create_network(known.get(owner, {"name": owner}), name, said)}

    edit("network create", change, manner)


def rm(names: Names, *, force: Force = False, manner: Manner = USUAL) -> None:
    """
    Remove networks.

    One that has endpoints stays, and they are named; --force takes them out of it before. A network
    of a spec that came from a file goes as well: the file still has it, netkit export no longer.

    Examples:
        netkit network rm frontend
        netkit network rm shop/backend --force
    """
    notes: dict[str, list[str]] = {}

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        edited: dict[str, Mapping[str, Any]] = {}
        for place in dict.fromkeys(
            find(known, each, "networks", spec=manner.spec) for each in names
        ):
            document = edited.get(place.spec, known[place.spec])
            if force and (inside := edits.endpoints(document, place.name)):
                said = f"{', '.join(inside)} disconnected from {place.name}"
                notes.setdefault(place.spec, []).append(said)
            edited[place.spec] = edits.remove_network(document, place.name, force=force)
        return edited

    edit("network rm", change, manner, several=True, leaving=True, notes=notes)


def prune(*, filter_: PruneFilters = None, force: Unasked = False, manner: Manner = USUAL) -> None:
    """
    Remove the networks that nobody is in.

    Of the spec local, or of the one that --spec names. On a terminal it asks before; elsewhere it
    wants --force.

    Examples:
        netkit network prune --dry-run
        netkit network prune --force
        netkit network prune --force --filter label=team=web
    """
    owner = manner.spec or DEFAULT
    notes: dict[str, list[str]] = {}

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        document = known.get(owner, {})
        idle = _fitting(document, edits.idle(document), filter_ or [])
        if not idle:
            remark(f"no network{' of these' if filter_ else ''} is without endpoints")
            return {}
        if not (force or manner.dry_run):
            _ask(idle)
        notes[owner] = [f"removed: {', '.join(idle)}"]
        return {owner: reduce(edits.remove_network, idle, document)}

    edit("network prune", change, manner, several=True, notes=notes)


def _fitting(document: Mapping[str, Any], names: list[str], words: list[str]) -> list[str]:
    """Keep the networks of a spec that all filters let through."""
    said = entries(document.get("networks", {}))
    usual = {"driver": "bridge", "labels": {}}
    written = ({**usual, **said[name], "name": name} for name in names)
    return [each["name"] for each in filters.filtered(written, words, filters.WRITTEN)]


def _ask(idle: list[str]) -> None:
    if not is_terminal(sys.stdin):
        raise UsageError(
            f"{', '.join(idle)} would be removed", hint="--force removes, --dry-run shows how"
        )
    sys.stderr.write(f"remove {', '.join(idle)}? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise UsageError("nothing was removed")
