"""The key ``devices`` of a namespace: from the document to ``Device``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netkit.model.topology import (
    BondDetail,
    BridgeDetail,
    Detail,
    Device,
    DummyDetail,
    ExistingDetail,
    GreDetail,
    IpvlanDetail,
    MacvlanDetail,
    TuntapDetail,
    VlanDetail,
    VrfDetail,
    VxlanDetail,
    WireguardDetail,
)
from netkit.spec import words
from netkit.spec.report import At
from netkit.spec.sections.reader import Object, Reader
from netkit.value import replace

PortDetail = BridgeDetail | VrfDetail | BondDetail


def build_devices(section: Object, at: At, reader: Reader) -> tuple[Device, ...]:
    """Read all devices of a namespace; the ports of bridges get their ``master``."""
    written = reader.expansion.keys(section, at)
    devices = {
        name: _device(name, value, place, reader) for name, (value, place) in written.items()
    }
    for name, (_, place) in written.items():
        _write_masters(name, place, devices, reader)
    return tuple(devices.values())


def _device(name: str, value: Object, at: At, reader: Reader) -> Device:
    reader.word(words.read_ifname, name, at, at_key=True)
    kind = value.get("type")
    return Device(
        ifname=name,
        detail=DETAILS[kind](value, at, reader) if kind else None,
        addresses=reader.list_under(words.read_cidr, value, "addresses", at),
        mtu=value.get("mtu"),
        mac=reader.under(words.read_mac, value, "mac", at),
        up=value.get("up"),
        master=reader.under(words.read_ifname, value, "master", at),
        shaping=reader.shaping(value, at),
        pointer=at.pointer,
    )


def _write_masters(name: str, at: At, devices: dict[str, Device], reader: Reader) -> None:
    detail = devices[name].detail
    if not isinstance(detail, PortDetail):
        return
    for index, port in enumerate(detail.ports):
        place = at / "ports" / index
        device = devices.get(port, Device(ifname=port, pointer=place.pointer))
        if device.master is None:
            devices[port] = replace(device, master=name)
        elif device.master == name:
            reader.report.add(place, f"{port} says its master itself: say it there or here")
        else:
            reader.report.add(place, f"{port} has two masters: {device.master} and {name}")


def _ports(value: Object, at: At, reader: Reader) -> tuple[str, ...]:
    ports: dict[str, None] = {}
    for index, text in enumerate(value.get("ports", ())):
        for name, _ in reader.names(text, at / "ports" / index):
            if name in ports:
                reader.report.add(at / "ports" / index, f"{name} is there already")
            if reader.word(words.read_ifname, name, at / "ports" / index):
                ports[name] = None
    return tuple(ports)


def _bridge(value: Object, at: At, reader: Reader) -> Detail:
    return BridgeDetail(
        ports=_ports(value, at, reader),
        stp=value.get("stp", False),
        vlan_filtering=value.get("vlan_filtering", False),
        mcast_snooping=value.get("mcast_snooping", True),
    )


def _vxlan(value: Object, at: At, reader: Reader) -> Detail:
    netns, underlay = reader.under(words.read_device_reference, value, "underlay", at) or (
        None,
        None,
    )
    fdb = (
        (
            reader.under(words.read_mac, entry, "mac", place),
            reader.under(words.read_ip, entry, "dst", place),
        )
        for entry, place in _entries(value, "fdb", at)
    )
    return VxlanDetail(
        vni=value["vni"],
        local=reader.under(words.read_ip, value, "local", at),
        remotes=reader.list_under(words.read_ip, value, "remotes", at),
        group=reader.under(words.read_ip, value, "group", at),
        dstport=value.get("dstport", 4789),
        underlay=underlay,
        underlay_netns=netns,
        learning=value.get("learning", True),
        fdb=tuple((mac, dst) for mac, dst in fdb if mac and dst),
        ttl=value.get("ttl", 0),
    )


def _entries(value: Object, key: str, at: At) -> list[tuple[Object, At]]:
    return [(entry, at / key / index) for index, entry in enumerate(value.get(key, ()))]


def _vlan(value: Object, at: At, reader: Reader) -> Detail:
    parent = reader.under(words.read_ifname, value, "parent", at) or ""
    return VlanDetail(parent=parent, vid=value["vid"])


def _macvlan(value: Object, at: At, reader: Reader) -> Detail:
    netns, parent = reader.under(words.read_device_reference, value, "parent", at) or (None, "")
    return MacvlanDetail(parent=parent, parent_netns=netns, mode=value.get("mode", "bridge"))


def _ipvlan(value: Object, at: At, reader: Reader) -> Detail:
    netns, parent = reader.under(words.read_device_reference, value, "parent", at) or (None, "")
    return IpvlanDetail(parent=parent, parent_netns=netns, mode=value.get("mode", "l2"))


def _vrf(value: Object, at: At, reader: Reader) -> Detail:
    table = reader.under(words.read_table, value, "table", at) or 0
    return VrfDetail(table=table, ports=_ports(value, at, reader))


def _gre(value: Object, at: At, reader: Reader) -> Detail:
    return GreDetail(
        local=reader.under(words.read_ip, value, "local", at),
        remote=reader.under(words.read_ip, value, "remote", at),
        tunnel_key=value.get("key"),
        ttl=value.get("ttl", 0),
        tap=value.get("tap", False),
    )


def _bond(value: Object, at: At, reader: Reader) -> Detail:
    return BondDetail(
        mode=value.get("mode", "balance-rr"),
        miimon=value.get("miimon", 100),
        ports=_ports(value, at, reader),
    )


def _existing(value: Object, at: At, reader: Reader) -> Detail:
    return ExistingDetail(home=reader.under(words.read_place, value, "from", at))


DETAILS: Mapping[str, Callable[[Object, At, Reader], Detail]] = {
    "bridge": _bridge,
    "vxlan": _vxlan,
    "vlan": _vlan,
    "macvlan": _macvlan,
    "ipvlan": _ipvlan,
    "dummy": lambda *_: DummyDetail(),
    "tap": lambda *_: TuntapDetail(mode="tap"),
    "tun": lambda *_: TuntapDetail(mode="tun"),
    "vrf": _vrf,
    "gre": _gre,
    "wireguard": lambda *_: WireguardDetail(),
    "bond": _bond,
    "existing": _existing,
}
