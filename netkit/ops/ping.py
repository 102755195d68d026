"""Ping from a namespace, to an address or to another namespace; ping's own words stream by."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface
from typing import TYPE_CHECKING

from netkit.command.ping import ping as ping_command
from netkit.command.word import only
from netkit.errors import NetkitError, UsageError
from netkit.facts import address as addresses
from netkit.model.object import Netns
from netkit.model.topology import IPAddress, IPInterface
from netkit.ops.inside import visiting
from netkit.ops.reference import resolve
from netkit.run.job import Ask, Job
from netkit.run.runner import Runner
from netkit.run.system import SystemRunner
from netkit.run.terminal import show

if TYPE_CHECKING:
    from netkit.state.memory import Memory

COUNT = 3


def ping_from(
    source: str,
    target: str,
    *,
    count: int | None = COUNT,
    family: int | None = None,
    interval: float | None = None,
    runner: Runner | None = None,
    memory: Memory | None = None,
) -> int:
    """
    Ping, and let ping speak.

    Equivalent to: ``ip netns exec SOURCE ping -n -c COUNT ADDRESS``

    Args:
        source: A namespace; see ``reference.resolve``.
        target: An address, or a namespace: of each family one of its addresses is asked in turn,
            where both have the family; one on a subnet of the source's first.
        count: Requests to each; None: without end, which needs a single address.
        family: 4 or 6 alone.
        interval: Seconds between two requests.
        runner: What asks namespaces for their addresses.
        memory: See ``reference.resolve``.

    Returns:
        The worst of ping's codes: 0 answered, 1 silent, 2 another error.

    Raises:
        UsageError: The target is neither, or the family leaves nothing.
        NetkitError: There is no such namespace, or it has no address to ask.
        MissingError: ping is not installed.
    """
    only(family)
    start = resolve(source, memory)
    goals = _goals(start, target, runner or SystemRunner(), memory)
    chosen = [each for each in goals if family in {None, each.version}]
    if not chosen:
        raise UsageError(f"{target} has no address of IPv{family}")
    if count is None and len(chosen) > 1:
        raise UsageError(
            f"{target} has addresses of both families, and a ping without end asks one only",
            hint="choose a family, or give a count",
        )
    worst = 0
    with visiting(start):
        for each in chosen:
            worst = max(worst, show(ping_command(each, count=count, interval=interval).argv))
    return worst


def _goals(
    source: Netns, target: str, runner: Runner, memory: Memory | None
) -> tuple[IPAddress, ...]:
    try:
        return (ip_address(target),)
    except ValueError:
        pass
    try:
        goal = resolve(target, memory)
    except NetkitError as error:
        raise NetkitError(f"{target} is no address, and {error.message}", hint=error.hint) from None
    ours, theirs = _interfaces((source, goal), runner)
    best = best_addresses(ours, theirs)
    if not best:
        raise NetkitError(f"{target} has no address")
    return best


def best_addresses(
    ours: tuple[IPInterface, ...], theirs: tuple[IPInterface, ...]
) -> tuple[IPAddress, ...]:
    """
    Choose whom to ask: of each family that both have one address, on a shared subnet if any is.

    Without a family that both have, of each that the target has: ping then says what is wrong.
    """
    subnets = {each.network for each in ours}
    own = {each.ip for each in ours}
    families = {each.version for each in ours} & {each.version for each in theirs}
    chosen: dict[int, IPAddress] = {}
    near_first = sorted(theirs, key=lambda each: (each.ip in own, each.network not in subnets))
    for each in near_first:
        if not families or each.version in families:
            chosen.setdefault(each.version, each.ip)
    return tuple(chosen[family] for family in sorted(chosen))


def _interfaces(places: tuple[Netns, Netns], runner: Runner) -> list[tuple[IPInterface, ...]]:
    jobs = [Job(place, ask=Ask(place, (addresses.QUESTION,))) for place in places]
    answers = runner.run(jobs)
    found = []
    for answer in answers:
        if answer.missing:
            raise NetkitError(f"{answer.netns} is no network namespace")
        all_of = [
            ip_interface(each.cidr) for each in addresses.parse(answer.texts[0], answer.netns)
        ]
        found.append(
            tuple(each for each in all_of if each.version == 4 or not each.ip.is_link_local)
        )
    return found
