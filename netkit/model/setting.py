"""Values that lie there already and are changed: sysctls, queueing, devices of others, files."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import ClassVar

from netkit.model.object import Key, Netns, Object
from netkit.value import force_setattr


class Sysctl(Object, frozen=True, kw_only=True):
    """
    A kernel parameter.

    Args:
        name: Below /proc/sys, with slashes: ``net/ipv4/ip_forward``.
        value: As it reads, white space folded.
    """

    name: str
    value: str

    @property
    def key(self) -> Key:
        """Identify by name."""
        return ("sysctl", self.netns, self.name)


class Attribute(Object, frozen=True, kw_only=True):
    """
    One attribute of a device that netkit did not make (``"type": "existing"``).

    Args:
        ifname: The device.
        name: mtu, mac, up or master.
        value: As text; ``up`` and ``down``; empty for no master.
    """

    ifname: str
    name: str
    value: str

    @property
    def key(self) -> Key:
        """Identify by device and attribute."""
        return ("attribute", self.netns, self.ifname, self.name)


class Loan(Object, frozen=True, kw_only=True):
    """
    A device that netkit did not make, moved from its home into a namespace of netkit's.

    Args:
        ifname: Its name there.
        home: The namespace it came from.
        home_ifname: Its name at home.
        was: Its mtu, mac and up (``up`` or ``down``) there, as far as they are remembered.
    """

    UNCOMPARED: ClassVar[frozenset[str]] = frozenset({"origin", "was"})

    ifname: str
    home: Netns
    home_ifname: str
    was: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> Key:
        """Identify by where it came from: a device can be lent once."""
        return ("loan", self.home, self.home_ifname)


class Qdisc(Object, frozen=True, kw_only=True):
    """
    A queueing discipline on a device's egress.

    Args:
        ifname: The device.
        parent: ``root``, or the handle of the class above it.
        handle: ``1:``
        kind: netem or tbf.
        rate: Bits per second; 0 for none.
        delay: Microseconds.
        jitter: Microseconds.
        loss: Percent, as tc prints it (``0.5``); empty for none.
    """

    ifname: str
    kind: str
    parent: str = "root"
    handle: str = "1:"
    rate: int = 0
    delay: int = 0
    jitter: int = 0
    loss: str = ""

    @property
    def key(self) -> Key:
        """Identify by device and parent: there is one discipline in a place."""
        return ("qdisc", self.netns, self.ifname, self.parent)


@lru_cache(maxsize=64)
def _digest(parts: tuple[str, ...]) -> str:
    """Compute it; the files of a network's members are often the same."""
    hashed = sha256()
    for part in parts:
        hashed.update(part.encode())
    return hashed.hexdigest()


class File(Object, frozen=True, kw_only=True):
    """
    A file under /etc/netns, which ``ip netns exec`` binds over /etc.

    A thousand members of a network share its lines: the content is kept in parts, and compared by
    its digest.

    Args:
        path: Absolute.
        parts: The content, cut; the first line is the owner's mark.
        digest: SHA-256 of the content; computed when it is not given.
        gift: For a namespace of somebody else's, whose own file of that name would stay.
        unfit: Why what has its place is no file that netkit could have written; else empty.
    """

    UNCOMPARED: ClassVar[frozenset[str]] = frozenset({"origin", "parts", "gift"})

    path: str
    parts: tuple[str, ...] = ()
    digest: str = ""
    gift: bool = False
    unfit: str = ""

    def __post_init__(self) -> None:
        """Compute the digest."""
        if not self.digest:
            force_setattr(self, "digest", _digest(self.parts))

    @property
    def content(self) -> str:
        """The whole of it."""
        return "".join(self.parts)

    @property
    def key(self) -> Key:
        """Identify by path."""
        return ("file", None, self.path)
