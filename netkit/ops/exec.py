"""
Run a command, or a shell, in any namespace.

netkit enters the namespace, makes the surroundings, and then *becomes* the command (execve). So
nothing of netkit's stands between it and the terminal: signals, job control, standard input and
output and the exit code are the command's own, for good or ill.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from netkit.errors import NetkitError
from netkit.ops.inside import move
from netkit.ops.reference import etc_name, resolve
from netkit.run.process import become
from netkit.run.surroundings import surround

if TYPE_CHECKING:
    from netkit.state.memory import Memory

UNPROMPTED = re.compile(r"[^\w.:@/+-]")


class ExecError(NetkitError):
    """Netkit itself failed, before there was a command: 125, as with env(1) or timeout(1)."""

    exit_code = 125
    code = "exec"


class NotExecutableError(ExecError):
    """There is such a file, but it cannot be run."""

    exit_code = 126
    code = "not-executable"


class NotFoundError(ExecError):
    """There is no such command."""

    exit_code = 127
    code = "not-found"


def exec_in(
    netns_reference: str,
    argv: Sequence[str],
    *,
    memory: Memory | None = None,
    environment: Mapping[str, str] | None = None,
) -> NoReturn:
    """
    Become a command in a namespace; what netkit would still have done is not done.

    Equivalent to: ``ip netns exec NAME COMMAND``, ``nsenter --net=PATH COMMAND``

    Args:
        netns_reference: See ``reference.resolve``.
        argv: The command and its words; found in PATH.
        memory: See ``reference.resolve``.
        environment: The command's; netkit's own when absent.

    Raises:
        ExecError: Its ``exit_code`` is 125, 126 or 127.

    Source: ip-netns(8), "ip netns exec"; environment and codes as in env(1).
    """
    if not argv:
        raise ExecError("there is no command to run", hint="netkit exec NAMESPACE -- COMMAND")
    try:
        netns = resolve(netns_reference, memory)
        if netns is not None:
            move(netns)
            surround(etc_name(netns))
    except NetkitError as error:
        raise ExecError(error.message, hint=error.hint) from error
    try:
        become(argv, os.environ if environment is None else environment)
    except (OSError, ValueError) as error:
        raise refusal(argv[0], error) from error


def shell_in(netns_reference: str, *, memory: Memory | None = None) -> NoReturn:
    """
    Become a shell in a namespace: ``$SHELL``, or /bin/sh; its prompt says where it is.

    ``NETKIT_NETNS`` holds the reference, for prompts of one's own.

    Raises:
        ExecError: See ``exec_in``.
    """
    shell = os.environ.get("SHELL") or "/bin/sh"
    where = UNPROMPTED.sub("?", netns_reference)
    environment = {
        **os.environ,
        "NETKIT_NETNS": netns_reference,
        "PS1": f"({where}) {'#' if os.geteuid() == 0 else '$'} ",
    }
    argv = [shell]
    if os.path.basename(shell) == "bash" and os.isatty(0):
        argv += ["--rcfile", _bash_start(where)]
    exec_in(netns_reference, argv, memory=memory, environment=environment)


def _bash_start(where: str) -> str:
    """Write what an interactive bash reads first: its own ~/.bashrc would set the prompt again."""
    number = os.memfd_create("bashrc", 0)  # inherited, and closed by the first line
    text = f"exec {number}<&-\n[ -r ~/.bashrc ] && . ~/.bashrc\nPS1='({where}) '\"$PS1\"\n"
    os.write(number, text.encode())
    return f"/proc/self/fd/{number}"


def refusal(program: str, error: OSError | ValueError) -> ExecError:
    """Say why a command did not start, by the exit codes of env(1)."""
    if isinstance(error, ValueError):
        return ExecError(f"{program!r} cannot be run: {error}")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        if "/" in program and os.path.exists(program):
            return NotExecutableError(
                f"{program} cannot be run: it names an interpreter that is not there",
                hint=f"head -1 {program}",
            )
        return NotFoundError(
            f"there is no command {program}",
            hint="" if "/" in program else f"it is searched in PATH={os.environ.get('PATH', '')}",
        )
    return NotExecutableError(f"{program} cannot be run: {error.strerror}")
