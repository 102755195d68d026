"""The section ``networks``: from the document to ``Network``."""

from __future__ import annotations

from netkit.model.topology import IPAddress, IPNetwork, Network
from netkit.spec import build_ipam, words
from netkit.spec.reader import LATER, Object, Reader, labels
from netkit.spec.report import At, listed

DRIVERS = ("bridge", "host", "null")
EMPTY_KEYS = frozenset({"driver", "labels"})
LATER_KEYS = {
    "parent": "it belongs to the drivers macvlan, ipvlan and vlan",
    "mode": "it belongs to the drivers macvlan and ipvlan",
    "vni": "it belongs to the driver overlay; a vxlan device takes a vni today",
    "options": "it belongs to the driver remote",
}


def build(section: Object, at: At, reader: Reader) -> tuple[Network, ...]:
    """Read all networks, ranges written out."""
    written = reader.expansion.keys(section, at)
    return tuple(_network(name, value, place, reader) for name, (value, place) in written.items())


def _network(name: str, value: Object, at: At, reader: Reader) -> Network:
    reader.word(words.read_name, name, at, at_key=True)
    driver = value.get("driver", "bridge")
    if driver not in DRIVERS:
        reader.report.add(
            at / "driver", f"the driver {driver} {LATER}", hint=f"today: {listed(DRIVERS)}"
        )
    else:
        reader.later(value, LATER_KEYS, at)
    if driver in {"host", "null"}:
        _refuse_keys(driver, value, at, reader)
        return Network(name=name, driver=driver, labels=labels(value), pointer=at.pointer)
    ipam = build_ipam.ipam(value, at, reader)
    subnets = _subnets(value, at, reader)
    if ipam.driver == build_ipam.NULL:
        if subnets:
            reader.report.add(
                at / "subnets",
                "the IPAM driver null allots nothing: the network has no subnets",
                hint="members may name addresses, with a prefix length",
            )
        subnets = ()
    return Network(
        name=name,
        driver=driver,
        subnets=subnets,
        gateways=_gateways(value, at, reader),
        ranges=reader.list_under(words.read_subnet, value, "range", at),
        internal=value.get("internal", False),
        isolate=value.get("isolate", False),
        masquerade=value.get("masquerade", True),
        mtu=value.get("mtu"),
        ipv6=value.get("ipv6", False),
        ipam=ipam,
        dns=build_ipam.name_server(value, at, reader),
        labels=labels(value),
        pointer=at.pointer,
    )


def _refuse_keys(driver: str, value: Object, at: At, reader: Reader) -> None:
    for key in value:
        if key not in EMPTY_KEYS and key not in LATER_KEYS:
            reader.report.add(
                at / key,
                f"a network of the driver {driver} has no {key}: only driver and labels",
                at_key=True,
            )


def _subnets(value: Object, at: At, reader: Reader) -> tuple[IPNetwork, ...] | None:
    if "subnets" not in value:
        return None
    return reader.words(words.read_subnet, value["subnets"], at / "subnets")


def _gateways(value: Object, at: At, reader: Reader) -> tuple[IPAddress, ...] | None:
    if "gateway" not in value:
        return None
    if value["gateway"] is False:
        return ()
    return reader.list_under(words.read_ip, value, "gateway", at)
