"""
What devices that are lent had at home, where they come from: kept, and given back.

    leaves   what hangs on it is among what was before, and remembered; the kernel flushes it
    comes    master, state, addresses and routes are wanted again, but for what cannot be:
             an address or the place of a route that somebody else has by now, a route whose
             gateway or source is there no longer

Nothing of it is ever removed: what is left out is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_interface

from netkit.apply.ownership.claims import Claimed
from netkit.apply.session import Session
from netkit.apply.values.former import HANGING, LOAN, MASTER, address_key, hanging_of, key_of
from netkit.model.addressing import Address
from netkit.model.home import Belonging, HomeAddress, HomeRoute
from netkit.model.link import Link
from netkit.model.object import Key, Netns, Object
from netkit.model.routing import MAIN_TABLE
from netkit.model.setting import Attribute, Loan
from netkit.model.state import State
from netkit.run.job import Ask, Job
from netkit.state.memory import Former
from netkit.value import Value

LINK_LOCAL = "fe80:"
NO_IPV6 = "there is no IPv6 (disable_ipv6)"
Network = IPv4Network | IPv6Network


class Homecoming(Value, frozen=True, eq=False):
    """
    What devices are to be at home again.

    Args:
        desired: What must be, with that.
        notes: What is not put back, and why.
    """

    desired: State
    notes: tuple[str, ...] = ()


def left_at_home(seen: State, own: State, desired: State) -> Iterator[Object]:
    """Say what devices have at home that are about to be lent, but for what the spec gave them."""
    for loan in desired.every(Loan):
        device = seen.get(("link", loan.home, loan.home_ifname))
        if loan.key in own or not isinstance(device, Link):
            continue
        yield from _dressing(loan.key, {MASTER: device.master or "", "up": _word(device.up)})
        for item in sorted(seen.every(Belonging), key=_is_led):
            if (item.netns, item.ifname) == (loan.home, loan.home_ifname):
                given = isinstance(item, HomeAddress) and address_key(item) in own
                if not given:
                    yield item


def homecoming(
    session: Session,
    claims: Claimed,
    seen: State,
    *,
    own: State,
    desired: State,
    rows: Iterable[Former],
) -> Homecoming:
    """
    Add to what must be what devices that are lent no longer were at home.

    Args:
        session: The hands that look whose the place of a route is.
        claims: What the spec has a claim to.
        seen: All that is there.
        own: What of it is the spec's.
        desired: What must be, as far as that is known.
        rows: What is remembered.

    Raises:
        NetkitError: What is remembered cannot be read.
    """
    wanted: list[Object] = []
    homes: set[tuple[Netns, str]] = set()
    for key, was in _remembered(rows, claims.name).items():
        home, ifname = place = (key[1], key[2])
        is_away = key in own
        is_back = claims.intent is not None and ("link", home, ifname) in seen
        if key not in desired and (is_away or is_back):
            homes.add(place)  # type: ignore[arg-type] # a key that was written as a place
            wanted += _dressing(key, was)
            hanging = sorted(hanging_of(was.get(HANGING)), key=_is_led)
            wanted += hanging
    desired = desired.merged(wanted)
    if not (desired.every(Belonging) or homes):
        return Homecoming(desired)
    masters = {key for key in seen.objects if key not in own or key in desired}
    masterless = [
        item.key
        for item in desired.every(Attribute)
        if item.name == MASTER
        and (item.netns, item.ifname) in homes
        and ("link", item.netns, item.value) not in masters
    ]
    fit = _Fit(session, seen, own, desired)
    notes = tuple(fit.notes())
    left_out = {*masterless, *fit.left_out}
    return Homecoming(desired.where(lambda item: item.key not in left_out), notes)


def _remembered(rows: Iterable[Former], spec: str) -> Mapping[Key, dict[str, str]]:
    """Give what is remembered of each device that is, or was, lent to a spec."""
    found: dict[Key, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row.spec == spec and row.value is not None:
            key = key_of(row.place)
            if key[0] == LOAN:
                found[key[:-1]][str(key[-1])] = row.value
    return found


def _dressing(loan: Key, was: Mapping[str, str]) -> Iterator[Attribute]:
    """Say what a device is at home; it comes down, and of MTU and MAC address as it was there."""
    _, netns, ifname = loan
    if master := was.get(MASTER):
        yield Attribute(netns=netns, ifname=ifname, name=MASTER, value=master)  # type: ignore[arg-type]
    if was.get("up") == "up":
        yield Attribute(netns=netns, ifname=ifname, name="up", value="up")  # type: ignore[arg-type]


class _Fit:
    """What of that which hung on devices can hang there again."""

    def __init__(self, session: Session, seen: State, own: State, desired: State) -> None:
        self.session = session
        self.seen = seen
        self.own = own
        self.desired = desired
        self.left_out: set[Key] = set()
        going = own.objects.keys() - desired.objects.keys()
        found = (*seen.every(Address), *desired.every(Address))
        self.staying = [item for item in found if item.key not in going]

    def notes(self) -> Iterator[str]:
        """Say of each thing that is left out why; ``left_out`` grows meanwhile."""
        for address in self.desired.every(HomeAddress):
            if address_key(address) in self.desired:
                self.left_out.add(address.key)  # the spec gives it now
            elif address.key not in self.seen and (why := self._bars(address)):
                self.left_out.add(address.key)
                yield f"{address.ifname} does not get back {address.cidr}: {why}"
        for way in sorted(self.desired.every(HomeRoute), key=_is_led):
            if way.key not in self.seen and (why := self._blocks(way)):
                self.left_out.add(way.key)
                yield f"{way.ifname} does not get back its route to {way.to}: {why}"

    def _bars(self, item: HomeAddress) -> str:
        """Say why an address cannot be given again."""
        if ":" in item.cidr and self._is_without_ipv6(item):
            return NO_IPV6
        if item.cidr.startswith(LINK_LOCAL):
            return ""
        for other in self.staying:
            same = (other.ifname, other.cidr) == (item.ifname, item.cidr)
            if (
                other.netns == item.netns
                and other.cidr.partition("/")[0] == item.address
                and not same
            ):
                return f"{other.ifname} has {other.cidr} by now"
        return ""

    def _is_without_ipv6(self, item: Belonging) -> bool:
        is_home = ("link", item.netns, item.ifname) in self.seen
        name = f"net/ipv6/conf/{item.ifname if is_home else 'default'}/disable_ipv6"
        (answer,) = self.session.runner.run([Job(item.netns, ask=Ask(item.netns, sysctls=(name,)))])
        return answer.sysctls.get(name) != "0"

    def _blocks(self, way: HomeRoute) -> str:
        """Say why a route cannot be given again."""
        route_key: Key = ("route", way.netns, *way.place)
        if route_key in self.desired:
            return "the spec has one to there"
        rival = self._rival(way)
        if rival is not None and not (route_key in self.own and route_key not in self.desired):
            return f"there is one by {rival} by now"
        if any(":" in each for each in (way.to, *way.gateways)) and self._is_without_ipv6(way):
            return NO_IPV6
        if way.src is not None and way.src not in self._sources(way.netns):
            return f"nothing here is {way.src} now"
        links = tuple(self._links(way))
        for gateway in () if way.onlink else way.gateways:
            address = ip_address(gateway)
            if not (gateway.startswith(LINK_LOCAL) or any(address in link for link in links)):
                return f"{gateway} is on its link no more"
        return ""

    def _rival(self, way: HomeRoute) -> str | None:
        from netkit.facts import home

        ask = Ask(way.netns, (home.rivals(way),))
        (answer,) = self.session.runner.run([Job(way.netns, ask=ask)])
        return home.rival(answer.texts[0], way)

    def _sources(self, netns: Netns) -> set[str]:
        """Give the addresses that there are, or will be."""
        found = {item.address for item in self._kept() if item.netns == netns}
        here = (item.cidr for item in self.staying if item.netns == netns)
        return found.union(cidr.partition("/")[0] for cidr in here)

    def _links(self, way: HomeRoute) -> Iterator[Network]:
        """Give the prefixes that are on the link of a route's device."""
        place = (way.netns, way.ifname)
        for item in self._kept():
            if (item.netns, item.ifname) == place and not item.noprefixroute:
                yield ip_interface(item.peer or item.cidr).network
        for other in self.desired.every(HomeRoute):
            is_link = not other.gateways and other.table in {way.table, MAIN_TABLE}
            if (other.netns, other.ifname) == place and is_link and other.key not in self.left_out:
                yield ip_interface(other.to).network

    def _kept(self) -> Iterator[HomeAddress]:
        for item in self.desired.every(HomeAddress):
            if item.key not in self.left_out or address_key(item) in self.desired:
                yield item


def _is_led(item: Belonging) -> bool:
    """Say whether something is a route with a gateway: what is on the link comes first."""
    return isinstance(item, HomeRoute) and bool(item.gateways)


def _word(up: bool) -> str:
    return "up" if up else "down"
