"""The section ``networks``: from the document to ``Network``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netkit.model.topology import IPAddress, Ipam, IPNetwork, Network
from netkit.names import HOST
from netkit.spec import words
from netkit.spec.report import At, listed
from netkit.spec.sections.ipam import NULL, build_ipam, build_name_server
from netkit.spec.sections.reader import LATER, Object, Reader, labels

DRIVERS = ("bridge", "host", "null", "macvlan", "ipvlan", "vlan", "ovs")
MODES = {
    "macvlan": ("bridge", "private", "vepa", "passthru"),
    "ipvlan": ("l2", "l3", "l3s"),
}
"""The first is the default."""
ON_A_PARENT = frozenset({"macvlan", "ipvlan", "vlan"})
EMPTY_KEYS = frozenset({"driver", "labels"})
LATER_KEYS = {
    "vni": "it belongs to the driver overlay; a vxlan device takes a vni today",
    "options": "it belongs to the driver remote",
}

_OF_A_PARENT = {
    "parent": "it belongs to the drivers macvlan, ipvlan and vlan",
    "mode": "it belongs to the drivers macvlan and ipvlan",
    "vid": "it belongs to the drivers vlan, macvlan and ipvlan",
}
_BY_A_GATEWAY = {
    "masquerade": "what leaves goes by the parent, with the source that it has",
    "dns": "there is no address of netkit's in it that a name server could have",
}
UNFIT: Mapping[str, Mapping[str, str]] = {
    "bridge": _OF_A_PARENT,
    "ovs": {**_OF_A_PARENT, "vid": "a member of an ovs network has a tag"},
    "macvlan": {**_BY_A_GATEWAY, "isolate": 'say "mode": "private"'},
    "ipvlan": {**_BY_A_GATEWAY, "isolate": "members of an ipvlan network share one device"},
    "vlan": {**_BY_A_GATEWAY, "mode": _OF_A_PARENT["mode"]},
}
"""Keys that mean nothing to a driver, and what to do about it."""


def build_networks(section: Object, at: At, reader: Reader) -> tuple[Network, ...]:
    """Read all networks, ranges written out."""
    written = reader.expansion.keys(section, at)
    return tuple(_network(name, value, place, reader) for name, (value, place) in written.items())


def _network(name: str, value: Object, at: At, reader: Reader) -> Network:
    reader.word(words.read_name, name, at, at_key=True)
    driver = _driver(value, at, reader)
    if driver in {"host", "null"}:
        _refuse_keys(driver, value, at, reader)
        return Network(name=name, driver=driver, labels=labels(value), pointer=at.pointer)
    ipam = build_ipam(value, at, reader)
    _refuse_unfit(driver, value, at, reader)
    parent_netns, parent, vid = _parent(driver, value, at, reader)
    return Network(
        name=name,
        driver=driver,
        subnets=_subnets(ipam, value, at, reader),
        gateways=_gateways(value, at, reader),
        ranges=reader.list_under(words.read_subnet, value, "range", at),
        internal=value.get("internal", False) or (driver in MODES and parent is None),
        isolate=value.get("isolate", False),
        masquerade=_masquerade(value.get("masquerade", True)),
        mtu=value.get("mtu"),
        ipv6=value.get("ipv6", False),
        ipam=ipam,
        dns=build_name_server(value, at, reader),
        parent=parent,
        parent_netns=parent_netns,
        mode=_mode(driver, value, at, reader),
        vid=vid,
        labels=labels(value),
        pointer=at.pointer,
    )


def _driver(value: Object, at: At, reader: Reader) -> str:
    driver: str = value.get("driver", "bridge")
    if driver in DRIVERS:
        reader.later(value, LATER_KEYS, at)
    else:
        reader.report.add(
            at / "driver", f"the driver {driver} {LATER}", hint=f"today: {listed(DRIVERS)}"
        )
    return driver


def _parent(
    driver: str, value: Object, at: At, reader: Reader
) -> tuple[str | None, str | None, int | None]:
    """Read what a network lies on: the namespace, the device, and the VLAN of it."""
    if driver not in ON_A_PARENT:
        return None, None, None
    vid = value.get("vid")
    netns, parent = reader.under(words.read_device_reference, value, "parent", at) or (None, None)
    if driver == "vlan":
        if parent is None and "parent" not in value:
            reader.report.add(at, "a vlan network needs a parent, such as eth0", at_key=True)
        elif parent is not None and vid is None:
            parent, vid = _tagged(parent, at, reader)
    elif parent is None and vid is not None:
        reader.report.add(at / "vid", "a VLAN of which device? say the parent", at_key=True)
    return (None if netns == HOST else netns), parent, vid


def _tagged(parent: str, at: At, reader: Reader) -> tuple[str, int | None]:
    """Read ``eth0.10``: the VLAN 10 of eth0."""
    ifname, _, tag = parent.rpartition(".")
    if ifname and tag.isdecimal() and tag.isascii() and len(tag) < 5 and 0 < int(tag) < 4095:
        return ifname, int(tag)
    reader.report.add(
        at, "a vlan network needs a tag", hint=f'say "vid": 10, or "parent": "{parent}.10"',
        at_key=True,
    )  # fmt: skip
    return parent, None


def _mode(driver: str, value: Object, at: At, reader: Reader) -> str | None:
    modes = MODES.get(driver)
    if modes is None:
        return None
    mode: str = value.get("mode", modes[0])
    if mode not in modes:
        reader.report.add(at / "mode", f"{driver} has no mode {mode}: {listed(modes)}")
    return mode


def _refuse_keys(driver: str, value: Object, at: At, reader: Reader) -> None:
    for key in value:
        if key not in EMPTY_KEYS and key not in LATER_KEYS:
            reader.report.add(
                at / key,
                f"a network of the driver {driver} has no {key}: only driver and labels",
                at_key=True,
            )


def _refuse_unfit(driver: str, value: Object, at: At, reader: Reader) -> None:
    for key in UNFIT.get(driver, {}).keys() & value.keys():
        said = f"a network of the driver {driver} has no {key}"
        reader.report.add(at / key, said, hint=UNFIT[driver][key], at_key=True)


def _subnets(ipam: Ipam, value: Object, at: At, reader: Reader) -> tuple[IPNetwork, ...] | None:
    said = None
    if "subnets" in value:
        said = reader.words(words.read_subnet, value["subnets"], at / "subnets")
    if ipam.driver != NULL:
        return said
    if said:
        reader.report.add(
            at / "subnets",
            "the IPAM driver null allots nothing: the network has no subnets",
            hint="members may name addresses, with a prefix length",
        )
    return ()


def _masquerade(value: Any) -> tuple[bool, bool]:
    if isinstance(value, dict):
        return value.get("ipv4", True), value.get("ipv6", True)
    return value, value


def _gateways(value: Object, at: At, reader: Reader) -> tuple[IPAddress, ...] | None:
    if "gateway" not in value:
        return None
    if value["gateway"] is False:
        return ()
    return reader.list_under(words.read_ip, value, "gateway", at)
