"""What a spec counts on and netkit does not make must be there before anything is changed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from netkit.apply.ownership.holder import where
from netkit.errors import MissingError, Problem
from netkit.expand.placement import Site, is_made
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope
from netkit.model.addressing import Address
from netkit.model.link import Ipvlan, Link, Macvlan, Vlan, Vrf, Vxlan
from netkit.model.netns import Namespace
from netkit.model.object import Key, Netns, Object
from netkit.model.setting import Attribute, Loan
from netkit.model.state import NOTHING, State
from netkit.model.topology import Network, Topology
from netkit.names import HIDDEN_PREFIX, HOST
from netkit.run.runner import Runner
from netkit.spec.report import meant

MOST_NAMES = 12
NEEDY = (Address, Attribute, Loan, Vlan, Macvlan, Ipvlan, Vxlan)
"""What lies on a device, or speaks of one, that somebody else may have made."""


def check_presence(seen: State, desired: State) -> None:
    """
    Refuse a spec that needs what is not there.

    Raises:
        MissingError: A device that netkit did not make, or a namespace, is absent; all are named.
    """
    links = _links(seen, desired)
    places = {item.netns for item in desired.every(Namespace)} | {item.netns for item in seen}
    absent: list[Problem] = []
    lacking: dict[tuple[Netns, str], None] = {}
    for item in (each for kind in NEEDY for each in desired.every(kind)):
        for netns, ifname in _needs(item):
            if netns is not None and netns not in places:
                absent.append(Problem(item.origin, f"there is no namespace {netns}"))
            elif ("link", netns, ifname) not in links:
                absent.append(_absent(item.origin, netns, ifname))
                lacking[netns, ifname] = None
    if absent:
        raise MissingError.at(*absent, hint=_way_out(seen, lacking))
    if unfit := tuple(_unfit(seen, desired)):
        raise MissingError.at(*unfit, hint="netkit never changes a parent: take another")


def _absent(pointer: str, netns: Netns, ifname: str) -> Problem:
    return Problem(pointer, f"there is no device {ifname} {where(netns)}")


def check_parents(
    runner: Runner, topology: Topology, desired: State, networks: Container[str] | None = None
) -> None:
    """
    Refuse networks that nobody is in yet where their first member would find no parent.

    Args:
        runner: Looks.
        topology: The spec, with nothing left open.
        desired: What it asks for: it may bring the parent.
        networks: Only these; None: all.

    Raises:
        MissingError: A parent is absent; all are named.
    """
    idle = [
        each
        for each in topology.networks
        if each.parent is not None
        and each.vid is None  # that is a device, with or without members
        and (networks is None or each.name in networks)
    ]
    if not idle:
        return
    wanted = dict(_parents(topology, idle))
    seen = NOTHING
    if wanted:
        looks = tuple(Look(netns, brief=True) for netns in dict.fromkeys(n for n, _ in wanted))
        seen = read(runner, Scope(looks=looks))
    links = _links(seen, desired)
    absent = {place: name for place, name in wanted.items() if ("link", *place) not in links}
    if absent:
        said = (
            _absent(f"{pointer}/parent", netns, ifname)
            for (netns, ifname), pointer in absent.items()
        )
        raise MissingError.at(*said, hint=_way_out(seen, absent))


def _parents(
    topology: Topology, networks: Iterable[Network]
) -> Iterator[tuple[tuple[Netns, str], str]]:
    """Give the parents in namespaces that netkit does not make, and where the spec names them."""
    site = Site.of(topology)
    busy = {endpoint.network for each in topology.namespaces for endpoint in each.endpoints}
    for network in networks:
        home = network.parent_netns or HOST
        sandbox = site.sandboxes.get(home)
        if network.name not in busy and (sandbox is None or not is_made(sandbox)):
            assert network.parent is not None
            yield (site.netns[home], network.parent), network.pointer


def _links(seen: State, desired: State) -> set[Key]:
    """Give the devices that are there, or will be."""
    links = {key for key, item in seen.objects.items() if isinstance(item, Link)}
    links |= {item.key for item in desired.every(Link)}
    links |= {("link", loan.netns, loan.ifname) for loan in desired.every(Loan)}
    links |= {("link", loan.home, loan.home_ifname) for loan in seen.every(Loan)}  # where it goes
    return links


def _way_out(seen: State, lacking: Iterable[tuple[Netns, str]]) -> str:
    """Say what to do about devices that are not there."""
    near: list[str] = []
    there: dict[Netns, tuple[str, ...]] = {}
    for netns, ifname in lacking:
        names = there.setdefault(netns, tuple(_named(seen, netns)))
        below, _, tag = ifname.rpartition(".")
        if below in names and tag.isdecimal():
            near.append(f"VLAN {tag} of {below} is parent {below} and vid {tag};")
        elif hint := meant(ifname, names):
            near.append(hint)
    known = [name for names in there.values() for name in names[:MOST_NAMES]]
    said = f": there is {', '.join(known)}" if known else ""
    return " ".join((*dict.fromkeys(near), f"make it first, or correct its name{said}"))


def _named(seen: State, netns: Netns) -> Iterator[str]:
    """Name the devices of a namespace that somebody gave a name."""
    for item in seen.every(Link):
        if (
            item.netns == netns
            and item.ifname != "lo"
            and not item.ifname.startswith(HIDDEN_PREFIX)
        ):
            yield item.ifname


def _unfit(seen: State, desired: State) -> Iterator[Problem]:
    """Say why what a device is to lie on cannot carry it, where it is not the spec's."""
    for item in desired.every(Link):
        if not isinstance(item, Vlan | Macvlan | Ipvlan):
            continue
        key = ("link", item.parent_netns, item.parent)
        parent = seen.get(key)
        if not isinstance(parent, Link) or key in desired:
            continue
        said = f"{item.parent} {where(item.parent_netns)}"
        if item.mtu > parent.mtu:
            yield Problem(item.origin, f"{said} has an MTU of {parent.mtu}, less than {item.mtu}")
        if item.key in seen:
            continue
        if not parent.up:
            yield Problem(item.origin, f"{said} is down (ip link set dev {item.parent} up)")
        master = seen.get(("link", item.parent_netns, parent.master))
        if parent.master is not None and not isinstance(item, Vlan) and not isinstance(master, Vrf):
            yield Problem(item.origin, f"{said} is a port of {parent.master}")


def _needs(item: Object) -> Iterator[tuple[Netns, str]]:
    """Name the devices that an object lies on or speaks of."""
    match item:
        case Address() | Attribute():
            yield item.netns, item.ifname
        case Loan():
            yield item.home, item.home_ifname
        case Vlan() | Macvlan() | Ipvlan():
            yield item.parent_netns, item.parent
        case Vxlan(underlay=str()):
            yield item.socket_netns, str(item.underlay)
