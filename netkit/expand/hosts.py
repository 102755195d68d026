"""
Names: a hosts file and, where asked for, a resolv.conf for each namespace of netkit's.

They lie under /etc/netns/NAME, which ``ip netns exec`` binds over /etc (ip-netns(8)). The lines of
a network are the same for all its members, so they are written once and shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from netkit.expand.placement import Site, is_made
from netkit.model.object import Object
from netkit.model.setting import File
from netkit.model.topology import Endpoint, Sandbox

ETC_NETNS = "/etc/netns"
LOCALHOST = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"


def files(site: Site) -> Iterator[Object]:
    """Say what is under /etc/netns."""
    mark = f"# netkit:{site.spec}\n"
    members = _member_lines(site)
    for sandbox in site.topology.namespaces:
        if not is_made(sandbox):
            continue
        directory = f"{ETC_NETNS}/{site.netns[sandbox.name]}"
        shared = tuple(members[endpoint.network] for endpoint in sandbox.endpoints)
        parts = (mark, LOCALHOST, _own_lines(site, sandbox), *shared, _extra_lines(sandbox))
        yield File(
            path=f"{directory}/hosts",
            parts=tuple(part for part in parts if part),
            origin=sandbox.pointer,
        )
        if sandbox.dns is not None and (sandbox.dns.nameservers or sandbox.dns.search):
            yield File(
                path=f"{directory}/resolv.conf",
                parts=(mark, _resolver_lines(sandbox)),
                origin=sandbox.pointer,
            )


def _member_lines(site: Site) -> dict[str, str]:
    """Write the lines of each network: one for each address of each member."""
    lines: dict[str, list[str]] = defaultdict(list)
    for sandbox in site.topology.namespaces:
        for endpoint in sandbox.endpoints:
            lines[endpoint.network] += _lines(sandbox.name, endpoint)
    return {network.name: "".join(lines[network.name]) for network in site.topology.networks}


def _lines(name: str, endpoint: Endpoint) -> Iterator[str]:
    names = " ".join((name, *endpoint.aliases, f"{name}.{endpoint.network}"))
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


def _resolver_lines(sandbox: Sandbox) -> str:
    assert sandbox.dns is not None
    lines = [f"nameserver {address}\n" for address in sandbox.dns.nameservers]
    if sandbox.dns.search:
        lines.append(f"search {' '.join(sandbox.dns.search)}\n")
    return "".join(lines)
