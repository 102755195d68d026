"""Of which address families a verb speaks."""

from __future__ import annotations

from netkit.command.word import is_ipv6
from netkit.errors import UsageError


def families(family: int | None, *prefixes: object) -> tuple[int, ...]:
    """
    Say for which families a line is built; both where nothing tells.

    Args:
        family: 4 or 6, where that was said.
        prefixes: Each tells its own; None tells nothing.

    Raises:
        UsageError: They tell of both.
    """
    told = {6 if is_ipv6(each) else 4 for each in prefixes if each is not None}
    if family is not None:
        told.add(family)
    if len(told) > 1:
        raise UsageError("a rule is of one family", hint="the prefixes and --family must agree")
    return tuple(told) or (4, 6)
