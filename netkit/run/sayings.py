"""
What the tools say when they refuse, and what it means.

Tools reword, so each row is held by a test on the real tool.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from netkit.errors import AbsentError, CommandError, ExistsError, LackingError

NO_DEVICE_TYPE = "Unknown device type"
NO_DISCIPLINE = "Specified qdisc kind is unknown"
NOT_SUPPORTED = "Operation not supported"
NOT_PERMITTED = ("Operation not permitted", "Permission denied")
RIGHTS = "CAP_NET_ADMIN and CAP_SYS_ADMIN"
READ_ONLY = "Read-only file system"
NO_NETNS = 'Invalid "netns" value'

SAYINGS: tuple[tuple[str, type[CommandError]], ...] = (
    ("File exists", ExistsError),
    ("Address already assigned", ExistsError),
    ("already exists", ExistsError),
    ("Cannot find device", AbsentError),
    ("No such process", AbsentError),
    ("No such file or directory", AbsentError),
    ("Cannot assign requested address", AbsentError),
    ("No such device", AbsentError),
    (NO_NETNS, AbsentError),
    *(
        (saying, LackingError)
        for saying in (*NOT_PERMITTED, READ_ONLY, NO_DEVICE_TYPE, NO_DISCIPLINE)
    ),
)

HINTS: tuple[tuple[str, str], ...] = (
    (
        READ_ONLY,
        "it is mounted read-only, as /proc/sys is in many containers: mount it for writing",
    ),
    (NO_NETNS, "that namespace is there no longer: its process has ended, or its name was removed"),
    ("Nexthop has invalid gateway", "no address of this namespace reaches the next hop"),
    ("Network is unreachable", "no address of this namespace reaches the next hop"),
    ("Address already assigned", "another program added it meanwhile: run the command again"),
    (
        "Address already in use",
        "another name server has this address: let it listen elsewhere only",
    ),
    ("failed to create inotify", "raise fs.inotify.max_user_instances: each name server needs one"),
    ("File exists", "another program added it meanwhile: run the command again"),
)

MODULES = {
    "vlan": "8021q",
    "bond": "bonding",
    "gre": "ip_gre",
    "gretap": "ip_gre",
    "ip6gretap": "ip6_gre",
    "ip6gre": "ip6_gre",
    "netem": "sch_netem",
    "tbf": "sch_tbf",
    "htb": "sch_htb",
    "ingress": "sch_ingress",
    "IPv6 NAT": "ip6table_nat nft_chain_nat",
    "raw table": "iptable_raw",
}
"""The modules that are not called as what they bring."""
OPTIONS = {"vlan_filtering": "CONFIG_BRIDGE_VLAN_FILTERING"}
"""What no module brings: it is built into the kernel, or is not."""

LACKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (NO_DEVICE_TYPE, re.compile(r" type (?P<found>\w+)")),
    (NO_DISCIPLINE, re.compile(r" (?P<found>netem|tbf|htb|ingress)\b")),
    (NOT_SUPPORTED, re.compile(r" (?P<found>vlan_filtering)\b|\bbridge (?:\S+ )*vlan ")),
)
"""By what the tool says: which word of the command names what the kernel lacks."""
ONLY_FILTERING = "vlan_filtering"


def refusal(command: str, returncode: int, said: str) -> CommandError:
    """Turn a tool's words into the error that names what happened."""
    lacking = _lacking(command, said)
    known = next((kind for saying, kind in SAYINGS if saying in said), CommandError)
    kind = LackingError if lacking else known
    return kind(command, returncode, said, hint=_hint(command, said, lacking))


def may_not() -> str:
    """Say what would help who may not: sudo helps nobody who is root."""
    if os.geteuid() != 0:
        return f"netkit needs root ({RIGHTS}): try sudo"
    return f"even root may not here: it is read-only, or a container took {RIGHTS} away"


def way_out(features: Iterable[str]) -> str:
    """Say how to get features that the kernel lacks, such as ``vlan`` or ``netem``."""
    wanted = frozenset(features)
    names = " ".join(sorted({MODULES.get(each, each) for each in wanted - OPTIONS.keys()}))
    options = " ".join(sorted(OPTIONS[each] for each in wanted & OPTIONS.keys()))
    # Without -a, modprobe(8) takes what follows a name for that module's parameters.
    said = (
        *((f"load its module (modprobe {'-a ' if ' ' in names else ''}{names})",) if names else ()),
        *((f"take a kernel built with {options}",) if options else ()),
    )
    return ", ".join(said)


def _lacking(command: str, said: str) -> str:
    for saying, feature in LACKS:
        if saying in said and (found := feature.search(command)):
            return found["found"] or ONLY_FILTERING
    return ""


def _hint(command: str, said: str, lacking: str) -> str:
    if any(saying in said for saying in NOT_PERMITTED):
        return may_not()
    if lacking:
        return f"this kernel has no {lacking}: {way_out((lacking,))}"
    if "sysctl" in command.split() and "No such file or directory" in said:
        return "this kernel has no such setting, or has it for the whole machine alone"
    return next((hint for saying, hint in HINTS if saying in said), "")
