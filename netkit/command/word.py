"""
The border: whatever a caller hands to a builder becomes a word here, or is refused.

A batch line of iproute2 ends at a newline or at ``#`` *anywhere* in it, is split at blanks, honours
quotes, and goes on after a backslash at its end (``getcmdline`` and ``makeargs`` in lib/utils.c). A
line of iptables-restore knows the same quotes and backslashes. A word that holds none of these is
one word, and the same word, to every tool and to a shell.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)

from netkit.errors import UsageError

Address = str | IPv4Address | IPv6Address
Prefix = Address | IPv4Interface | IPv6Interface | IPv4Network | IPv6Network
Word = Prefix | int

# Visible ASCII but " # ' \ ` and, as devices and namespaces of others may bear them, letters and
# digits of any alphabet.
PLAIN = re.compile(r"(?!-)[!$-&(-\[\]-_a-~\w]+")
PART = r"(?!\.\.?(?:/|\Z))[!$-&(-.0-\[\]-_a-~\w]+"  # of a path: the same without /, and not . or ..
NETNS = re.compile(rf"(?!-){PART}|(?:/{PART})+")


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """
    Let a text pass that is exactly one word to a batch line, to a restore line and to a shell.

    Most words of a plan come again and again, so each is looked at once.

    Raises:
        UsageError: The text is empty, begins with ``-``, or holds a blank, a control character, a
            quote, a backslash or ``#``.
    """
    if PLAIN.fullmatch(text) is None:
        raise UsageError(
            f"{text!r} cannot be a word of a command",
            hint="no blanks, quotes, backslashes, '#' or control characters, and no '-' in front",
        )
    return text


def word(value: object) -> str:
    """
    Turn a text, a number or an address into one word of a command.

    Raises:
        UsageError: See ``plain``.
    """
    return plain(value if type(value) is str else str(value))


@lru_cache(maxsize=16384)
def place(netns: str) -> str:
    """
    Let a namespace pass: a name under /run/netns, or the absolute path of a namespace file.

    Raises:
        UsageError: It is neither; a relative path or ``..`` would lead out of /run/netns.
    """
    if NETNS.fullmatch(netns) is None:
        raise UsageError(
            f"{netns!r} is not a network namespace",
            hint="a name as 'ip netns list' shows it, or a path such as /proc/1234/ns/net",
        )
    return netns


def is_ipv6(value: object) -> bool:
    """Say whether an address or prefix, as text or as an object, is one of IPv6."""
    return ":" in (value if isinstance(value, str) else str(value))


def only(family: int | None) -> tuple[str, ...]:
    """
    Give the option that keeps a tool to one family, or nothing for both.

    Raises:
        UsageError: It is neither 4 nor 6.
    """
    if family is None:
        return ()
    if family not in {4, 6}:
        raise UsageError(f"family {family!r}", hint="4 or 6")
    return (f"-{family}",)


def option(name: str, value: object) -> tuple[str, ...]:
    """Give an option and its value, or nothing when the value is None."""
    if value is None:
        return ()
    return (name, plain(value if type(value) is str else str(value)))


def flag(name: str, present: bool) -> tuple[str, ...]:
    """Give a word that stands alone, or nothing."""
    return (name,) if present else ()


def on_off(name: str, value: bool | None) -> tuple[str, ...]:
    """Give an option that is ``on`` or ``off``, or nothing when the value is None."""
    return () if value is None else (name, "on" if value else "off")
