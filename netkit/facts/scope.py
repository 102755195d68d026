"""
What to look at: the namespaces that some States speak of, and in each what they have there.

    scope(desired, former)  ─▶  Scope
                                 ├ looks   con1: addresses, routes ...; r1: iptables as well
                                 ├ files   /etc/netns/con1/hosts
                                 └ claims  con1's eth0 has its peer in the host: see ties
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import cache, singledispatch

from netkit.facts.ties import Claims
from netkit.model.addressing import Address, Neighbor
from netkit.model.daemon import Daemon
from netkit.model.firewall import Chain, Jump, LooseRule, Policy, UserChain
from netkit.model.home import Belonging
from netkit.model.link import Bridge, Internal, Ipvlan, Link, Loopback, Macvlan, Veth, Vlan, Vxlan
from netkit.model.object import Netns, Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.routing import Route, Rule
from netkit.model.setting import Attribute, File, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.value import Value, field, replace

NEIGHBOR, RULE = "neighbor", "rule"


@cache
def route_kind(protocol: str) -> str:
    """Name the routes of a protocol."""
    return f"route {protocol}"


class Look(Value, frozen=True):
    """
    What to ask of one namespace, besides devices, addresses, routes, IPv4 rules and neighbours.

    Args:
        netns: Where.
        sysctls: Names below /proc/sys, with slashes.
        rules6: Also the IPv6 rules.
        fdb: Also the forwarding databases.
        qdisc: Also the queueing disciplines.
        families: Of which iptables is asked: 4, 6, both or none.
        ovs: Also what Open vSwitch has.
        homes: Devices that are lent from there: also what hangs on them, in full.
        brief: Only devices and their addresses.
        only: Only these devices, of however many there are; None: all.
        spoken: Kinds of object that States speak of there, of those that are always asked about.
        fresh: It was made just now: there is none of a kind that nobody speaks of, nobody asks.
    """

    netns: Netns
    sysctls: tuple[str, ...] = ()
    rules6: bool = False
    fdb: bool = False
    qdisc: bool = False
    families: tuple[int, ...] = ()
    ovs: bool = False
    homes: tuple[str, ...] = ()
    brief: bool = False
    only: tuple[str, ...] | None = None
    spoken: frozenset[str] = frozenset()
    fresh: bool = False


class Scope(Value, frozen=True):
    """
    What to look at.

    Args:
        looks: One for each namespace.
        files: Absolute paths.
        texts: The parts of files by digest, so that what was read and is as it should be is not
            kept twice.
        claims: Links whose far ends the kernel does not name, by namespace and device.
        devices: (namespace, device) of all that is spoken of: seen even if it looks like one that
            the kernel makes by itself.
        addresses: (device, cidr) by namespace: seen even if it looks like the kernel's own.
        attributes: (namespace, device, attribute) to read of devices that netkit did not make.
        loans: Devices that netkit may have moved.
        daemons: Also the programs that netkit left running.
    """

    looks: tuple[Look, ...] = ()
    files: tuple[str, ...] = ()
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    claims: Claims = field(default_factory=dict)
    devices: frozenset[tuple[Netns, str]] = frozenset()
    addresses: Mapping[Netns, frozenset[tuple[str, str]]] = field(default_factory=dict)
    attributes: tuple[tuple[Netns, str, str], ...] = ()
    loans: tuple[Loan, ...] = ()
    daemons: bool = False


class _Draft:
    """A Scope while it is gathered."""

    def __init__(self) -> None:
        self.places: dict[Netns, None] = {}
        self.sysctls: defaultdict[Netns, set[str]] = defaultdict(set)
        self.families: defaultdict[Netns, set[int]] = defaultdict(set)
        self.rules6: set[Netns] = set()
        self.fdb: set[Netns] = set()
        self.qdisc: set[Netns] = set()
        self.ovs: set[Netns] = set()
        self.spoken: defaultdict[Netns, set[str]] = defaultdict(set)
        self.files: set[str] = set()
        self.texts: dict[str, tuple[str, ...]] = {}
        self.claims: dict[tuple[Netns, str], tuple[Link, ...]] = {}
        self.devices: set[tuple[Netns, str]] = set()
        self.addresses: defaultdict[Netns, set[tuple[str, str]]] = defaultdict(set)
        self.attributes: dict[tuple[Netns, str, str], None] = {}
        self.loans: dict[Loan, None] = {}
        self.homes: defaultdict[Netns, set[str]] = defaultdict(set)
        self.daemons = False

    def look(self, netns: Netns, *, brief: bool) -> Look:
        if brief:
            return Look(netns, brief=True)
        return Look(
            netns,
            sysctls=tuple(sorted(self.sysctls.get(netns, ()))),
            rules6=netns in self.rules6,
            fdb=netns in self.fdb,
            qdisc=netns in self.qdisc,
            families=tuple(sorted(self.families.get(netns, ()))),
            ovs=netns in self.ovs,
            homes=tuple(sorted(self.homes.get(netns, ()))),
            spoken=frozenset(self.spoken.get(netns, ())),
        )


def scope(*states: State, passing: frozenset[Netns] = frozenset()) -> Scope:
    """
    Say what to look at to compare the kernel with ``states``: the wanted, the former.

    The host is looked at only where a State has something there.

    Args:
        states: What they speak of is looked at.
        passing: Namespaces that are to go with all that is in them: only whose they are, and what
            devices are there, need be known.
    """
    draft = _Draft()
    noting = cache(_note.dispatch)
    for state in states:
        for item in state:
            noting(type(item))(item, draft)
    return Scope(
        looks=tuple([draft.look(netns, brief=netns in passing) for netns in draft.places]),
        files=tuple(sorted(draft.files)),
        texts=draft.texts,
        claims=draft.claims,
        devices=frozenset(draft.devices),
        addresses={netns: frozenset(found) for netns, found in draft.addresses.items()},
        attributes=tuple(draft.attributes),
        loans=tuple(draft.loans),
        daemons=draft.daemons,
    )


PLAIN = (Loopback, Veth, Bridge)
"""Links that hang on no device but those that the same States speak of."""


def narrowed(looked: Scope, places: frozenset[Netns], *states: State) -> Scope:
    """
    Look in some places only at the devices that States speak of.

    Args:
        looked: The scope of these States.
        places: Where there may be many other devices of no interest.
        states: As for ``scope``; where they hold what may hang on other devices nothing changes.
    """
    links = [item for state in states for item in state.every(Link)]
    if looked.attributes or looked.loans or any(not isinstance(item, PLAIN) for item in links):
        return looked
    names = {
        place: sorted(name for netns, name in looked.devices if netns == place) for place in places
    }
    looks = [
        replace(look, only=tuple(names[look.netns])) if look.netns in places else look
        for look in looked.looks
    ]
    return replace(looked, looks=tuple(looks))


def freshened(looked: Scope, places: Collection[Netns]) -> Scope:
    """Ask only about what States speak of in namespaces that were made just now."""
    looks = [replace(look, fresh=True) if look.netns in places else look for look in looked.looks]
    return replace(looked, looks=tuple(looks)) if places else looked


@singledispatch
def _note(item: Object, draft: _Draft) -> None:
    """Note what an object asks for; most only that somebody looks where they live."""
    draft.places[item.netns] = None


@_note.register(Link)
def _(item: Link, draft: _Draft) -> None:
    place = (item.netns, item.ifname)
    draft.places[item.netns] = None
    draft.devices.add(place)
    far = FAR.get(type(item))
    if far is not None:
        draft.places[far(item)] = None
        claimed = draft.claims.get(place, ())
        if item not in claimed:
            draft.claims[place] = (*claimed, item)
    if isinstance(item, Vxlan):
        draft.fdb.add(item.netns)


KERNELS = ("fe80:", "127.0.0.1/", "::1/")  # what the kernel gives by itself begins like this


@_note.register(Address)
def _(item: Address, draft: _Draft) -> None:
    draft.places[item.netns] = None
    if item.cidr.startswith(KERNELS):
        draft.addresses[item.netns].add((item.ifname, item.cidr))


@_note.register(Route)
def _(item: Route, draft: _Draft) -> None:
    draft.places[item.netns] = None
    draft.spoken[item.netns].add(route_kind(item.protocol))


@_note.register(Neighbor)
def _(item: Neighbor, draft: _Draft) -> None:
    draft.places[item.netns] = None
    draft.spoken[item.netns].add(NEIGHBOR)


@_note.register(Rule)
def _(item: Rule, draft: _Draft) -> None:
    draft.places[item.netns] = None
    if item.family != 4:
        draft.rules6.add(item.netns)
    else:
        draft.spoken[item.netns].add(RULE)


@_note.register(Chain)
@_note.register(Jump)
@_note.register(Policy)
@_note.register(LooseRule)
@_note.register(UserChain)
def _(item: Chain | Jump | Policy | LooseRule | UserChain, draft: _Draft) -> None:
    draft.places[item.netns] = None
    draft.families[item.netns].add(item.family)


@_note.register(Qdisc)
def _(item: Qdisc, draft: _Draft) -> None:
    draft.places[item.netns] = None
    draft.qdisc.add(item.netns)


@_note.register(Sysctl)
def _(item: Sysctl, draft: _Draft) -> None:
    draft.places[item.netns] = None
    draft.sysctls[item.netns].add(item.name)


@_note.register(OvsBridge)
@_note.register(OvsPort)
def _(item: OvsBridge | OvsPort, draft: _Draft) -> None:
    draft.places[None] = None
    draft.ovs.add(None)


@_note.register(File)
def _(item: File, draft: _Draft) -> None:
    draft.files.add(item.path)  # which lives in no namespace
    draft.texts[item.digest] = item.parts


@_note.register(Daemon)
def _(item: Daemon, draft: _Draft) -> None:
    draft.places[item.netns] = None
    draft.daemons = True


@_note.register(Attribute)
def _(item: Attribute, draft: _Draft) -> None:
    draft.places[item.netns] = None
    draft.devices.add((item.netns, item.ifname))
    draft.attributes[item.netns, item.ifname, item.name] = None


@_note.register(Loan)
def _(item: Loan, draft: _Draft) -> None:
    draft.places[item.netns] = draft.places[item.home] = None
    draft.devices |= {(item.netns, item.ifname), (item.home, item.home_ifname)}
    draft.loans[item] = None
    draft.homes[item.home].add(item.home_ifname)


@_note.register(Belonging)
def _(item: Belonging, draft: _Draft) -> None:
    draft.places[item.netns] = None
    draft.devices.add((item.netns, item.ifname))
    draft.homes[item.netns].add(item.ifname)


FAR: Mapping[type[Link], Callable[..., Netns]] = {
    Internal: lambda internal: None,
    Veth: lambda veth: veth.peer_netns,
    Vxlan: lambda vxlan: vxlan.socket_netns,
    Vlan: lambda vlan: vlan.parent_netns,
    Macvlan: lambda macvlan: macvlan.parent_netns,
    Ipvlan: lambda ipvlan: ipvlan.parent_netns,
}
