"""
Keep what the host has of its own when it begins to forward.

A host that forwards ignores router advertisements, and so would lose its default route. Where a
device has accept_ra=1 it becomes 2: accept them although forwarding. And whenever ip_forward is
written, the kernel sets accept_redirects anew: it stays what it was.

Source: kernel, Documentation/networking/ip-sysctl.rst, accept_ra and ip_forward.
"""

from __future__ import annotations

from netkit.apply.session import Session
from netkit.apply.values.former import ACCEPT_RA, FORWARDING6, REDIRECTS, key_of
from netkit.model.link import Link
from netkit.model.setting import Sysctl
from netkit.model.state import State
from netkit.run.job import Ask, Job
from netkit.state.memory import Memory

FORWARDING4 = ("sysctl", None, "net/ipv4/ip_forward")


def redirected(session: Session, seen: State, desired: State) -> tuple[Sysctl, ...]:
    """Give the value of accept_redirects that stays when the host begins or ends to forward."""
    wanted, now = desired.get(FORWARDING4), seen.get(FORWARDING4)
    if not isinstance(wanted, Sysctl) or not isinstance(now, Sysctl) or wanted.value == now.value:
        return ()
    if ("sysctl", None, REDIRECTS) in desired:
        return ()
    (answer,) = session.runner.run([Job(None, ask=Ask(None, sysctls=(REDIRECTS,)))])
    return tuple(
        Sysctl(name=name, value=value, origin=wanted.origin)
        for name, value in answer.sysctls.items()
    )


def accepting(session: Session, seen: State, desired: State) -> tuple[Sysctl, ...]:
    """Give the values that keep router advertisements accepted on the host's devices."""
    wanted = desired.get(FORWARDING6)
    if not isinstance(wanted, Sysctl) or wanted.value != "1":
        return ()
    kept = _remembered(session.memory)
    now = seen.get(FORWARDING6)
    names = set(kept)
    if isinstance(now, Sysctl) and now.value == "0":
        names |= {
            f"net/ipv6/conf/{item.ifname}{ACCEPT_RA}"
            for item in seen.every(Link)
            if item.netns is None and not item.group and item.ifname != "lo"
        }
    if not names:
        return ()
    (answer,) = session.runner.run([Job(None, ask=Ask(None, sysctls=tuple(sorted(names))))])
    return tuple(  # a device that has gone meanwhile has none
        Sysctl(name=name, value="2", origin=wanted.origin)
        for name, value in sorted(answer.sysctls.items())
        if name in kept or value == "1"
    )


def _remembered(memory: Memory) -> set[str]:
    """Name the values that were changed for this, whichever spec began: the others need them."""
    keys = [key_of(row.place) for row in memory.former()]
    return {str(key[2]) for key in keys if key[0] == "sysctl" and str(key[2]).endswith(ACCEPT_RA)}
