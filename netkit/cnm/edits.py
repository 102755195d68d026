"""
Edits of a spec: a document goes in, another comes out; nothing is read and nothing is checked.

What is not touched stays as it was written. Rules of the model that need no more than the document
to be told are held here: an endpoint belongs to one network and one sandbox, and a network with
endpoints does not go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netkit.errors import ConflictError, NetkitError, UsageError
from netkit.names import HOST
from netkit.spec.written import entries, members, singled, with_members

Object = Mapping[str, Any]
Document = dict[str, Any]


def create_network(document: Object, name: str, said: Object) -> Document:
    """
    Add a network.

    Raises:
        ConflictError: It is there.
    """
    networks = entries(document.get("networks", {}))
    if name in networks:
        raise ConflictError(
            f"spec {document['name']} has a network {name} already",
            hint=f"netkit network inspect {name} shows it",
        )
    return {**document, "networks": {**document.get("networks", {}), name: dict(said)}}


def remove_network(document: Object, name: str, *, force: bool = False) -> Document:
    """
    Take a network away; forced, its endpoints before.

    Raises:
        ConflictError: It has endpoints; they are named.
    """
    inside = endpoints(document, name)
    if inside and not force:
        raise ConflictError(
            f"network {name} has {counted(len(inside), 'endpoint')}: {', '.join(inside)}",
            hint=f"netkit network disconnect {name} {inside[0]}, or --force, which disconnects all",
        )
    found = dict(document)
    for sandbox in inside:
        found = disconnect(found, name, sandbox)
    return _without(found, "networks", name)


def idle(document: Object) -> list[str]:
    """Name the networks that nobody is in."""
    return [name for name in entries(document.get("networks", {})) if not endpoints(document, name)]


def connect(
    document: Object, network: str, sandbox: str, said: Object, *, netns: Object | None = None
) -> Document:
    """
    Add an endpoint.

    Args:
        document: The spec.
        network: Of it.
        sandbox: Its name in the spec.
        said: What the endpoint says.
        netns: Where the sandbox is, when netkit did not make it.

    Raises:
        ConflictError: The sandbox is in the network, or is somewhere else.
    """
    section = singled(document.get("namespaces", {}), sandbox)
    entry = section.get(sandbox, {} if netns is None else {"netns": dict(netns)})
    if netns is not None and entry.get("netns") != netns:
        raise ConflictError(
            f"{sandbox} is another namespace in spec {document['name']}", hint="give another name"
        )
    joined = members(entry)
    if network in joined:
        raise ConflictError(
            f"{sandbox} is in network {network} already: an endpoint belongs to one network and"
            " one namespace",
            hint=f"to change it: netkit network disconnect {network} {sandbox}, and connect anew",
        )
    section[sandbox] = with_members(entry, {**joined, network: dict(said)})
    return {**document, "namespaces": section}


def disconnect(document: Object, network: str, sandbox: str) -> Document:
    """
    Take an endpoint away; a namespace of others' goes from the spec with its last.

    Raises:
        NetkitError: There is no such endpoint.
    """
    section = singled(document.get("namespaces", {}), sandbox)
    entry = section.get(sandbox, {})
    joined = members(entry)
    if network not in joined:
        known = ", ".join(joined) or "none"
        raise NetkitError(f"{sandbox} is not in network {network}", hint=f"its networks: {known}")
    left = with_members(entry, {name: said for name, said in joined.items() if name != network})
    if left.keys() <= {"netns"} and (left or sandbox == HOST):
        return _without({**document, "namespaces": section}, "namespaces", sandbox)
    section[sandbox] = left
    return {**document, "namespaces": section}


def create_namespace(document: Object, name: str, said: Object) -> Document:
    """
    Add a namespace.

    Raises:
        ConflictError: It is there.
        UsageError: It is the host.
    """
    if name == HOST:
        raise UsageError(
            "host is the namespace netkit runs in: it is there",
            hint="netkit network connect NETWORK host makes it a member",
        )
    if name in entries(document.get("namespaces", {})):
        raise ConflictError(
            f"spec {document['name']} has a namespace {name} already",
            hint=f"netkit namespace inspect {name} shows it",
        )
    return {**document, "namespaces": {**document.get("namespaces", {}), name: dict(said)}}


def remove_namespace(document: Object, name: str) -> Document:
    """Take a namespace away, and the checks that begin or end there."""
    found = _without(document, "namespaces", name)
    checks = [each for each in document.get("checks", ()) if not _is_about(each, name)]
    if len(checks) < len(document.get("checks", ())):
        found |= {"checks": checks}
        if not checks:
            del found["checks"]
    return found


def endpoints(document: Object, network: str) -> list[str]:
    """Name the namespaces that are in a network."""
    return [
        name
        for name, entry in entries(document.get("namespaces", {})).items()
        if network in members(entry)
    ]


def counted(number: int, what: str) -> str:
    """Say how many."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _without(document: Object, section: str, name: str) -> Document:
    """Take an entry out; a section goes with its last."""
    left = singled(document[section], name)
    del left[name]
    if left:
        return {**document, section: left}
    return {key: value for key, value in document.items() if key != section}


def _is_about(check: Object, name: str) -> bool:
    target = next((check[verb] for verb in ("ping", "tcp", "udp") if verb in check), "")
    return name in {check.get("from"), target, str(target).rpartition(":")[0]}
