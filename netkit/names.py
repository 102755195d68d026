"""
What may be a name, and names computed from what they belong to.

The same inputs give the same name on every host and after every crash, which is what lets a plan
be made ahead and a teardown need no file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address

IFNAME_BYTES = 15  # IFNAMSIZ is 16, and the last byte is NUL
CHAIN_BYTES = 28  # iptables: 29 with the NUL

NAME = re.compile(r"(?!\d+\Z)[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
IFNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")
RESERVED_IFNAMES = frozenset({"all", "default"})

HOST = "host"
HIDDEN_PREFIX = "nk-"

GROUP_BASE = 0x6E000000  # "n"; the low bit says "about to be deleted"
GROUP_BITS = 23
ROUTE_PROTOCOL = "200"
"""Of routes, rules and neighbours of netkit's elsewhere, as ip prints it."""
USER_CHAIN = "NETKIT-USER"
"""The chain of the host's user, asked before netkit's own rules of FORWARD."""
OVS_OWNER = "netkit"
"""The key of Open vSwitch's external_ids that names the spec."""
MARK = "netkit:"
"""Aliases and comments of netkit's begin with it; the name of the spec follows."""


def digest(*parts: str) -> str:
    """Hash ``parts`` into 64 hex digits; a NUL keeps ("a", "bc") and ("ab", "c") apart."""
    return sha256("\0".join(parts).encode()).hexdigest()


def hashed_ifname(prefix: str, *parts: str) -> str:
    """Name a device after what it belongs to, e.g. ``nk-1f0c9a7be2d4``."""
    return (prefix + digest(*parts))[:IFNAME_BYTES]


def endpoint_ifname(spec: str, network: str, namespace: str) -> str:
    """Name the near end of an endpoint's veth pair, the one on the network's bridge."""
    return hashed_ifname(HIDDEN_PREFIX, "endpoint", spec, network, namespace)


def bridge_ifname(spec: str, network: str) -> str:
    """Name a network's bridge."""
    return hashed_ifname(HIDDEN_PREFIX, "network", spec, network)


def vlan_ifname(spec: str, namespace: str, parent: str, vid: int) -> str:
    """Name the 802.1Q device that networks on one VLAN of a parent share."""
    return hashed_ifname(HIDDEN_PREFIX, "vlan", spec, namespace, parent, str(vid))


def hidden_netns(spec: str) -> str:
    """Name the namespace that holds a spec's hidden bridges."""
    return HIDDEN_PREFIX + digest("hidden", spec)[:12]


def chain_suffix(spec: str) -> str:
    """Give the end of the names of a spec's chains, e.g. ``-1f0c9a7be2d4``."""
    return "-" + digest("chain", spec)[:12]


def chain(hook: str, spec: str) -> str:
    """Name a spec's chain of one built-in chain, e.g. ``NK-FORWARD-1f0c9a7be2d4``."""
    return f"NK-{hook}{chain_suffix(spec)}"


@lru_cache(maxsize=64)
def group(spec: str) -> int:
    """
    Give the device group that marks a spec's devices: 0x6e000000 and 23 bits of its hash, even.

    The odd neighbour, ``group + 1``, gathers the devices that are about to be deleted.
    """
    return GROUP_BASE | (int(digest("group", spec)[:8], 16) & ((1 << GROUP_BITS) - 1) & ~1)


def is_owned_group(number: int) -> bool:
    """Say whether a device group is one of netkit's, of whatever spec."""
    return number >> GROUP_BITS == GROUP_BASE >> GROUP_BITS


def rule_comment(spec: str) -> str:
    """Write the mark that each rule of iptables bears."""
    return f"{MARK}{spec}"


def file_mark(spec: str) -> str:
    """Write the first line of a file of netkit's."""
    return f"# {MARK}{spec}\n"


def namespace_alias(spec: str, namespace: str) -> str:
    """Write the mark on ``lo`` of a namespace that netkit made."""
    return f"{MARK}{spec}/{namespace}"


def device_alias(spec: str, namespace: str, ifname: str) -> str:
    """Write the mark on a device that netkit made."""
    return f"{MARK}{spec}/{namespace}/{ifname}"


def mark_owner(text: str | None) -> str | None:
    """Read the spec's name out of an alias or a comment; None where it is no mark of netkit's."""
    if text is None or not text.startswith(MARK):
        return None
    return text.removeprefix(MARK).split("/", 1)[0]


def mac_of_address(address: IPv4Address) -> str:
    """Derive an endpoint's MAC address from its IPv4 address: 02:42 and its four bytes."""
    return "02:42:" + address.packed.hex(":")


def mac_of(*parts: str) -> str:
    """Derive a locally administered MAC address from what the device belongs to."""
    return "02:" + bytes.fromhex(digest("mac", *parts)[:10]).hex(":")
