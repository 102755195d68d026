"""
The packet filter and NAT of both families: ``iptables``, ``ip6tables``, and their save and restore.

The words of rules are built by ``rule()`` and the targets, see ``iptables_rule``.
"""

from __future__ import annotations

from netkit.command.command import Command, command
from netkit.command.iptables_rule import (
    Rule,
    Target,
    chain_name,
    dnat,
    masquerade,
    passed,
    reject,
    rule,
    snat,
)
from netkit.command.word import word
from netkit.errors import UsageError

__all__ = [
    "Rule",
    "Target",
    "append",
    "chain_name",
    "delete",
    "delete_chain",
    "dnat",
    "flush_chain",
    "insert",
    "list_rules",
    "masquerade",
    "new_chain",
    "reject",
    "restore",
    "restore_text",
    "rule",
    "save",
    "set_policy",
    "snat",
]

TOOLS = {4: "iptables", 6: "ip6tables"}
TABLES = frozenset({"filter", "nat", "mangle", "raw", "security"})
BUILT_IN = frozenset({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"})


def new_chain(chain: str, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that creates a chain.

    Equivalent to: ``iptables -w -t TABLE -N CHAIN``

    Args:
        chain: Name of the chain, at most 28 bytes.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-N", chain_name(chain))


def delete_chain(chain: str, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that deletes an empty chain to which nothing jumps.

    Equivalent to: ``iptables -w -t TABLE -X CHAIN``

    Args:
        chain: Name of the chain, at most 28 bytes.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-X", chain_name(chain))


def flush_chain(chain: str, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that removes all rules of a chain.

    Equivalent to: ``iptables -w -t TABLE -F CHAIN``

    Args:
        chain: Name of the chain, at most 28 bytes.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-F", chain_name(chain))


def append(chain: str, rule: Rule, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that puts a rule at a chain's end.

    Equivalent to: ``iptables -w -t TABLE -A CHAIN RULE``

    Args:
        chain: Name of the chain.
        rule: From ``rule()``.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-A", chain_name(chain), *passed(rule))


def delete(chain: str, rule: Rule, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that removes the first rule with these words from a chain.

    Equivalent to: ``iptables -w -t TABLE -D CHAIN RULE``

    Args:
        chain: Name of the chain.
        rule: From ``rule()``.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-D", chain_name(chain), *passed(rule))


def insert(
    chain: str, rule: Rule, *, position: int = 1, table: str = "filter", family: int = 4
) -> Command:
    """
    Build the command that puts a rule before others of a chain.

    Equivalent to: ``iptables -w -t TABLE -I CHAIN POSITION RULE``

    Args:
        chain: Name of the chain.
        rule: From ``rule()``.
        position: The place it has afterwards, from 1.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(
        family, table, "-I", chain_name(chain), word(position), *passed(rule)
    )  # fmt: skip


def set_policy(chain: str, policy: str, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the command that says what happens at the end of a built-in chain.

    Equivalent to: ``iptables -w -t TABLE -P CHAIN POLICY``

    Args:
        chain: ``INPUT``, ``FORWARD``, ``OUTPUT`` ...
        policy: ``ACCEPT`` or ``DROP``.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    if chain not in BUILT_IN or policy not in {"ACCEPT", "DROP"}:
        raise UsageError(
            f"chain {chain!r} cannot have the policy {policy!r}",
            hint="only built-in chains have one, ACCEPT or DROP",
        )
    return _iptables(family, table, "-P", chain, policy)


def list_rules(chain: str | None = None, *, table: str = "filter", family: int = 4) -> Command:
    """
    Build the question for the rules of a chain, or of a table.

    Equivalent to: ``iptables -w -t TABLE -S CHAIN``

    Args:
        chain: Name of the chain; all of the table when omitted.
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        family: 4 or 6.

    Raises:
        UsageError: A name that cannot be one, an unknown table or family.

    Source: iptables(8).
    """
    return _iptables(family, table, "-S", *(() if chain is None else (chain_name(chain),)))


def save(table: str | None = None, *, family: int = 4) -> Command:
    """
    Build the question for all rules of a table, or of all tables.

    Equivalent to: ``iptables-save -t TABLE``

    Args:
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``; all that exist if omitted.
        family: 4 or 6.

    Raises:
        UsageError: An unknown table or family.

    Source: iptables-save(8).
    """
    words = () if table is None else ("-t", _table(table))
    return command(f"{_tool(family)}-save", *words)


def restore(text: str, *, family: int = 4, noflush: bool = True) -> Command:
    """
    Build the command that takes in a whole table at once: all of it, or nothing.

    Equivalent to: ``iptables-restore --wait --noflush <<EOF``

    Args:
        text: From ``restore_text()``; several tables may follow one another, but only each by
            itself is taken in at once.
        family: 4 or 6.
        noflush: Leave alone the chains that the text does not declare.

    Raises:
        UsageError: An unknown family.

    Source: iptables-restore(8).
    """
    words = ("--wait", "--noflush") if noflush else ("--wait",)
    return command(f"{_tool(family)}-restore", *words, input=text)


def restore_text(table: str, declarations: tuple[str, ...], lines: tuple[Rule, ...]) -> str:
    """
    Write what ``restore`` takes in for one table.

    Args:
        table: ``filter``, ``nat``, ``mangle``, ``raw`` or ``security``.
        declarations: Chains to create, or to empty where they are there. Built-in ones are
            refused: declaring them would reset their policy.
        lines: Each as one would type it after ``iptables -t TABLE``: it begins with ``-A CHAIN``,
            ``-I CHAIN 1``, ``-D CHAIN``, ``-X CHAIN`` or ``-P CHAIN``.

    Returns:
        The text, from ``*TABLE`` to ``COMMIT``.

    Raises:
        UsageError: An unknown table, a built-in chain, or a word that would not stay one.

    Source: iptables-restore(8).
    """
    if clash := BUILT_IN.intersection(declarations):
        raise UsageError(f"declaring {', '.join(sorted(clash))} would reset its policy")
    declared = [f":{chain_name(chain)} - [0:0]" for chain in declarations]
    said = [" ".join(passed(line)) for line in lines]
    return "\n".join((f"*{_table(table)}", *declared, *said, "COMMIT", ""))


def _iptables(family: int, table: str, *words: str) -> Command:
    return command(_tool(family), "-w", "-t", _table(table), *words)


def _tool(family: int) -> str:
    if family not in TOOLS:
        raise UsageError(f"family {family!r}", hint="4 or 6")
    return TOOLS[family]


def _table(table: str) -> str:
    if table not in TABLES:
        raise UsageError(f"table {table!r}", hint=f"one of {', '.join(sorted(TABLES))}")
    return table
