"""dnsmasq: a name server for one network, configured by its words alone."""

from __future__ import annotations

from collections.abc import Iterable

from netkit.command.word import Address, word

STARTED = "started, version"
"""What it says when its sockets are open."""


def serve(
    hosts: str,
    *,
    addresses: Iterable[Address],
    local: str | None = None,
    forward: bool = True,
) -> tuple[str, ...]:
    """
    Give the words that answer for the names of a network.

    Equivalent to: ``dnsmasq --keep-in-foreground --hostsdir=HOSTS --listen-address=ADDRESS …``

    Args:
        hosts: Directory of hosts files; what is written there is read at once (inotify).
        addresses: Where it listens, and nowhere else.
        local: Domain of which nobody else is asked.
        forward: False: there is nobody else to ask, and what is not known does not exist.

    Source: dnsmasq(8).
    """
    return (
        *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file"),
        *("--user=nobody", "--log-facility=-", "--bind-interfaces"),
        *(f"--listen-address={word(address)}" for address in addresses),
        *("--no-hosts", f"--hostsdir={word(hosts)}"),
        *("--domain-needed", "--bogus-priv", "--no-negcache"),
        *((f"--local=/{word(local)}/",) if local is not None else ()),
        *(() if forward else ("--no-resolv", "--address=/#/")),
    )
