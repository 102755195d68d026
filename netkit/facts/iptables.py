"""
Firewall and address translation: what ``iptables-save`` and ``ip6tables-save`` say.

    *nat
    :POSTROUTING ACCEPT [0:0]
    :NK-POSTROUTING-1f0c9a7be2d4 - [0:0]
    -A POSTROUTING -m comment --comment "netkit:shop" -j NK-POSTROUTING-1f0c9a7be2d4
    -A NK-POSTROUTING-1f0c9a7be2d4 -s 10.1.0.0/24 ! -o br0 -j MASQUERADE
    COMMIT
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netkit.command.command import command
from netkit.facts.document import OddError, Says, clipped
from netkit.model.firewall import Chain, Jump, LooseRule, Policy, UserChain, Words
from netkit.model.object import Netns, Object
from netkit.names import USER_CHAIN

QUESTIONS = {4: command("iptables-save"), 6: command("ip6tables-save")}
SAYS = {4: Says("iptables-save"), 6: Says("ip6tables-save")}

PREFIX = "NK-"
# In a quoted word a backslash stands before a quote or a backslash, and shlex keeps that of \'.
WORD = r'"((?:[^"\\]|\\.)*)"|([^\s"]+)'
ESCAPED = r"\\(.)"


class Table:
    """A table while it is read: its built-in chains with their policies, the others, the rules."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.policies: dict[str, str] = {}
        self.rules: dict[str, list[Words]] = {}


def parse(said: str, netns: Netns = None, *, family: int = 4) -> tuple[Object, ...]:
    """
    Read the answer to one of ``QUESTIONS``.

    Returns:
        Per table the Policies other than ACCEPT, netkit's Chains, and of the built-in chains the
        Jumps to those and every other rule as a LooseRule. Chains of others are left out, but for
        the host's NETKIT-USER.

    Raises:
        NetkitError: It is not what iptables-save prints.
    """
    with SAYS[family]:
        return tuple([item for table in _tables(said) for item in _objects(table, netns, family)])


def _tables(said: str) -> Iterator[Table]:
    table: Table | None = None
    for line in said.splitlines():
        if not line or line[0] == "#":
            continue
        if line[0] == "*":
            table = Table(line[1:].strip())
        elif table is None:
            raise OddError(f"a line outside of any table: {clipped(line)}")
        elif line == "COMMIT":
            yield table
            table = None
        elif line[0] == ":":
            _declare(table, line)
        else:
            _append(table, line)
    if table is not None:
        raise OddError(f"table {table.name} has no end")


def _declare(table: Table, line: str) -> None:
    words = line[1:].split()
    if len(words) < 2:
        raise OddError(f"no chain and policy: {clipped(line)}")
    name, policy = words[:2]
    table.rules[name] = []
    if policy != "-":
        table.policies[name] = policy


def _append(table: Table, line: str) -> None:
    words = split(line)
    if words and words[0].startswith("["):  # counters
        words = words[1:]
    if len(words) < 3 or words[0] != "-A" or words[1] not in table.rules:
        raise OddError(f"no rule of a chain: {clipped(line)}")
    table.rules[words[1]].append(words[2:])


def split(line: str) -> Words:
    """Cut a line into its words; only double quotes are used."""
    if '"' not in line:
        return tuple(line.split())
    words: list[str] = []
    end = 0
    for found in re.finditer(WORD, line):
        if line[end : found.start()].strip():
            break
        quoted, bare = found.groups()
        words.append(bare if quoted is None else re.sub(ESCAPED, r"\1", quoted))
        end = found.end()
    if line[end:].strip():
        raise OddError(f"a quote that does not close: {clipped(line)}")
    return tuple(words)


def _objects(table: Table, netns: Netns, family: int) -> Iterator[Object]:
    for hook, policy in table.policies.items():
        if policy != "ACCEPT":
            yield Policy(netns=netns, family=family, hook=hook, policy=policy, table=table.name)
        jumping = True
        for words in table.rules[hook]:
            jump = _jump(words)
            if jump is None:
                jumping = False
                yield LooseRule(
                    netns=netns, family=family, table=table.name, hook=hook, words=words
                )
                continue
            comment, chain = jump
            yield Jump(
                netns=netns,
                family=family,
                table=table.name,
                hook=hook,
                chain=chain,
                comment=comment,
                first=jumping,
            )
    for name, rules in table.rules.items():
        if name.startswith(PREFIX) and name not in table.policies:
            yield Chain(netns=netns, family=family, table=table.name, name=name, rules=tuple(rules))
    if netns is None and table.name == "filter" and USER_CHAIN in table.rules:
        yield UserChain(
            family=family, rules=len(table.rules[USER_CHAIN]), jumps=tuple(_leading(table))
        )


def _leading(table: Table) -> Iterator[str]:
    """Name the chains with a rule that leads to the user's."""
    for name, rules in table.rules.items():
        if any(words[-2:] in {("-j", USER_CHAIN), ("-g", USER_CHAIN)} for words in rules):
            yield name


def _jump(words: Words) -> tuple[str, str] | None:
    """Give comment and chain of a rule that does nothing but jump to one of netkit's chains."""
    match words:
        case ("-m", "comment", "--comment", comment, "-j", chain) if chain.startswith(PREFIX):
            return comment, chain
        case ("-j", chain) if chain.startswith(PREFIX):
            return "", chain
    return None
