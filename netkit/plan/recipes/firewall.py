"""
iptables: all changes of one table of one namespace are one restore, which is all or nothing.

    *filter
    :NK-FORWARD-1f0c9a7be2d4 - [0:0]          a declared chain is flushed first
    -A NK-FORWARD-1f0c9a7be2d4 -i nk-… -j DROP
    -D FORWARD -m comment --comment netkit:shop -j NK-FORWARD-1f0c9a7be2d4
    -I FORWARD 1 -m comment --comment netkit:shop -j NK-FORWARD-1f0c9a7be2d4
    COMMIT

Built-in chains are never declared: that would reset the policy. Nor is the user's, whose rules that
would flush: ``-N`` fails where it is there, and ``-X`` where it has rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from netkit.command import conntrack, iptables
from netkit.command.conntrack import Forget
from netkit.model.firewall import FIREWALL, Chain, Jump, LooseRule, Policy, UserChain, Words
from netkit.model.object import Object
from netkit.names import USER_CHAIN
from netkit.plan.change import Change
from netkit.plan.phase import Phase, Planned, Rank
from netkit.plan.redirect import Redirect, redirects

Place = tuple[Phase, str, int, str]
OUTPUT = "-OUTPUT-"
MOST_ONE_BY_ONE = 4
"""Of a longer range all connections to the endpoint over the protocol are forgotten."""


def is_firewall(change: Change) -> bool:
    """Say whether a change is one of iptables'."""
    return isinstance(change.subject, FIREWALL)


def restored(changes: Iterable[Change]) -> Iterator[Planned]:
    """
    Lower changes of iptables: one restore per namespace, family, table and moment.

    What is added or altered is there before any device comes; what is only removed stays until
    the devices are gone.
    """
    places: dict[Place, list[Change]] = defaultdict(list)
    for change in changes:
        item = change.subject
        assert isinstance(item, FIREWALL)
        phase = Phase.RELEASE if change.after is None else Phase.PREPARE
        if isinstance(item, LooseRule):
            phase = Phase.PREPARE
        places[(phase, item.netns or "", item.family, item.table)].append(change)
    for (phase, netns, family, table), group in sorted(places.items()):
        text = _text(table, group)
        step = iptables.restore(text, family=family).within(netns or None)
        yield Planned(phase, Rank.UP, step, group[0], _why(group))
        if table == "nat":
            yield from _forgotten(group)


def _forgotten(group: Iterable[Change]) -> Iterator[Planned]:
    """Forget the connections by a published port that leads there no more: NAT would go on."""
    why = "connections by a port that leads there no more end"
    for change in group:
        before, after = change.before, change.after
        if not isinstance(before, Chain) or OUTPUT not in before.name:
            continue
        kept = set(redirects(after)) if isinstance(after, Chain) else set()
        left = [item for item in redirects(before) if item not in kept]
        for step in (step.within(before.netns) for item in left for step in _forget(item)):
            yield Planned(Phase.RELEASE, Rank.LAST, step, change, why)


def _forget(item: Redirect) -> Iterator[Forget]:
    first, last = item.ports
    single = last - first < MOST_ONE_BY_ONE
    for port in range(first, last + 1) if single else (None,):
        yield Forget(
            conntrack.delete(
                family=item.family,
                protocol=item.protocol,
                orig_dst=item.address,
                reply_src=item.to,
                dport=port,
            )
        )


def _text(table: str, group: list[Change]) -> str:
    chains = [item for change in group if isinstance(item := change.after, Chain)]
    lines: list[Words] = [("-N", USER_CHAIN) for each in group if isinstance(each.after, UserChain)]
    lines += [line for chain in chains for line in _rules(chain)]
    lines += [line for change in group for line in _line(change)]
    lines += [("-X", item.name) for item in _gone(group, Chain)]
    lines += [("-X", USER_CHAIN) for each in group if isinstance(each.before, UserChain)]
    declared = [chain.name for chain in chains]
    declared += [item.name for item in _gone(group, Chain)]
    return iptables.restore_text(table, tuple(declared), tuple(lines))


def _rules(chain: Chain) -> Iterator[tuple[str, ...]]:
    for words in chain.rules:
        yield ("-A", chain.name, *words)


def _line(change: Change) -> Iterator[tuple[str, ...]]:
    item = change.subject
    match item:
        case Jump():
            rule = jump_words(item)
            if change.before is not None:
                yield ("-D", item.hook, *rule)
            if change.after is not None:
                yield ("-I", item.hook, "1", *rule)
        case LooseRule():
            yield ("-D", item.hook, *item.words)
        case Policy():
            yield ("-P", item.hook, item.policy if change.after is not None else "ACCEPT")


def jump_words(jump: Jump) -> tuple[str, ...]:
    """Give a jump as iptables-save prints it, without ``-A CHAIN``."""
    return iptables.rule(comment=jump.comment or None, jump=jump.chain)


def _gone(group: list[Change], kind: type[Chain]) -> list[Chain]:
    return [
        change.before
        for change in group
        if change.after is None and isinstance(change.before, kind)
    ]


def _why(group: list[Change]) -> str:
    kinds: set[type[Object]] = {type(change.subject) for change in group}
    if all(change.after is None for change in group):
        return "rules that nobody needs any more"
    return "what may pass, at once" if Policy in kinds or Chain in kinds else "the way into them"
