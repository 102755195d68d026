"""Kernel parameters of the network, as steps: written to /proc/sys, printed as sysctl(8)."""

from __future__ import annotations

import re
import shlex

from netkit.command.step import inside
from netkit.command.word import PART, place
from netkit.errors import UsageError
from netkit.value import Value

KEY = re.compile(rf"net(?:/{PART})+")
DOTTED = re.compile(rf"net(?:[.]{PART})+")
KNOWN = "net/ipv4/ip_forward"


class SysctlWrite(Value, frozen=True):
    """
    A value for one key of /proc/sys/net.

    Args:
        key: With slashes, ``net/ipv4/ip_forward``: a dot may be part of a device name.
        value: One line.
        netns: None is where netkit itself runs; keys of ``net/`` belong to a namespace.
    """

    key: str
    value: str
    netns: str | None = None

    def within(self, netns: str | None) -> SysctlWrite:
        """Give the same value to another namespace."""
        return SysctlWrite(self.key, self.value, None if netns is None else place(netns))

    @property
    def path(self) -> str:
        """The file that is written, as a process inside the namespace sees it."""
        return f"/proc/sys/{self.key}"

    @property
    def argv(self) -> tuple[str, ...]:
        """The words one would type."""
        return (*inside(self.netns), "sysctl", "-w", f"{self.key}={self.value}")

    def __str__(self) -> str:
        return shlex.join(self.argv)


def write(key: str, value: str | int) -> SysctlWrite:
    """
    Build the step that sets a kernel parameter of the network.

    Equivalent to: ``sysctl -w KEY=VALUE``

    Args:
        key: Beginning with ``net/`` and written with slashes.
        value: A number, or one line of text (some keys take several numbers).

    Raises:
        UsageError: The key leads elsewhere, or the value is not one line.

    Source: sysctl(8); Documentation/networking/ip-sysctl.rst.
    """
    text = str(value)
    if KEY.fullmatch(key) is None:
        raise UsageError(
            f"{key!r} is not a kernel parameter of the network",
            hint="write it with slashes: "
            + (key.replace(".", "/") if DOTTED.fullmatch(key) else KNOWN),
        )
    if not text.replace("\t", " ").isprintable() or not text.strip():
        raise UsageError(f"{text!r} is not a value for {key}", hint="one line that is not empty")
    return SysctlWrite(key, text)
