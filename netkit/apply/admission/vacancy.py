"""
A namespace goes only when nobody lives in it.

Its processes would go on in a namespace without a name, and a device that netkit did not make
would be lost with it, if it is not hardware.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from netkit.errors import ConflictError
from netkit.facts import process
from netkit.model.link import Link, Loopback
from netkit.model.netns import Namespace
from netkit.model.object import Key, Netns
from netkit.model.setting import Loan
from netkit.model.state import State
from netkit.names import is_owned_group, mark_owner


def residents(
    seen: State, current: State, desired: State, pending: Collection[Key] = ()
) -> tuple[str, ...]:
    """
    Say who lives in the namespaces that are to go.

    Args:
        seen: All that is there.
        current: What of it is the spec's.
        desired: What is to stay.
        pending: What a transaction that was cut off was about to make: a device may be there
            without its mark.

    Returns:
        One line per namespace that is not vacant; empty when all are.
    """
    going = [each for each in current.every(Namespace) if each.key not in desired]
    if not going:
        return ()
    processes = process.read(each.netns for each in going if each.netns is not None)
    if processes:
        from netkit.run.daemon import running  # rarely is somebody there

        own = {each.pid for each in running()}
        processes = {
            place: tuple(each for each in them if each.pid not in own)
            for place, them in processes.items()
        }
    devices = _devices(seen, current, {each.netns for each in going}, pending)
    return tuple(line for each in going for line in _line(each.netns, processes, devices))


def refuse(lines: tuple[str, ...]) -> None:
    """
    Refuse to remove namespaces that are not vacant.

    Raises:
        ConflictError: It names who lives there.
    """
    if lines:
        raise ConflictError(
            "\n".join(lines), hint="end them, or move them out; --force removes it all the same"
        )


def _devices(
    seen: State, current: State, going: set[Netns], pending: Collection[Key]
) -> Mapping[Netns, list[str]]:
    """Name devices that netkit did not make for the spec, and that are not on their way home."""
    lent = {(loan.netns, loan.ifname) for loan in seen.every(Loan)}
    found: dict[Netns, list[str]] = {}
    for item in seen.every(Link):
        unmarked = not is_owned_group(item.group) and item.key not in pending
        strange = unmarked or item.key not in current
        if isinstance(item, Loopback) or not strange or (item.netns, item.ifname) in lent:
            continue
        if item.netns in going:
            owner = mark_owner(item.alias)
            whose = f" of spec {owner}" if owner else ""
            found.setdefault(item.netns, []).append(f"{item.ifname}{whose}")
    return found


def _line(
    netns: Netns,
    processes: Mapping[Netns, tuple[process.Process, ...]],
    devices: Mapping[Netns, list[str]],
) -> Iterator[str]:
    inside = [f"process {each}" for each in processes.get(netns, ())]
    inside += [f"device {name}" for name in devices.get(netns, ())]
    if inside:
        yield f"namespace {netns} holds {', '.join(inside)}"
