"""Network namespaces."""

from __future__ import annotations

from netkit.model.object import Key, Object


class Namespace(Object, frozen=True, kw_only=True):
    """
    A named network namespace, a file under /run/netns. Its mark is the alias of its ``lo``.

    Args:
        stale: The file is there and no namespace is mounted on it: ``ip netns`` was cut off.
    """

    stale: bool = False

    @property
    def key(self) -> Key:
        """Identify by name alone."""
        return ("netns", self.netns)
