"""
Daemons, as steps: a program in a session of its own, and a shell that starts it again.

    sh -c 'while :; do "$@"; …; done' netkit:shop/frontend/dns dnsmasq --keep-in-foreground …
     └── dnsmasq --keep-in-foreground …

The shell bears the mark as its name, so ``ps`` shows whose it is, and both have it in their
environment. They are one session and one process group: what ends the shell ends both.
"""

from __future__ import annotations

import shlex

from netkit.command.step import inside
from netkit.command.word import place
from netkit.errors import UsageError
from netkit.names import mark_owner
from netkit.value import Value

MARK = "NETKIT_DAEMON"
ENDED = "it ended with code"
# In a user namespace with one user, dnsmasq can become nobody else, and need not.
LOOP = (
    "cd /; "
    '[ "$(cat /proc/self/setgroups)" = allow ] || set -- "$@" --no-daemon; '
    f'while :; do "$@"; echo "{ENDED} $?" >&2; exec 2>/dev/null; sleep 1; done'
)
SUPERVISOR = ("sh", "-c", LOOP)


class DaemonStart(Value, frozen=True):
    """
    A program to start.

    Args:
        alias: Its mark.
        words: The program and its words.
        ready: What it says on its standard error when it works.
        netns: Where it runs.
    """

    alias: str
    words: tuple[str, ...]
    ready: str = ""
    netns: str | None = None

    @property
    def tool(self) -> str:
        """The program's name."""
        return self.words[0]

    @property
    def supervised(self) -> tuple[str, ...]:
        """The words of the shell that starts it, and starts it again."""
        return (*SUPERVISOR, self.alias, *self.words)

    def within(self, netns: str | None) -> DaemonStart:
        """Give the same program in another namespace."""
        where = None if netns is None else place(netns)
        return DaemonStart(self.alias, self.words, self.ready, where)

    def __str__(self) -> str:
        words = ("setsid", "--fork", *inside(self.netns), *self.supervised)
        return f"{MARK}={self.alias} {shlex.join(words)} </dev/null >/dev/null 2>&1"


class DaemonStop(Value, frozen=True):
    """
    A program to end, with the shell that would start it again.

    Args:
        alias: Its mark.
    """

    alias: str

    @property
    def netns(self) -> None:
        """None: it is found wherever it is."""
        return None

    def within(self, netns: str | None) -> DaemonStop:
        """Give the step itself, see ``netns``."""
        return self

    def __str__(self) -> str:
        pattern = shlex.quote(f" {self.alias} ")
        return f'pkill --session "$(pgrep --oldest --full {pattern})"'


def start(alias: str, *words: str, ready: str = "") -> DaemonStart:
    """
    Build the step that starts a program which is started again whenever it ends.

    Equivalent to: ``NETKIT_DAEMON=ALIAS setsid --fork sh -c 'while :; do "$@"; …' ALIAS WORDS``

    Args:
        alias: Its mark, ``netkit:SPEC/NETWORK/WHAT``.
        words: The program and its words.
        ready: What it says on its standard error when it works; empty: it is not waited for.

    Raises:
        UsageError: The mark is none, or a word is not one.

    Source: setsid(1).
    """
    if not words or not all(word and word.isprintable() for word in words):
        raise UsageError(f"{shlex.join(words)!r} is not a program and its words")
    return DaemonStart(_checked(alias), words, ready)


def stop(alias: str) -> DaemonStop:
    """
    Build the step that ends a program, and the shell that would start it again.

    Equivalent to: ``pkill --session "$(pgrep --oldest --full ALIAS)"``

    Args:
        alias: Its mark.

    Raises:
        UsageError: The mark is none.

    Source: pkill(1).
    """
    return DaemonStop(_checked(alias))


def _checked(alias: str) -> str:
    if mark_owner(alias) is None or not alias.isprintable() or " " in alias:
        raise UsageError(f"{alias!r} is not a mark: netkit:SPEC/NETWORK/WHAT")
    return alias
