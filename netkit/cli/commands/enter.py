"""``netkit exec`` and ``netkit shell``: netkit becomes another program, in a namespace."""

from __future__ import annotations

import sys
from typing import Annotated

from netkit.cli.typed.options import Within
from netkit.cli.typed.parameter import Argument
from netkit.errors import UsageError

Words = Annotated[
    list[str], Argument(metavar="COMMAND", help="The command and its words, as they are.")
]


def exec_(within: Within, command: Words) -> None:
    """
    Run a command inside a namespace.

    The exit code is the command's; 125 when netkit itself failed, 126 when the command cannot be
    run, 127 when there is none.

    Examples:
        netkit exec con1 -- ping -c 1 con2
        netkit exec shop/con1 -- ss -lnt
        netkit exec 4711 -- ip route
    """
    from netkit.ops.exec import exec_in

    if within.startswith("-"):  # all after NS is the command's own, so no option is known before
        raise UsageError(f"no such option: {within}", hint="netkit exec NS -- COMMAND")
    command = command[1:] if command[:1] == ["--"] else command
    if not command:
        raise UsageError("no command was given", hint="netkit exec NS -- COMMAND")
    sys.stdout.flush()
    exec_in(within, command)


def shell(within: Within) -> None:
    """
    Open a shell inside a namespace.

    The shell is $SHELL, or /bin/sh; its prompt says where it is.

    Examples:
        netkit shell con1
        netkit shell shop/con1
    """
    from netkit.ops.exec import shell_in

    sys.stdout.flush()
    shell_in(within)


exec_.passes_on = True  # type: ignore[attr-defined] # see ``command_of``
