"""What a rule of netkit's that leads a port elsewhere says, read back from its words."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from itertools import pairwise

from netkit.model.firewall import Chain, Words
from netkit.model.topology import IPAddress
from netkit.value import Value

REQUIRED = frozenset({"-p", "--dport", "--dst-type", "--to-destination"})


class Redirect(Value, frozen=True):
    """
    A published port, as the rules have it.

    Args:
        family: 4 or 6.
        protocol: tcp, udp or sctp.
        address: Of the host; None is any.
        ports: Of the host, first and last.
        to: The address that it leads to.
        port: There, of the first.
    """

    family: int
    protocol: str
    address: IPAddress | None
    ports: tuple[int, int]
    to: IPAddress
    port: int

    def __str__(self) -> str:
        first, last = self.ports
        ports = f"port {first}" if first == last else f"ports {first}-{last}"
        where = f" of {self.address}" if self.address else ""
        return f"{self.protocol} {ports}{where} (IPv{self.family})"

    def meets(self, other: Redirect) -> bool:
        """Say whether there is a packet that both would have."""
        return (
            (self.family, self.protocol) == (other.family, other.protocol)
            and self.ports[0] <= other.ports[1]
            and other.ports[0] <= self.ports[1]
            and (None in {self.address, other.address} or self.address == other.address)
        )


def redirects(chain: Chain) -> Iterator[Redirect]:
    """Give the published ports of a chain."""
    for words in chain.rules if chain.table == "nat" else ():
        if REQUIRED.issubset(words) and (found := _read(chain.family, words)) is not None:
            yield found


def _read(family: int, words: Words) -> Redirect | None:
    """Read a rule; None for one that somebody else wrote, in whichever way."""
    said = dict(pairwise(words))
    first, _, last = said["--dport"].partition(":")
    where = said.get("-d") if words[0] != "!" else None
    try:
        to, port = _target(said["--to-destination"])
        return Redirect(
            family=family,
            protocol=said["-p"],
            address=None if where is None else ip_network(where).network_address,
            ports=(int(first), int(last or first)),
            to=to,
            port=int(port or first),
        )
    except ValueError:
        return None


def _target(text: str) -> tuple[IPAddress, str]:
    """Read the address, and the first of its ports; empty where they are the host's."""
    if text.startswith("["):
        address, _, ports = text[1:].partition("]")
        ports = ports.removeprefix(":")
    elif text.count(":") > 1:
        address, ports = text, ""
    else:
        address, _, ports = text.partition(":")
    return ip_address(address), ports.partition("/")[0].partition("-")[0]
