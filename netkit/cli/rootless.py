"""``--rootless``: the same commands in a network of this user's own."""

from __future__ import annotations

import os
from collections.abc import Sequence

from netkit.cli.typed.menu import COMMANDS, THIN
from netkit.errors import UsageError
from netkit.run import rootless

ANYWHERE = frozenset({"validate", "schema"})
"""These touch no network, and so need none."""
LINE = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
POSITION = "COMP_CWORD"
"""Where typer finds what a shell wants to be completed: of bash, the number of the word as well."""
HELP = frozenset({"-h", "--help"})


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


def complete() -> None:
    """Go on in the holder's namespaces, where the names that a shell asks for are this user's."""
    asked = False
    for each in LINE:
        line = os.environ.get(each, "")
        if line.split()[1:2] == ["--rootless"]:
            asked = True
            os.environ[each] = line.replace("--rootless", "", 1)
    if asked and POSITION in os.environ:
        os.environ[POSITION] = str(int(os.environ[POSITION]) - 1)
    if (asked or os.geteuid() != 0) and not rootless.is_inside() and rootless.holder():
        rootless.enter(())


def leave() -> None:
    """End the holder when nothing is left in it: no spec, and nothing that was made by hand."""
    from netkit.apply.session import reading  # who only enters, or completes, needs neither
    from netkit.facts.link import FALLBACKS

    if not rootless.is_at_home() or rootless.things() - FALLBACKS:
        return
    with reading() as session:
        empty = not session.memory.specs() and not session.memory.intents()
    if empty:
        rootless.let_go()


def _only_asks(words: Sequence[str]) -> bool:
    """Say whether this can be answered where there is no holder: then none is started for it."""
    own = words[: words.index("--")] if "--" in words else words
    is_thin = COMMANDS.get(words[0], ("", ""))[1] == THIN
    asks = words[0] == "render" or HELP & set(own) or (is_thin and "--dry-run" in own)
    return bool(asks) and not rootless.holder()
