"""
Addresses: what ``ip address show`` says of each device besides its link.

    {"ifname": "eth0", "addr_info": [{"family": "inet", "local": "10.1.0.2", "prefixlen": 24}]}
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from netkit.facts.document import prefix
from netkit.facts.link import ETHER, QUESTION, SAYS, Entry, Given
from netkit.model.addressing import Address
from netkit.model.object import Netns

__all__ = ["QUESTION", "SAYS", "addresses", "parse"]

OF_LO = frozenset({"127.0.0.1/8", "::1/128"})

# A MAC address with ff:fe in its middle (RFC 4291, appendix A), or an IPv4 address behind 5efe (RFC
# 5214). Not compared with the device's MAC: that may have changed since, a bridge's does.
MADE = re.compile(r"fe80::(?:(?:[0-9a-f]{1,4}:)?[0-9a-f]{0,2}ff:fe[0-9a-f]{2}:|(?:200:)?5efe:)")
KERNEL_LL = frozenset({"kernel_ll", "2"})  # printed since iproute2 6.3


def parse(
    said: str, netns: Netns = None, *, claimed: Collection[tuple[str, str]] = ()
) -> tuple[Address, ...]:
    """
    Read the answer to ``QUESTION``, without what the kernel gave by itself.

    Args:
        said: The answer.
        netns: Whose.
        claimed: (device, cidr) of what is to be seen even if it looks like the kernel's own.

    Returns:
        E.g. ``(Address(netns="con1", ifname="eth0", cidr="10.1.0.2/24"),)``

    Raises:
        NetkitError: It is not what ip answers.
    """
    with SAYS:
        return tuple(addresses(SAYS.entries(said), netns, claimed))


def addresses(
    found: Iterable[Entry], netns: Netns, claimed: Collection[tuple[str, str]] = ()
) -> Iterator[Address]:
    """Read the entries of an answer."""
    for entry in found:
        ifname = entry.ifname
        for given in entry.addr_info:
            cidr = prefix(given.local, given.prefixlen)
            if (
                not (ifname == "lo" and cidr in OF_LO)
                and (":" not in cidr or not is_kernels(entry.link_type, given, cidr))
            ) or (ifname, cidr) in claimed:
                yield Address(netns=netns, ifname=ifname, cidr=cidr)


def is_kernels(link_type: str, given: Given, cidr: str) -> bool:
    """Say whether the kernel gave an IPv6 address to a device, unasked."""
    if given.dynamic or given.temporary or given.mngtmpaddr:  # as a router said
        return True
    return (cidr.startswith("fe80:") and cidr.endswith("/64")) and (
        given.protocol in KERNEL_LL
        or given.stable
        or link_type not in ETHER  # no MAC address to derive it from: drawn
        or MADE.match(cidr) is not None
    )
