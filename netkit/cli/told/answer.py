"""
Standard output, where the answer goes, and what becomes of one that cannot be written.

Nothing heavy is imported here: this is on the way of ``--version``.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper


class Answer(TextIOWrapper):
    """
    Standard output that tells a full disk from a bug.

    A reader who has gone away, such as head, is a BrokenPipeError as ever; whatever else goes wrong
    is an UnwrittenError, and nothing more is written.
    """

    def write(self, text: str) -> int:
        """Write text, or say why it cannot be."""
        try:
            return super().write(text)
        except OSError as error:
            raise unwritten(error) from error

    def flush(self) -> None:
        """Write what still waits, or say why it cannot be."""
        try:
            super().flush()
        except OSError as error:
            raise unwritten(error) from error


def attend() -> None:
    """Watch over standard output from now on."""
    old = sys.stdout
    if isinstance(old, TextIOWrapper):
        encoding, errors, lines = old.encoding, old.errors, old.line_buffering
        sys.stdout = Answer(old.detach(), encoding, errors, line_buffering=lines)


def unwritten(error: OSError) -> Exception:
    """Give what is to be raised for an error of writing."""
    if isinstance(error, BrokenPipeError):
        return error
    from netkit.errors import UnwrittenError

    hush()
    return UnwrittenError(
        f"the answer cannot be written to standard output: {error.strerror}",
        hint="what was to be done may be done all the same: see netkit status",
    )


def hush() -> None:
    """Let nothing more be written, and nothing complain at the end that it could not be."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
