"""
The one door: what was typed goes in, an exit code comes out.

Nothing heavy is imported here: ``--version`` and ``--help`` are answered before typer is known.
"""

from __future__ import annotations

import gc
import os
import sys

from netkit.cli.told.answer import attend, hush

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone takes a third of what --version takes
    from collections.abc import Sequence
    from typing import NoReturn

INTERRUPTED = 130
ROOTLESS = "--rootless"
HOLDER = "NETKIT_HOLDER"
COMPLETING = "_NETKIT_COMPLETE"
OWN_FAILURE = {"exec": 125, "shell": 125, "ping": 2}
"""
Of verbs whose exit codes are a tool's: the least that tells a failure of netkit's own from what the
tool says, as env(1) and ping(8) have it.
"""


def main() -> NoReturn:
    """Run netkit with the words of the command line, and end."""
    gc.disable()  # a command has ended before looking for what is left over would pay
    _open_closed()
    attend()
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        hush()
    except Exception as error:
        code = _told(error, sys.argv[1:])
    _end(code)


def _end(code: int) -> NoReturn:
    """End at once: to take the objects of a large network apart would take long, for nothing."""
    try:
        sys.stderr.flush()
    except OSError:
        code = code or 1  # nobody hears it
    os._exit(code)


def _open_closed() -> None:
    """Give a standard stream that is closed a place where nobody listens."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # the lowest number is free, which is this one
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115 - to the end


def run(argv: Sequence[str]) -> int:
    """
    Run one command.

    Args:
        argv: The words after ``netkit``.

    Returns:
        The exit code; errors have been written.
    """
    if len(argv) > 1 and argv[0] == "help":
        argv = (*argv[1:], "--help")
    words = argv[1:] if argv[1:] and argv[0] == ROOTLESS else argv
    try:
        if COMPLETING in os.environ:
            from netkit.cli.rootless import complete

            complete()
        elif (code := _at_once(words)) is not None:
            return code
        elif argv[0] == ROOTLESS or os.geteuid() != 0:
            from netkit.cli.rootless import move

            words = move(argv)
        return _command(words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        code = _told(error, words)
        return max(code, OWN_FAILURE.get(words[0] if words else "", code))


def _told(error: Exception, argv: Sequence[str]) -> int:
    from netkit.cli.told.complaint import complain

    return complain(error, argv)


def _command(argv: Sequence[str]) -> int:
    from netkit.cli.typed import direct

    try:
        if COMPLETING not in os.environ and (found := direct.read(argv)) is not None:
            function, given = found
            ended = function(**given)
        else:
            from netkit.cli.typed.lazy import root

            ended = root().main(args=list(argv), prog_name="netkit", standalone_mode=False)
        return ended if isinstance(ended, int) else 0
    except BrokenPipeError:  # a reader that has seen enough, such as head, is no failure
        hush()
        return 0
    finally:
        if HOLDER in os.environ:
            from netkit.cli.rootless import leave

            leave()


def _at_once(argv: Sequence[str]) -> int | None:
    """Answer what needs no typer, which takes longer to start than all the rest."""
    if not argv or (len(argv) == 1 and argv[0] in {"-h", "--help", "help"}):
        from netkit.cli.typed.menu import overview

        print(overview(), file=sys.stdout if argv else sys.stderr)
        return 0 if argv else 2
    if argv[0] in {"-V", "--version"}:
        from netkit import __version__

        print(f"netkit {__version__}")
        return 0
    return None
