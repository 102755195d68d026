"""The value every builder of this room gives: a tool, its words, and the namespace they act in."""

from __future__ import annotations

import shlex

from netkit.command.step import inside
from netkit.command.word import flag, on_off, option, place, plain, word
from netkit.value import Value

__all__ = ["BATCHED", "JOINED", "Command", "command", "flag", "on_off", "option"]

BATCHED = frozenset({"ip", "bridge", "tc"})  # they know -n NETNS and read batches
JOINED = frozenset({"ovs-vsctl"})  # several of its commands, with -- between, are one transaction


class Command(Value, frozen=True):
    """
    A tool and its words; made by ``command()`` and the builders, which let no odd word pass.

    Args:
        tool: ``ip``, ``bridge``, ``tc``, ``iptables-restore`` ...
        args: The words after the tool's global options.
        netns: None is where netkit itself runs; a name under /run/netns, or the absolute path of a
            namespace file.
        options: Global options, which stand before the object: ``-details``, ``-json``, ``-6``.
        input: What the tool reads from its standard input.
    """

    tool: str
    args: tuple[str, ...]
    netns: str | None = None
    options: tuple[str, ...] = ()
    input: str | None = None

    def within(self, netns: str | None) -> Command:
        """Give the same command in another namespace."""
        where = None if netns is None else place(netns)
        return Command(self.tool, self.args, where, self.options, self.input)

    @property
    def argv(self) -> tuple[str, ...]:
        """
        The words one would type.

        ``ip -n`` takes names only (it looks under /run/netns even for an absolute path), so a path
        is entered by nsenter(1).
        """
        netns = self.netns
        if netns is not None and self.tool in BATCHED and not netns.startswith("/"):
            return (self.tool, "-n", netns, *self.options, *self.args)
        return (*inside(netns), self.tool, *self.options, *self.args)

    @property
    def line(self) -> str:
        """The line of a batch: the words without tool, namespace and global options."""
        return " ".join(self.args)

    def __str__(self) -> str:
        typed = shlex.join(self.argv)
        if self.input is None:
            return typed
        mark = "EOF"
        while mark in self.input.splitlines():
            mark += "_"
        end = "" if self.input.endswith("\n") or not self.input else "\n"
        return f"{typed} <<'{mark}'\n{self.input}{end}{mark}"


def command(
    tool: str, *words: object, options: tuple[str, ...] = (), input: str | None = None
) -> Command:
    """
    Build a command; each of its words passes the border.

    Args:
        tool: The tool's name.
        words: Texts, numbers and addresses. Those of a tool other than ip, bridge and tc have
            passed the border in its builder, since its own ``-A`` could not.
        options: Global options, written by a builder and never by a caller of one.
        input: Standard input.

    Raises:
        UsageError: A word could change the meaning of a line.
    """
    if tool in BATCHED:
        args = tuple([plain(each) if type(each) is str else word(each) for each in words])
    else:
        args = tuple([str(each) for each in words])
    return Command(tool, args, None, options, input)
