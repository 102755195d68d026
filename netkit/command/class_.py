"""
Classes of the htb discipline: ``tc class``.

There is no question here: ``tc -json class show`` answers in columns all the same.
"""

from __future__ import annotations

from netkit.command.command import Command, command, option


def add(
    dev: str,
    classid: str,
    *,
    parent: str,
    rate: str,
    ceil: str | None = None,
    burst: str | None = None,
    cburst: str | None = None,
    prio: int | None = None,
) -> Command:
    """
    Build the command that makes a class.

    Equivalent to: ``tc class add dev DEV parent 1: classid 1:10 htb rate RATE ceil CEIL``

    Args:
        dev: Device name.
        classid: Its number, ``1:10``, in hexadecimal.
        parent: The discipline, ``1:``, or a class of it.
        rate: Bits per second it is sure of.
        ceil: Bits per second it may borrow up to; ``rate`` when omitted.
        burst: Bytes that may go at once beyond ``rate``.
        cburst: Bytes that may go at once beyond ``ceil``.
        prio: Who borrows first, 0 to 7.

    Source: tc-htb(8).
    """
    return command(
        "tc", "class", "add", "dev", dev, "parent", parent, "classid", classid,
        "htb", "rate", rate, *option("ceil", ceil), *option("burst", burst),
        *option("cburst", cburst), *option("prio", prio),
    )  # fmt: skip


def replace(
    dev: str,
    classid: str,
    *,
    parent: str,
    rate: str,
    ceil: str | None = None,
    burst: str | None = None,
    cburst: str | None = None,
    prio: int | None = None,
) -> Command:
    """
    Build the command that makes a class, or changes it.

    Equivalent to: ``tc class replace dev DEV parent 1: classid 1:10 htb rate RATE ceil CEIL``

    Args:
        dev: Device name.
        classid: Its number, ``1:10``, in hexadecimal.
        parent: The discipline, ``1:``, or a class of it.
        rate: Bits per second it is sure of.
        ceil: Bits per second it may borrow up to; ``rate`` when omitted.
        burst: Bytes that may go at once beyond ``rate``.
        cburst: Bytes that may go at once beyond ``ceil``.
        prio: Who borrows first, 0 to 7.

    Source: tc-htb(8).
    """
    return command(
        "tc", "class", "replace", "dev", dev, "parent", parent, "classid", classid,
        "htb", "rate", rate, *option("ceil", ceil), *option("burst", burst),
        *option("cburst", cburst), *option("prio", prio),
    )  # fmt: skip


def delete(dev: str, classid: str) -> Command:
    """
    Build the command that removes a class.

    Equivalent to: ``tc class delete dev DEV classid 1:10``

    Args:
        dev: Device name.
        classid: Its number.

    Source: tc(8).
    """
    return command("tc", "class", "delete", "dev", dev, "classid", classid)
