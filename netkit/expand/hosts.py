"""
Names: hosts and, where needed, resolv.conf for namespaces that have a name; name servers.

They lie under /etc/netns/NAME, which ``ip netns exec`` binds over /etc (ip-netns(8)). The lines of
a network are the same for all its members, so they are written once and shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from netkit.command.file import ETC_NETNS
from netkit.expand.nameserver import server, servers
from netkit.expand.placement import Site, is_made
from netkit.model.object import Object
from netkit.model.setting import File
from netkit.model.topology import Endpoint, Sandbox
from netkit.names import file_mark

MOST_SERVERS = 3  # MAXNS of resolv.h
LOCALHOST = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"


def files(site: Site) -> Iterator[Object]:
    """Say what is under /etc/netns, and who answers by it."""
    mark = file_mark(site.spec)
    members = _member_lines(site)
    for sandbox in site.topology.namespaces:
        if not (is_made(sandbox) or _is_named(sandbox)):
            continue
        directory = f"{ETC_NETNS}/{site.netns[sandbox.name]}"
        shared = tuple(members[endpoint.network] for endpoint in sandbox.endpoints)
        parts = (mark, LOCALHOST, _own_lines(site, sandbox), *shared, _extra_lines(sandbox))
        yield File(
            path=f"{directory}/hosts",
            parts=tuple(part for part in parts if part),
            origin=sandbox.pointer,
            gift=not is_made(sandbox),
        )
        if lines := _resolver_lines(site, sandbox):
            yield File(
                path=f"{directory}/resolv.conf",
                parts=(mark, lines),
                origin=sandbox.pointer,
                gift=not is_made(sandbox),
            )
    for network in site.topology.networks:
        if network.dns is not None:
            yield from server(site, network, members[network.name])


def _is_named(sandbox: Sandbox) -> bool:
    """A namespace that netkit did not make is one of ``ip netns`` only if it is known by name."""
    return sandbox.netns is not None and sandbox.netns.name is not None


def _member_lines(site: Site) -> dict[str, str]:
    """Write the lines of each network: one for each address of each member."""
    lines: dict[str, list[str]] = defaultdict(list)
    for sandbox in site.topology.namespaces:
        for endpoint in sandbox.endpoints:
            lines[endpoint.network] += _lines(sandbox.name, endpoint)
    return {network.name: "".join(lines[network.name]) for network in site.topology.networks}


def _lines(name: str, endpoint: Endpoint) -> Iterator[str]:
    scoped = [each for each in (name, *endpoint.aliases) if "." not in each or each == name]
    suffixed = (f"{each}.{endpoint.network}" for each in scoped)
    names = " ".join((name, *endpoint.aliases, *suffixed))
    for address in endpoint.addresses or ():
        yield f"{address.ip}\t{names}\n"


def _own_lines(site: Site, sandbox: Sandbox) -> str:
    """Name the namespace itself by the addresses of its cables and devices."""
    addresses = [address for end, _ in site.ends.get(sandbox.name, ()) for address in end.addresses]
    addresses += [address for device in sandbox.devices for address in device.addresses]
    return "".join(f"{address.ip}\t{sandbox.name}\n" for address in addresses)


def _extra_lines(sandbox: Sandbox) -> str:
    pairs = sandbox.dns.hosts if sandbox.dns else ()
    return "".join(f"{address}\t{name}\n" for name, address in pairs)


def _resolver_lines(site: Site, sandbox: Sandbox) -> str:
    """Write a resolv.conf: the name servers that it says itself, or those of its networks."""
    said = sandbox.dns.nameservers if sandbox.dns else ()
    search = sandbox.dns.search if sandbox.dns else ()
    found = said or servers(site, sandbox)[:MOST_SERVERS]
    lines = [f"nameserver {address}\n" for address in found]
    if search:
        lines.append(f"search {' '.join(search)}\n")
    return "".join(lines)
