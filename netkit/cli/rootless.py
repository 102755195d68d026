"""``--rootless``: the same commands in a network of this user's own."""

from __future__ import annotations

from collections.abc import Sequence

from netkit.apply.session import reading
from netkit.errors import UsageError
from netkit.run import rootless

ANYWHERE = frozenset({"validate", "render", "schema"})
"""These touch no network, and so need none."""


def move(argv: Sequence[str]) -> Sequence[str]:
    """
    Go on in the holder's namespaces, where that is asked for or there is no root.

    Args:
        argv: The words after ``netkit``.

    Returns:
        The words that are left to do here, when nobody need move.
    """
    asked = argv[0] == "--rootless"
    words = argv[1:] if asked else argv
    if asked and not words:
        raise UsageError("--rootless needs a command", hint="netkit --rootless apply SPEC")
    if rootless.is_inside() or words[0] in ANYWHERE or _only_asks(words):
        return words
    if asked or rootless.can_hold():
        rootless.enter(words)
    return words


def leave() -> None:
    """End the holder when nothing is left in it."""
    with reading() as session:
        empty = not session.memory.specs() and not session.memory.intents()
    if empty:
        rootless.let_go()


def _only_asks(words: Sequence[str]) -> bool:
    own = words[: words.index("--")] if "--" in words else words
    return any(word in ("-h", "--help", "--dry-run") for word in own) and not rootless.holder()
