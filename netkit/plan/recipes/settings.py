"""Namespaces, kernel parameters, attributes of others' devices, files and queueing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from netkit.command import daemon, dnsmasq, file, link, netns, qdisc, sysctl
from netkit.model.daemon import Daemon
from netkit.model.netns import Namespace
from netkit.model.object import Object
from netkit.model.setting import Attribute, File, Qdisc, Sysctl
from netkit.plan.phase import Phase, Rank
from netkit.plan.recipes.verbs import Context, Line, change, create, delete
from netkit.plan.world import device_of

MEANINGS = (
    ("net/ipv4/ip_forward", "whether it passes packets on (IPv4)"),
    ("/forwarding", "whether it passes packets on"),
    ("rp_filter", "whether answers may come another way than questions go"),
    ("promote_secondaries", "the next address of a prefix takes the place of the first"),
    ("accept_dad", "addresses work at once, without asking who else has them"),
    ("addr_gen_mode", "a switch's port needs no address"),
    ("accept_ra", "router advertisements count although it forwards"),
    ("route_localnet", "by 127.0.0.1 a port of the host leads to a member"),
    ("fib_multipath", "how flows are spread over several ways"),
)
BURST_SHARE = 100
LEAST_BURST = 3200
LATENCY = "50ms"


@create.register(Namespace)
def _(item: Namespace, context: Context) -> Iterator[Line]:
    assert item.netns is not None
    yield Phase.NETNS, Rank.FIRST, netns.add(item.netns), "a network stack of its own"


@change.register(Namespace)
def _(after: Namespace, before: Object, context: Context) -> Iterator[Line]:
    assert after.netns is not None
    why = "an empty file, left when ip netns was cut off"
    yield Phase.NETNS, Rank.FIRST, netns.delete(after.netns), why
    yield from create(after, context)


@delete.register(Namespace)
def _(item: Namespace, context: Context) -> Iterator[Line]:
    assert item.netns is not None
    yield Phase.RELEASE, Rank.UP, netns.delete(item.netns), "it goes with all that is in it"


@create.register(Sysctl)
def _(item: Sysctl, context: Context) -> Iterator[Line]:
    step, phase, why = _written(item.name, item.value)
    yield phase, Rank.SYSCTL, step.within(item.netns), why


@lru_cache(maxsize=4096)
def _written(name: str, value: str) -> tuple[sysctl.SysctlWrite, Phase, str]:
    """Build a line once: every namespace that is made gets the same."""
    why = next((said for part, said in MEANINGS if part in name), "a kernel parameter")
    of_device = device_of(name) is not None
    return sysctl.write(name, value), Phase.CONFIGURE if of_device else Phase.PREPARE, why


@create.register(Attribute)
def _(item: Attribute, context: Context) -> Iterator[Line]:
    match item.name:
        case "mtu":
            command = link.set(item.ifname, mtu=int(item.value))
        case "mac":
            command = link.set(item.ifname, address=item.value)
        case "up":
            command = link.set(item.ifname, up=item.value == "up")
        case _:
            command = link.set(item.ifname, master=item.value or None, nomaster=not item.value)
    by = "as the spec says" if item.origin else "as it was"
    why = f"{item.name} of a device that netkit did not make, {by}"
    yield Phase.CONFIGURE, Rank.LINK, command.within(item.netns), why


@create.register(File)
def _(item: File, context: Context) -> Iterator[Line]:
    step = file.write(item.path, *item.parts)
    yield Phase.PREPARE, Rank.FIRST, step, "names, for ip netns exec"


@delete.register(File)
def _(item: File, context: Context) -> Iterator[Line]:
    yield Phase.RELEASE, Rank.LAST, file.remove(item.path), "its namespace needs it no longer"


@create.register(Daemon)
def _(item: Daemon, context: Context) -> Iterator[Line]:
    step = daemon.start(item.alias, *item.argv, ready=dnsmasq.STARTED).within(item.netns)
    yield Phase.RAISE, Rank.LAST, step, "a name server; a shell starts it again if it ends"


@change.register(Daemon)
def _(after: Daemon, before: Object, context: Context) -> Iterator[Line]:
    yield from delete(before, context)
    yield from create(after, context)


@delete.register(Daemon)
def _(item: Daemon, context: Context) -> Iterator[Line]:
    why = "it ends, with the shell that would start it again"
    yield Phase.REMOVE, Rank.FIRST, daemon.stop(item.alias), why


@create.register(Qdisc)
def _(item: Qdisc, context: Context) -> Iterator[Line]:
    command = qdisc.replace(
        item.ifname,
        _discipline(item),
        parent=None if item.parent == "root" else item.parent,
        handle=item.handle,
    )
    yield Phase.CONFIGURE, Rank.QDISC, command.within(item.netns), "how packets leave"


@delete.register(Qdisc)
def _(item: Qdisc, context: Context) -> Iterator[Line]:
    parent = None if item.parent == "root" else item.parent
    command = qdisc.delete(item.ifname, parent=parent).within(item.netns)
    yield Phase.REMOVE, Rank.QDISC, command, "packets leave as they come"


@change.register(Sysctl)
@change.register(Attribute)
@change.register(File)
@change.register(Qdisc)
def _(after: Object, before: Object, context: Context) -> Iterator[Line]:
    """The line that makes one also replaces one."""
    yield from create(after, context)


def _discipline(item: Qdisc) -> qdisc.Discipline:
    if item.kind == "tbf":
        burst = max(item.rate // 8 // BURST_SHARE, LEAST_BURST)
        return qdisc.tbf(rate=f"{item.rate}bit", burst=f"{burst}b", latency=LATENCY)
    return qdisc.netem(
        delay=f"{item.delay}us" if item.delay else None,
        jitter=f"{item.jitter}us" if item.jitter else None,
        loss=f"{item.loss}%" if item.loss else None,
        rate=f"{item.rate}bit" if item.rate else None,
    )
