"""Programs that go on running for a network."""

from __future__ import annotations

from netkit.model.object import Key, Object


class Daemon(Object, frozen=True, kw_only=True):
    """
    A program that runs on, and is started again whenever it ends.

    Args:
        alias: Its mark, ``netkit:SPEC/NETWORK/dns``, which its process bears.
        argv: The program and its words; empty where what is there is not to be trusted: it has
            lost who starts it again, or there are two.
    """

    alias: str
    argv: tuple[str, ...]

    @property
    def key(self) -> Key:
        """Identify by the mark: where it runs may be wrong."""
        return ("daemon", None, self.alias)
