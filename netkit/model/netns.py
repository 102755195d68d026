"""Network namespaces."""

from __future__ import annotations

from dataclasses import dataclass

from netkit.model.object import Key, Object


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace(Object):
    """A named network namespace, a file under /run/netns. Its mark is the alias of its ``lo``."""

    @property
    def key(self) -> Key:
        """Identify by name alone."""
        return ("netns", self.netns)
