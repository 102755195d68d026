"""
A State that can be walked about in: what the plan simulates on.

Beside the objects it keeps who hangs on which device, so that the simulation of a change costs
what the change touches, not what there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.home import Belonging
from netkit.model.link import Internal, Ipvlan, Link, Macvlan, Veth, Vlan, Vxlan
from netkit.model.object import Key, Netns, Object
from netkit.model.ovs import OvsPort
from netkit.model.routing import Route
from netkit.model.setting import Attribute, Qdisc, Sysctl
from netkit.model.state import State

Place = tuple[Netns, str]


class World:
    """
    Objects by key, by device and by namespace; one planning run owns it and alters it.

    Who hangs on what is worked out when it is first asked for: to build from nothing needs it not.
    """

    def __init__(self, state: Iterable[Object]) -> None:
        self.objects: dict[Key, Object] = {item.key: item for item in state}
        self._ties: _Ties | None = None

    def get(self, key: Key) -> Object | None:
        """Give the object of ``key`` as it is by now."""
        return self.objects.get(key)

    def put(self, item: Object) -> None:
        """Set an object, in place of what had its key."""
        key = item.key
        if self._ties is not None:
            if (before := self.objects.get(key)) is not None:
                self._ties.drop(key, before)
            self._ties.add(key, item)
        self.objects[key] = item

    def drop(self, key: Key) -> None:
        """Take an object out; nothing happens when it is not there."""
        item = self.objects.pop(key, None)
        if item is not None and self._ties is not None:
            self._ties.drop(key, item)

    def link(self, netns: Netns, ifname: str) -> Link | None:
        """Give the device of a name."""
        item = self.objects.get(("link", netns, ifname))
        return item if isinstance(item, Link) else None

    def on_device(self, netns: Netns, ifname: str) -> tuple[Object, ...]:
        """Give what hangs on a device: addresses, routes, ports, stacked devices and so on."""
        return self._all(self._tied().on_device.get((netns, ifname), ()))

    def in_netns(self, netns: Netns) -> tuple[Object, ...]:
        """Give all that lives in a namespace."""
        return self._all(self._tied().in_netns.get(netns, ()))

    def sockets_in(self, netns: Netns) -> tuple[Object, ...]:
        """Give the VXLAN devices whose socket is in a namespace, wherever they live."""
        return self._all(self._tied().sockets.get(netns, ()))

    def state(self) -> State:
        """Give what there is by now."""
        return State.of(self.objects.values())

    def _tied(self) -> _Ties:
        if self._ties is None:
            self._ties = _Ties()
            for key, item in self.objects.items():
                self._ties.add(key, item)
        return self._ties

    def _all(self, keys: Iterable[Key]) -> tuple[Object, ...]:
        return tuple([self.objects[key] for key in keys])


class _Ties:
    """Who hangs on which device, lives in which namespace, has its socket where; oldest first."""

    def __init__(self) -> None:
        self.on_device: dict[Place, dict[Key, None]] = defaultdict(dict)
        self.in_netns: dict[Netns, dict[Key, None]] = defaultdict(dict)
        self.sockets: dict[Netns, dict[Key, None]] = defaultdict(dict)

    def add(self, key: Key, item: Object) -> None:
        self.in_netns[item.netns][key] = None
        for place in hangs_on(item):
            self.on_device[place][key] = None
        if isinstance(item, Vxlan):
            self.sockets[item.socket_netns][key] = None

    def drop(self, key: Key, item: Object) -> None:
        self.in_netns[item.netns].pop(key, None)
        for place in hangs_on(item):
            self.on_device[place].pop(key, None)
        if isinstance(item, Vxlan):
            self.sockets[item.socket_netns].pop(key, None)


def hangs_on(item: Object) -> Iterator[Place]:
    """Name the devices without which an object cannot be."""
    match item:
        case Address() | Neighbor() | FdbEntry() | Qdisc() | Attribute() | Belonging():
            yield (item.netns, item.ifname)
        case OvsPort():
            yield (None, item.bridge)
        case Route():
            for hop in item.nexthops:
                if hop.dev is not None:
                    yield (item.netns, hop.dev)
        case Sysctl():
            if (ifname := device_of(item.name)) is not None:
                yield (item.netns, ifname)
        case Link():
            yield from _below(item)


def _below(link: Link) -> Iterator[Place]:
    if link.master is not None:
        yield (link.netns, link.master)
    match link:
        case Veth() if link.peer:
            yield (link.peer_netns, link.peer)
        case Internal():
            yield (None, link.port)
        case Vlan() | Macvlan() | Ipvlan():
            yield (link.parent_netns, link.parent)
        case Vxlan() if link.underlay is not None:
            yield (link.socket_netns, link.underlay)


def device_of(sysctl: str) -> str | None:
    """Name the device that a kernel parameter belongs to; None for one of a whole namespace."""
    match sysctl.split("/"):
        case ["net", _, "conf" | "neigh", ifname, _] if ifname not in ("all", "default"):
            return ifname
    return None
