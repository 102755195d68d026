"""
Verbs that netkit composes from several builders: what a person wants to say in one line.

They are builders themselves: they build commands and run nothing. Those of ``netkit nat`` and
``netkit fw`` are in ``firewall``.
"""

from __future__ import annotations

from netkit.cli.thin.family import families
from netkit.command import fdb, link, qdisc, route, rule
from netkit.command.command import Command, command
from netkit.command.sysctl import write
from netkit.command.word import Address
from netkit.errors import UsageError

BURST_SHARE = 100
LEAST_BURST = 3200


def show_bridges() -> Command:
    """
    Build the question for all bridges.

    Equivalent to: ``ip -details -json link show type bridge``
    """
    return link.show(kind="bridge")


def show_vxlans() -> Command:
    """
    Build the question for all VXLAN devices.

    Equivalent to: ``ip -details -json link show type vxlan``
    """
    return link.show(kind="vxlan")


def show_routes(
    *, table: str | None = None, dev: str | None = None, family: int | None = None
) -> tuple[Command, ...]:
    """
    Build the questions for routes.

    Equivalent to: ``ip -details -json -4 route show`` and the same with ``-6``

    Args:
        table: A number, a name of rt_tables, or ``all``; ``main`` when omitted.
        dev: Only those of a device.
        family: 4 or 6; both when omitted.
    """
    return tuple(route.show(table=table, dev=dev, family=each) for each in families(family))


def show_rules(*, family: int | None = None) -> tuple[Command, ...]:
    """
    Build the questions for policy rules.

    Equivalent to: ``ip -details -json -4 rule show`` and the same with ``-6``

    Args:
        family: 4 or 6; both when omitted.
    """
    return tuple(rule.show(family=each) for each in families(family))


def show_remotes(ifname: str) -> Command:
    """
    Build the question for what a VXLAN device knows of the others.

    Equivalent to: ``bridge -details -json fdb show dev IFNAME``

    Args:
        ifname: The VXLAN device.
    """
    return fdb.show(ifname)


def add_remote(ifname: str, remote: Address) -> Command:
    """
    Build the command that sends what has no entry to one more VTEP.

    Equivalent to: ``bridge fdb append 00:00:00:00:00:00 dev IFNAME dst REMOTE self permanent``

    Args:
        ifname: The VXLAN device.
        remote: Address of the other VTEP.
    """
    return fdb.append(fdb.EVERYBODY, dev=ifname, dst=remote)


def delete_remote(ifname: str, remote: Address) -> Command:
    """
    Build the command that no longer sends what has no entry to a VTEP.

    Equivalent to: ``bridge fdb delete 00:00:00:00:00:00 dev IFNAME dst REMOTE self``

    Args:
        ifname: The VXLAN device.
        remote: Address of the other VTEP.
    """
    return fdb.delete(fdb.EVERYBODY, dev=ifname, dst=remote)


def read_sysctl(key: str) -> Command:
    """
    Build the question for a kernel parameter of the network.

    Equivalent to: ``sysctl KEY``

    Args:
        key: Beginning with ``net/`` and written with slashes.
    """
    return command("sysctl", write(key, 0).key)


def netem(
    dev: str,
    *,
    delay: str | None = None,
    jitter: str | None = None,
    loss: str | None = None,
    rate: str | None = None,
    limit: int | None = None,
) -> Command:
    """
    Build the command that makes a device's way out long, lossy or slow.

    Equivalent to: ``tc qdisc replace dev DEV root netem delay DELAY JITTER loss LOSS rate RATE``

    Args:
        dev: Device name.
        delay: Time each packet waits, such as ``20ms``.
        jitter: How much that varies, either way.
        loss: Share of the packets that is dropped, such as ``0.5%``.
        rate: Bits per second, such as ``10mbit``.
        limit: Packets that may wait; 1000 when omitted, too few for fast and long links.
    """
    if not (delay or loss or rate):
        raise UsageError(f"netem on {dev}: nothing to set", hint="--delay, --loss or --rate")
    chosen = qdisc.netem(delay=delay, jitter=jitter, loss=loss, rate=rate, limit=limit)
    return qdisc.replace(dev, chosen)


def rate(dev: str, rate: str, *, burst: str | None = None, latency: str = "50ms") -> Command:
    """
    Build the command that holds a device's way out to a rate.

    Equivalent to: ``tc qdisc replace dev DEV root tbf rate RATE burst BURST latency LATENCY``

    Args:
        dev: Device name.
        rate: Bits per second, such as ``10mbit``.
        burst: Bytes that may go at once, such as ``32kb``; what passes in 10 ms when omitted.
        latency: The longest a packet may wait.
    """
    from netkit.spec.units import read_rate  # all of spec comes along

    try:
        bits = read_rate(rate)
    except ValueError as error:
        raise UsageError(str(error)) from None
    wide = burst or f"{max(bits // 8 // BURST_SHARE, LEAST_BURST)}b"
    return qdisc.replace(dev, qdisc.tbf(rate=rate, burst=wide, latency=latency))


def htb(dev: str, *, default: str | None = None, handle: str = "1:") -> Command:
    """
    Build the command that lets classes share a device's way out; see ``tc add-class``.

    Equivalent to: ``tc qdisc replace dev DEV root handle 1: htb default MINOR``

    Args:
        dev: Device name.
        default: Minor number of the class for all that no filter puts elsewhere.
        handle: Its number, which its classes name as their parent.
    """
    return qdisc.replace(dev, qdisc.htb(default=default), handle=handle)


def clear(dev: str) -> Command:
    """
    Build the command that takes rate, delay and loss from a device's way out.

    Equivalent to: ``tc qdisc delete dev DEV root``

    Args:
        dev: Device name.
    """
    return qdisc.delete(dev)
