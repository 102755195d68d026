"""
Values that lay there before netkit came, and how they come back.

One that nobody says any more becomes what it was before the first write, when no other spec needs
it, and only if it still is what netkit wrote; otherwise it is left, and said.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from netkit.command.sysctl import KEY
from netkit.errors import NetkitError
from netkit.expand.namespaces import FORWARDING
from netkit.model import record
from netkit.model.addressing import Address
from netkit.model.firewall import LooseRule
from netkit.model.home import Belonging, HomeAddress
from netkit.model.link import Bridge, Link
from netkit.model.netns import Namespace
from netkit.model.object import Key, Object
from netkit.model.setting import Attribute, Loan, Sysctl
from netkit.model.state import State
from netkit.plan.change import Change
from netkit.plan.world import device_of
from netkit.state.memory import Former, Intent, Memory
from netkit.value import Value, replace

KEY_WORDS = 3  # what kind, where, and at least one more
REDIRECTS = "net/ipv4/conf/all/accept_redirects"
FORWARDING6 = ("sysctl", None, "net/ipv6/conf/all/forwarding")
ACCEPT_RA = "/accept_ra"
LOAN, MASTER, HANGING = "loan", "master", "hanging"
MOST_NAMED = 3
TOOLS = {4: "iptables", 6: "ip6tables"}
BESIDE = "beside"
"""What of others' could forward when a host began to, kept beside the value that it had."""
DRESS = ("mtu", "mac", "up")
THERE = "there"
"""The former value of an address that somebody else had put there."""


class Restored(Value, frozen=True):
    """
    What becomes of values that the spec no longer says.

    Args:
        objects: Former values, to be desired.
        released: Places that netkit has nothing to do with any more, once this is done.
        notes: What was left as it is, and why.
    """

    objects: tuple[Object, ...] = ()
    released: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def place_of(item: Object) -> str:
    """Write a key as the memory does."""
    return json.dumps(item.key)


def not_known(memory: Memory, former: State, seen: State) -> Iterator[str]:
    """Say which values a spec left on the host that nobody remembers it to have changed."""
    remembered = {row.place for row in memory.former()}
    for item in former.every(Sysctl):
        is_left = item.netns is None and item.name in FORWARDING and seen.get(item.key) == item
        if is_left and place_of(item) not in remembered:
            yield f"{item.name} is {item.value}, and what it was before netkit is not known: left"


def restored(
    memory: Memory, spec: str, seen: State, desired: State, *, rows: Iterable[Former]
) -> Restored:
    """Say what the host's values become that ``spec`` changed and no longer says."""
    rows = tuple(rows)
    intent = memory.intent(spec)
    cut_off = {row.place: row.written for row in intent.former} if intent is not None else {}
    shared = {row.place for row in rows if row.spec != spec}
    lent_from = {(loan.home, loan.home_ifname) for loan in desired.every(Loan)}
    objects: list[Object] = []
    released: list[str] = []
    notes: list[str] = []
    for row in rows:
        if row.spec != spec or is_asked_for(key := key_of(row.place), desired):
            continue
        released.append(row.place)
        current = seen.get(key)
        if row.place in shared or row.value is None or current is None:
            continue
        if (current.netns, getattr(current, "ifname", None)) in lent_from:
            continue  # it comes back with the device
        since = _forwarders(seen) - _beside(current, spec, rows)
        written = (row.written, cut_off.get(row.place, row.written))
        is_back = isinstance(current, Sysctl | Attribute) and current.value == row.value
        halfway = intent is not None and REDIRECTS in key  # the kernel wrote, and netkit not yet
        if note := "" if is_back or halfway else _must_stay(current, written, since):
            notes.append(note)
        else:
            objects.append(_with_value(current, row.value))
    deaf = tuple(_deaf(objects, seen))
    if deaf:
        notes.append(
            f"{_listed(deaf)}: left at 2, since the host forwards on and would ignore router"
            " advertisements"
        )
        objects = [item for item in objects if getattr(item, "name", None) not in deaf]
    return Restored(tuple(objects), tuple(released), tuple(notes))


def _deaf(back: Iterable[Object], seen: State) -> Iterator[str]:
    """Name what must not become 1 again, since the host forwards IPv6 whatever comes back."""
    values = {item.name: item.value for item in back if isinstance(item, Sysctl)}
    now = seen.get(FORWARDING6)
    forwards = isinstance(now, Sysctl) and values.get(now.name, now.value) != "0"
    for name, value in values.items() if forwards else ():
        found = seen.get(("sysctl", None, name))
        if name.endswith(ACCEPT_RA) and isinstance(found, Sysctl) and found.value != value:
            yield name


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def is_asked_for(key: Key, state: State) -> bool:
    """Say whether a State speaks of what a key of the memory stands for."""
    return key in state or (key[0] in {LOAN, "sysctl"} and key[:-1] in state)


def lent(memory: Memory, spec: str, own: State) -> State:
    """Say of devices that are lent what they were at home, and are to be again."""
    loans = own.every(Loan)
    if not loans:
        return own
    rows = [(key_of(row.place), row.value) for row in memory.former() if row.spec == spec]
    return own.merged(replace(loan, was=tuple(_at_home(loan, rows))) for loan in loans)


def unsaid(own: State, former: State, desired: State) -> Iterator[Attribute]:
    """Say what devices that stay lent become where the spec says it no longer: as at home."""
    loans = {(loan.netns, loan.ifname): loan for loan in own.every(Loan)}
    for item in former.every(Attribute):
        loan = loans.get((item.netns, item.ifname))
        there = None if loan is None else desired.get(loan.key)
        if loan is None or not isinstance(there, Loan):
            continue
        if (value := dict(loan.was).get(item.name)) is not None:
            back = replace(item, netns=there.netns, ifname=there.ifname, value=value)
            if back.key not in desired:
                yield back


def _at_home(loan: Loan, rows: Iterable[tuple[Key, str | None]]) -> Iterator[tuple[str, str]]:
    for key, value in rows:
        if key[:-1] == loan.key and key[-1] in DRESS and value is not None:
            if key[-1] == "mtu" and not value.isdecimal():
                raise _unreadable(ValueError(f"{value!r} is no MTU"))
            yield str(key[-1]), value


def without_ended(memory: Memory, intent: Intent, before: State) -> State:
    """
    Leave out values that only others had set before a transaction that was cut off.

    They have gone meanwhile, and left them to it: going back is the last to need them, and puts
    back what was there before the first.

    Args:
        memory: What is remembered.
        intent: The journal of that transaction.
        before: What it found.
    """
    rows = memory.former()
    needed = {row.place for row in intent.former}
    needed |= {row.place for row in rows if row.spec != intent.spec}
    ended = set()
    for row in rows:
        if row.spec == intent.spec and row.place not in needed:
            item = before.get(key_of(row.place))
            if isinstance(item, Sysctl | Attribute) and item.value != row.value:
                ended.add(item.key)
    return before.where(lambda item: item.key not in ended) if ended else before


def idle(memory: Memory, spec: str) -> tuple[str, ...]:
    """Name values that ``spec`` wrote only because the kernel had altered them: they are back."""
    return tuple(
        row.place
        for row in memory.former()
        if row.spec == spec and row.value == row.written and row.value != THERE
    )


def remembered_sysctls(rows: Iterable[Former], spec: str) -> Iterator[str]:
    """Name the parameters of the host that ``spec`` has changed."""
    for row in rows:
        if row.spec == spec:
            kind, netns, *rest = key_of(row.place)
            if kind == "sysctl" and netns is None:
                yield str(rest[0])


def key_of(place: str) -> Key:
    """
    Read a key as the memory writes it.

    Raises:
        NetkitError: It is none.
    """
    try:
        key = json.loads(place)
        if not isinstance(key, list) or len(key) < KEY_WORDS:
            raise ValueError(f"{place!r} is not the key of anything")
        if key[0] == LOAN and not _is_of_a_device(key):
            raise ValueError(f"{place!r} is nothing of a device")
        if key[0] == "sysctl" and not KEY.fullmatch(str(key[2])):
            raise ValueError(f"{key[2]!r} is not a parameter of the network")
        hash(tuple(key))
    except (ValueError, TypeError, RecursionError) as error:
        raise _unreadable(error) from error
    return tuple(key)


def _is_of_a_device(key: Sequence[object]) -> bool:
    _, netns, *rest = key
    return (netns is None or isinstance(netns, str)) and list(map(type, rest)) == [str, str]


def hanging_of(text: str | None) -> tuple[Belonging, ...]:
    """
    Read what hung on a device at home, as the memory writes it.

    Raises:
        NetkitError: It is something else.
    """
    try:
        found = tuple(record.read(text)) if text is not None else ()
        hanging = tuple(item for item in found if isinstance(item, Belonging))
        if hanging != found:
            raise ValueError("it does not hang on a device")
    except ValueError as error:
        raise _unreadable(error) from error
    return hanging


def _unreadable(error: Exception) -> NetkitError:
    return NetkitError(
        f"what a value was before netkit cannot be read: {error}",
        hint="netkit destroy --all removes what netkit made, by its marks",
    )


def _with_value(item: Object, value: str) -> Object:
    return replace(item, value=value) if isinstance(item, Sysctl | Attribute) else item


def _must_stay(current: Object, written: tuple[str, str], since: Collection[str]) -> str:
    if isinstance(current, Sysctl | Attribute) and current.value not in written:
        of = f" of {current.ifname}" if isinstance(current, Attribute) else ""
        what = f"{current.name}{of} is {current.value} now, not the {written[0]} netkit wrote"
        return f"{what}: left as it is"
    if isinstance(current, Sysctl) and current.name in FORWARDING and since:
        who = ", ".join(sorted(since)[:MOST_NAMED])
        return f"{current.name} stays 1: others could forward here since: {who}"
    return ""


def _forwarders(seen: State) -> frozenset[str]:
    """Name what of others' on the host forwards, or could: bridges, and rules of FORWARD."""
    bridges = (each.ifname for each in seen.every(Bridge) if each.netns is None and each.group == 0)
    rules = (
        " ".join((TOOLS[each.family], "-A FORWARD", *each.words))
        for each in seen.every(LooseRule)
        if each.netns is None and each.hook == "FORWARD"
    )
    return frozenset((*bridges, *rules))


def _beside(item: Object, spec: str, rows: Iterable[Former]) -> frozenset[str]:
    """Name what of that was there when a spec had the host forward."""
    place = json.dumps((*item.key, BESIDE))
    found = (row.value for row in rows if row.place == place and row.spec == spec)
    return frozenset((next(found, None) or "").splitlines())


def to_remember(
    spec: str,
    changes: Iterable[Change],
    seen: State,
    *,
    before: State,
    desired: State,
    rows: Iterable[Former],
) -> Iterator[Former]:
    """
    Say what must be remembered, as it was seen, before ``changes`` are made.

    Who wants a value that another spec has set already needs it as much: whoever of them is the
    last to want it puts back what was there before the first.
    """
    changed = {change.key for change in changes if change.after is not None}
    rows = tuple(rows)
    others = {row.place: row.value for row in rows if row.spec != spec}
    own = {row.place: row.value for row in rows if row.spec == spec}
    for loan in desired.every(Loan):
        if loan.key in changed:
            for name, was in _left_behind(loan, seen, before, own):
                yield Former(json.dumps((*loan.key, name)), spec, was, "")
    for item in _values_of_others(desired):
        place, found = place_of(item), seen.get(item.key)
        if place in others:
            yield Former(place, spec, others[place], item.value)
        elif item.key in changed:
            value = found.value if isinstance(found, Sysctl | Attribute) else None
            if found is None and isinstance(item, Attribute):  # the device comes home to this
                value = own.get(json.dumps((LOAN, item.netns, item.ifname, item.name)))
            yield Former(place, spec, value, item.value)
        else:
            continue
        if isinstance(item, Sysctl) and item.name in FORWARDING:
            beside = json.dumps((*item.key, BESIDE))
            there = others.get(beside) if place in others else "\n".join(sorted(_forwarders(seen)))
            yield Former(beside, spec, there, "")


def _left_behind(
    loan: Loan, seen: State, before: State, own: Mapping[str, str | None]
) -> Iterator[tuple[str, str]]:
    """
    Say what a device is at home, which it loses when it is moved.

    Args:
        loan: Where it goes.
        seen: All that is there.
        before: What of that goes with it, and nobody of netkit's put there.
        own: What is remembered for the spec, by place: what it changed there itself counts as it
            was before.
    """
    device = seen.get(("link", loan.home, loan.home_ifname))
    if not isinstance(device, Link):
        return
    said = {
        "mtu": str(device.mtu),
        "mac": device.mac,
        MASTER: device.master,
        "up": "up" if device.up else "down",
    }
    for name, value in said.items():
        place = json.dumps(("attribute", loan.home, loan.home_ifname, name))
        if was := own.get(place) or value:
            yield name, was
    hanging = [
        item
        for item in seen.every(Belonging)
        if (item.netns, item.ifname) == (loan.home, loan.home_ifname)
        and (
            item.key in before
            or (isinstance(item, HomeAddress) and own.get(json.dumps(address_key(item))) == THERE)
        )
    ]
    if hanging:
        yield HANGING, record.write(State.of(hanging))


def address_key(item: HomeAddress) -> Key:
    """Give the key of the same as an ``Address``."""
    return ("address", item.netns, item.ifname, item.cidr)


def _values_of_others(desired: State) -> Iterator[Sysctl | Attribute]:
    """Give the values that lie where the spec made neither the namespace nor the device."""
    made = {item.netns for item in desired.every(Namespace)}
    own = {(item.netns, item.ifname) for item in desired.every(Link)}
    for item in desired:
        if not isinstance(item, Sysctl | Attribute) or item.netns in made:
            continue
        if isinstance(item, Sysctl) and (item.netns, device_of(item.name)) in own:
            continue  # it goes with the device
        yield item


def found_there(
    spec: str, seen: State, former: State, desired: State, *, rows: Iterable[Former]
) -> Iterator[Former]:
    """Say which addresses the spec names that somebody else had put there before."""
    away = {
        address_key(item)
        for row in rows
        if row.spec == spec and (key := key_of(row.place))[0] == LOAN and key[-1] == HANGING
        for item in hanging_of(row.value)
        if isinstance(item, HomeAddress)
    }
    own = {(item.netns, item.ifname) for state in (former, desired) for item in state.every(Link)}
    for item in desired.every(Address):
        foreign = (item.netns, item.ifname) not in own
        if foreign and (item.key in seen or item.key in away) and item.key not in former:
            yield Former(place_of(item), spec, THERE, THERE)
