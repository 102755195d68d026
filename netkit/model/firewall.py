"""
iptables, as netkit uses it.

    built-in chain (FORWARD ...)
      1  jump ──▶ NK-FORWARD-<hash of the spec>     one chain per spec and hook, all its rules
      2  jump ──▶ NK-FORWARD-<another spec's>
      3  whatever else the host has

A chain is compared and declared whole; a jump is put and taken by itself; nothing is shared but
the user's own chain, which each spec's chain of FORWARD asks first.
"""

from __future__ import annotations

from typing import ClassVar

from netkit.model.object import Key, Object

Words = tuple[str, ...]


class Chain(Object, frozen=True, kw_only=True):
    """
    A chain of netkit's own with all its rules, in the order they are tried.

    Args:
        family: 4 or 6.
        table: filter, nat, mangle or raw.
        name: At most 28 bytes.
        rules: Each as iptables-save prints it, without ``-A CHAIN``.
    """

    family: int
    table: str
    name: str
    rules: tuple[Words, ...] = ()

    @property
    def key(self) -> Key:
        """Identify by family, table and name."""
        return ("chain", self.netns, self.family, self.table, self.name)


class Jump(Object, frozen=True, kw_only=True):
    """
    The way from a built-in chain into one of netkit's.

    Args:
        family: 4 or 6.
        table: The table of both chains.
        hook: The built-in chain.
        chain: Where it leads.
        comment: Whose it is.
        first: Nothing but jumps of netkit's stands before it.
    """

    family: int
    table: str
    hook: str
    chain: str
    comment: str = ""
    first: bool = True

    @property
    def key(self) -> Key:
        """Identify by both its ends."""
        return ("jump", self.netns, self.family, self.table, self.hook, self.chain)


class UserChain(Object, frozen=True, kw_only=True):
    """
    ``NETKIT-USER`` of the host: made empty where it is missing; its rules are the user's alone.

    Args:
        rules: How many there are; not compared.
        jumps: The chains of the table that lead into it; not compared.
    """

    UNCOMPARED: ClassVar[frozenset[str]] = frozenset({"origin", "rules", "jumps"})

    family: int
    table: str = "filter"
    rules: int = 0
    jumps: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Identify by family: there is one for all specs."""
        return ("user-chain", self.netns, self.family)


class Policy(Object, frozen=True, kw_only=True):
    """What a built-in chain of a namespace of netkit's does at its end; never the host's."""

    family: int
    hook: str
    policy: str = "ACCEPT"
    table: str = "filter"

    @property
    def key(self) -> Key:
        """Identify by the chain it belongs to."""
        return ("policy", self.netns, self.family, self.table, self.hook)


class LooseRule(Object, frozen=True, kw_only=True):
    """A rule that somebody put into a built-in chain by hand; read and removed, never made."""

    family: int
    table: str
    hook: str
    words: Words

    @property
    def key(self) -> Key:
        """Identify by all it says: that is how ``-D`` finds it."""
        return ("loose-rule", self.netns, self.family, self.table, self.hook, self.words)


FIREWALL = (Chain, Jump, Policy, LooseRule, UserChain)
"""All that iptables tells of."""
