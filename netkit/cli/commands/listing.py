"""``netkit network ls`` and ``inspect``, ``netkit namespace ls`` and ``inspect``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

from netkit.apply.session import reading
from netkit.cli.told.envelope import reply
from netkit.cli.told.screen import say, table
from netkit.cli.typed.complete import networks, sandboxes
from netkit.cli.typed.options import Json
from netkit.cli.typed.parameter import Argument, Option
from netkit.cnm import filters, look
from netkit.errors import UsageError

Networks = Annotated[
    list[str],
    Argument(metavar="NETWORK", help="Networks: NAME, or SPEC/NAME.", autocompletion=networks),
]
Namespaces = Annotated[
    list[str],
    Argument(metavar="NAMESPACE", help="Namespaces: NAME, or SPEC/NAME.", autocompletion=sandboxes),
]
NetworkFilters = Annotated[
    list[str] | None,
    Option(
        "--filter",
        "-f",
        metavar="KEY=VALUE",
        help="Only those of this name (or part of it), driver, label, spec; or dangling=true.",
    ),
]
NamespaceFilters = Annotated[
    list[str] | None,
    Option(
        "--filter",
        "-f",
        metavar="KEY=VALUE",
        help="Only those of this name (or part of it), network, label, spec.",
    ),
]
Quiet = Annotated[bool, Option("--quiet", "-q", help="Only the names, one a line.")]
Data = dict[str, Any]
OWN = "the host's"
COUNTABLE = 1 << 32


def ls_networks(
    *, filter_: NetworkFilters = None, quiet: Quiet = False, as_json: Json = False
) -> None:
    """
    List the networks of all applied specs.

    Of the filters of one key one must hold, of different keys all, and of labels each.

    Examples:
        netkit network ls
        netkit network ls --filter driver=bridge --filter label=team=web
        netkit network inspect $(netkit network ls --quiet --filter dangling=true)
    """
    _check_manner(quiet=quiet, as_json=as_json)
    with reading() as session:
        known = look.networks(session)
    found = filters.filtered(known, filter_ or (), filters.NETWORK)
    if as_json:
        reply("network ls", {"networks": list(found)})
        return
    if quiet:
        _say_names(found, known)
        return
    rows = [
        (
            each["name"],
            each["spec"],
            each["driver"],
            _joined(part["subnet"] for part in each["subnets"]),
            "internal" if each["internal"] else _joined(_gateways(each)),
            str(len(each["endpoints"])),
        )
        for each in found
    ]
    table(("network", "spec", "driver", "subnets", "gateway", "endpoints"), rows)


def inspect_networks(names: Networks, *, as_json: Json = False) -> None:
    """
    Show all that is known of networks.

    Examples:
        netkit network inspect frontend
        netkit network inspect shop/frontend --json
    """
    with reading() as session:
        found = look.chosen(session, look.networks(session), names, "networks")
    if as_json:
        reply("network inspect", {"networks": list(found)})
        return
    for each in found:
        _say_network(each)


def ls_namespaces(
    *, filter_: NamespaceFilters = None, quiet: Quiet = False, as_json: Json = False
) -> None:
    """
    List the namespaces of all applied specs.

    Of the filters of one key one must hold, of different keys all, and of labels each.

    Examples:
        netkit namespace ls
        netkit namespace ls --filter network=backend
        netkit namespace rm $(netkit namespace ls --quiet --filter label=owner=me)
    """
    _check_manner(quiet=quiet, as_json=as_json)
    with reading() as session:
        known = look.namespaces(session)
    found = filters.filtered(known, filter_ or (), filters.NAMESPACE)
    if as_json:
        reply("namespace ls", {"namespaces": list(found)})
        return
    if quiet:
        _say_names(found, known)
        return
    rows = [
        (
            each["name"],
            each["spec"],
            f"{each['netns'] or OWN}{' (ended)' if each['ended'] else ''}",
            _joined(part["network"] for part in each["networks"]),
            _joined(address for part in each["networks"] for address in part["addresses"]),
            _joined(port for part in each["networks"] for port in part["publish"]),
        )
        for each in found
    ]
    table(("namespace", "spec", "netns", "networks", "addresses", "ports"), rows)


def inspect_namespaces(names: Namespaces, *, as_json: Json = False) -> None:
    """
    Show all that is known of namespaces.

    Examples:
        netkit namespace inspect con2
        netkit namespace inspect shop/con2 --json
    """
    with reading() as session:
        found = look.living(look.chosen(session, look.namespaces(session), names, "namespaces"))
    if as_json:
        reply("namespace inspect", {"namespaces": list(found)})
        return
    for each in found:
        _say_namespace(each)


def _check_manner(*, quiet: bool, as_json: bool) -> None:
    if quiet and as_json:
        raise UsageError("--quiet and --json exclude each other")


def _say_names(found: Iterable[Data], known: Iterable[Data]) -> None:
    """Write names that the other verbs take: with the spec, where several have one."""
    count = Counter(each["name"] for each in known)
    for each in found:
        name = each["name"]
        say(name if count[name] == 1 else f"{each['spec']}/{name}")


def _say_network(each: Data) -> None:
    say(f"{each['name']}: a network of spec {each['spec']}, driver {each['driver']}")
    for part in each["subnets"]:
        gateway = f", gateway {part['gateway']}" if part["gateway"] else ""
        say(f"  subnet     {part['subnet']}{gateway}")
        _say_room(part)
    if each["internal"]:
        say("  internal   no way in, and no way out")
    if each["bridge"]:
        where = f"in namespace {each['netns']}" if each["netns"] else "on the host"
        say(f"  bridge     {each['bridge']} {where}")
    options = each["options"].items()
    texts = {key: item if isinstance(item, str) else json.dumps(item) for key, item in options}
    _say_pairs("option", texts)
    _say_pairs("label", each["labels"])
    _say_endpoints("namespace", each["endpoints"])


def _say_room(part: Data) -> None:
    """Tell what is free, where netkit allots."""
    for each in part.get("reserved", ()):
        say(f"  reserved   {each['part']}{' for ' + each['for'] if each['for'] else ''}")
    if "free" in part:
        spans = (first if first == last else f"{first} to {last}" for first, last in part["ranges"])
        free = f": {', '.join(spans)}" if part["free"] else ""
        count = f"{part['free']:,} of {part['allottable']:,}"
        if part["free"] > COUNTABLE:
            count = f"all but {part['allottable'] - part['free']:,}"
        say(f"  free       {count}{free}")
    if part.get("next"):
        say(f"  next       {part['next']}")


def _say_namespace(each: Data) -> None:
    whose = "made by netkit" if each["made"] else "not made by netkit"
    say(f"{each['name']}: a namespace of spec {each['spec']}, {whose}")
    say(f"  netns      {each['netns'] or OWN}{', which has ended' if each['ended'] else ''}")
    _say_pairs("label", each["labels"])
    for who in each["processes"]:
        say(f"  process    {who['pid']} ({who['name']})")
    _say_endpoints("network", each["networks"])


def _say_pairs(what: str, pairs: Data) -> None:
    for key, value in pairs.items():
        say(f"  {what:<10} {key} {value}".rstrip())


def _say_endpoints(far: str, endpoints: list[Data]) -> None:
    if not endpoints:
        return
    rows = [
        (
            f"{each[far]} (ended)" if each.get("ended") else each[far],
            each["device"] or "-",
            _joined(each["addresses"]),
            each["mac"] or "-",
            _joined(each["aliases"]),
            _joined(each["publish"]),
        )
        for each in endpoints
    ]
    table((far, "device", "addresses", "mac", "aliases", "ports"), rows)


def _gateways(each: Data) -> Iterable[str]:
    return (part["gateway"] for part in each["subnets"] if part["gateway"])


def _joined(words: Iterable[str]) -> str:
    return " ".join(words) or "-"
