"""
IPv6 addresses that answer at once.

Also one that nobody is asked about first (``accept_dad=0``) is tentative until a work queue of the
kernel's has come to it, and what is sent to it until then is lost. As a rule that is before netkit
looks; on a busy machine it may be later.

Source: kernel, net/ipv6/addrconf.c, addrconf_dad_work(); ip-address(8).
"""

from __future__ import annotations

import time
from collections.abc import Collection

from netkit.command import addr
from netkit.facts.read import TENTATIVE
from netkit.model.addressing import Address
from netkit.model.link import Link
from netkit.model.object import Netns
from netkit.model.setting import Sysctl
from netkit.model.state import State
from netkit.run.job import Ask, Job
from netkit.run.runner import Runner

PAUSE = 0.005
TRIES = 200


def outwait(runner: Runner, desired: State, late: Collection[Netns]) -> None:
    """
    Wait until no address of ``desired`` is tentative, a second at most.

    Not for those with duplicate address detection, which takes longer and may fail.

    Args:
        runner: The hands.
        desired: What was led to.
        late: Where an address was tentative when the namespace was finished.
    """
    if not late:
        return
    devices = _devices(desired, frozenset(late))
    for _ in range(TRIES):
        jobs = [
            Job(netns, ask=Ask(netns, tuple(addr.show(name) for name in names)))
            for netns, names in devices.items()
        ]
        said = runner.run(jobs)
        devices = {
            each.netns: devices[each.netns] for each in said if TENTATIVE in "".join(each.texts)
        }
        if not devices:
            return
        time.sleep(PAUSE)


def _devices(desired: State, places: frozenset[Netns]) -> dict[Netns, tuple[str, ...]]:
    """Name the devices whose addresses should be there by now."""
    on = {(item.netns, item.name) for item in desired.every(Sysctl) if item.value == "1"}
    found: dict[Netns, dict[str, None]] = {}
    for item in desired.every(Address):
        if item.netns not in places or ":" not in item.cidr:
            continue
        device = desired.get(("link", item.netns, item.ifname))
        detects = (item.netns, f"net/ipv6/conf/{item.ifname}/accept_dad") in on
        if isinstance(device, Link) and device.up and not detects:
            found.setdefault(item.netns, {})[item.ifname] = None
    return {netns: tuple(names) for netns, names in found.items()}
