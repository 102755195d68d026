"""The section ``namespaces``: from the document to ``Sandbox``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netkit.model.topology import Dns, ForeignNetns, IPAddress, Network, Sandbox
from netkit.names import HOST
from netkit.spec import words
from netkit.spec.report import At
from netkit.spec.sections.devices import build_devices
from netkit.spec.sections.endpoints import build_endpoints
from netkit.spec.sections.filters import build_firewall, build_nat
from netkit.spec.sections.reader import Object, Reader, labels
from netkit.spec.sections.routing import build_neighbors, build_routes, build_rules

LATER_KEYS = {"run": "netkit exec starts a program in a namespace"}
FORWARDING_SYSCTLS = {
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/forwarding",
    "net/ipv6/conf/all/forwarding",
}


def build_namespaces(
    section: Object, at: At, networks: Mapping[str, Network], reader: Reader
) -> tuple[Sandbox, ...]:
    """Read all namespaces, ranges written out."""
    written = reader.expansion.keys(section, at)
    return tuple(
        _sandbox(name, value, place, networks=networks, reader=reader)
        for name, (value, place) in written.items()
    )


def _sandbox(
    name: str, value: Object, at: At, *, networks: Mapping[str, Network], reader: Reader
) -> Sandbox:
    reader.word(words.read_namespace, name, at, at_key=True)
    reader.later(value, LATER_KEYS, at)
    if name == HOST:
        _refuse_for_host(value, at, reader)

    def part(key: str, build: Any) -> Any:
        return build(value[key], at / key, reader) if key in value else ()

    endpoints = build_endpoints(value.get("networks", ()), at / "networks", networks, reader)
    return Sandbox(
        name=name,
        netns=part("netns", _netns) or None,
        shares_host=any(networks[each.network].driver == HOST for each in endpoints),
        endpoints=endpoints,
        devices=part("devices", build_devices),
        routes=part("routes", build_routes),
        rules=part("rules", build_rules),
        neighbors=part("neighbors", build_neighbors),
        forwarding=_forwarding(value.get("forwarding")),
        dad=value.get("dad", False),
        sysctls=_sysctls(value, at, reader),
        nat=part("nat", build_nat),
        firewall=part("firewall", build_firewall) or None,
        dns=part("dns", build_dns) or None,
        labels=labels(value),
        pointer=at.pointer,
    )


def _refuse_for_host(value: Object, at: At, reader: Reader) -> None:
    if "netns" in value:
        reader.report.add(
            at / "netns", "host is the namespace netkit runs in: it has no netns", at_key=True
        )
    if "dns" in value:
        reader.report.add(
            at / "dns", "the names that the host knows are not netkit's to set", at_key=True
        )
    if "policy" in value.get("firewall", {}):
        reader.report.add(
            at / "firewall" / "policy",
            "a policy of the host's firewall is not netkit's to set",
            hint="write a rule that drops at the end of rules",
            at_key=True,
        )


def _netns(value: Object, at: At, reader: Reader) -> ForeignNetns:
    return ForeignNetns(
        name=reader.under(words.read_netns_name, value, "name", at),
        path=reader.under(words.read_path, value, "path", at),
        pid=value.get("pid"),
    )


def _forwarding(value: Any) -> tuple[bool | None, bool | None]:
    if isinstance(value, dict):
        return value.get("ipv4"), value.get("ipv6")
    return value, value


def _sysctls(value: Object, at: At, reader: Reader) -> tuple[tuple[str, str], ...]:
    sysctls = value.get("sysctls", {})
    for key, setting in sysctls.items():
        reader.word(words.read_sysctl, key, at / "sysctls" / key, at_key=True)
        if isinstance(setting, str):
            reader.word(words.read_sysctl_value, setting, at / "sysctls" / key)
        if key in FORWARDING_SYSCTLS:
            reader.report.add(
                at / "sysctls" / key,
                f"{key} is said by the key forwarding",
                hint='write "forwarding": true or false',
                at_key=True,
            )
    return tuple((key, str(setting)) for key, setting in sysctls.items())


def build_dns(value: Any, at: At, reader: Reader) -> Dns | None:
    """Read what a sandbox knows of names."""
    if value == "server":
        reader.report.add(
            at, "a name server is a network's", hint='write "dns": "server" in a network of its'
        )
        return None
    hosts: list[tuple[str, IPAddress]] = []
    for name in value.get("hosts", {}):
        reader.word(words.read_hostname, name, at / "hosts" / name, at_key=True)
        addresses = reader.list_under(words.read_ip, value["hosts"], name, at / "hosts")
        hosts.extend((name, address) for address in addresses)
    return Dns(
        nameservers=reader.list_under(words.read_ip, value, "nameservers", at),
        search=reader.list_under(words.read_hostname, value, "search", at),
        hosts=tuple(hosts),
    )
