"""
Run a tool in the foreground of the user's own terminal, and wait for it.

The tool has netkit's standard input, output and error themselves, so its words stream by without
passing through netkit; it is in netkit's process group, so Ctrl-C reaches both.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence

from netkit.run.process import find

ANY_CODE = tuple(range(-64, 256))  # what the tool's code means is the caller's business


def show(argv: Sequence[str]) -> int:
    """
    Run a tool to its end, in the namespace of the calling thread, for the user to watch.

    Args:
        argv: The tool and its words.

    Returns:
        Its exit code; 128 and the signal's number where a signal ended it.

    Raises:
        MissingError: It is not installed.
        KeyboardInterrupt: Ctrl-C; the tool has had its own, and has ended.
    """
    from sh import Command  # 54 ms

    running = Command(
        find(argv[0])
    )(  # type: ignore[call-overload]  # the stub lacks _in: int
        *argv[1:],
        _in=0,
        _out=1,
        _err=2,
        _bg=True,
        _bg_exc=False,
        _ok_code=ANY_CODE,
        _preexec_fn=_hang_up,
    )
    try:
        running.wait()
    except KeyboardInterrupt:
        running.wait()
        raise
    code: int = running.exit_code
    return 128 - code if code < 0 else code


def _hang_up() -> None:
    """Let the tool end with its terminal; sh has what runs "in the background" survive that."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
