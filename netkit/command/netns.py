"""Network namespaces that have a name: ``ip netns``."""

from __future__ import annotations

from netkit.command.command import Command, command
from netkit.command.word import place
from netkit.errors import UsageError


def add(name: str) -> Command:
    """
    Build the command that creates a namespace and gives it a name.

    Equivalent to: ``ip netns add NAME``

    Args:
        name: A file name under /run/netns.

    Source: ip-netns(8).
    """
    return command("ip", "netns", "add", _named(name))


def attach(name: str, pid: int) -> Command:
    """
    Build the command that gives a name to the namespace of a process.

    Equivalent to: ``ip netns attach NAME PID``

    Args:
        name: A file name under /run/netns.
        pid: The process.

    Source: ip-netns(8).
    """
    return command("ip", "netns", "attach", _named(name), pid)


def delete(name: str) -> Command:
    """
    Build the command that takes a namespace's name away.

    The namespace goes with its last name and process, and in its own time: devices in it may be
    seen from outside a moment longer.

    Equivalent to: ``ip netns delete NAME``

    Args:
        name: A file name under /run/netns.

    Source: ip-netns(8).
    """
    return command("ip", "netns", "delete", _named(name))


def set_id(name: str, nsid: int) -> Command:
    """
    Build the command that numbers a namespace, as the asking one sees it.

    Equivalent to: ``ip netns set NAME NSID``

    Args:
        name: A file name under /run/netns.
        nsid: 0 or more; link-netnsid in the answers about devices.

    Source: ip-netns(8).
    """
    return command("ip", "netns", "set", _named(name), nsid)


def list() -> Command:
    """
    Build the question for all names.

    Equivalent to: ``ip -json netns list``

    Source: ip-netns(8).
    """
    return command("ip", "netns", "list", options=("-json",))


def identify(pid: int) -> Command:
    """
    Build the question for the names of a process's namespace; the answer is one name a line.

    Equivalent to: ``ip netns identify PID``

    Args:
        pid: The process.

    Source: ip-netns(8).
    """
    return command("ip", "netns", "identify", pid)


def pids(name: str) -> Command:
    """
    Build the question for the processes in a namespace; the answer is one pid a line.

    Equivalent to: ``ip netns pids NAME``

    Args:
        name: A file name under /run/netns.

    Source: ip-netns(8).
    """
    return command("ip", "netns", "pids", _named(name))


def _named(name: str) -> str:
    if "/" in name:
        raise UsageError(f"{name!r} is not the name of a network namespace")
    return place(name)
