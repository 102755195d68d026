"""The key ``networks`` of a namespace: from the document to ``Endpoint``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netkit.model.topology import (
    Endpoint,
    IPAddress,
    IPInterface,
    Network,
    Publish,
)
from netkit.spec import words
from netkit.spec.publish import read_publish
from netkit.spec.report import At, listed, meant, shown
from netkit.spec.sections.reader import Object, Reader
from netkit.spec.subnets import refuse_edges
from netkit.value import replace

TAGS = frozenset({"tag", "trunks"})


def build_endpoints(
    value: Any, at: At, networks: Mapping[str, Network], reader: Reader
) -> tuple[Endpoint, ...]:
    """Read what a namespace is a member of, ranges written out."""
    endpoints: dict[str, Endpoint] = {}
    for name, keys, place in _memberships(value, at, reader):
        network = networks.get(name)
        if network is None:
            reader.report.add(
                place,
                f"there is no network {shown(name)}",
                hint=_known(name, networks),
                at_key=True,
            )
        elif name in endpoints:
            reader.report.add(place, f"the network {name} is there already")
        else:
            endpoints[name] = _endpoint(network, keys, place, reader)
    return tuple(endpoints.values())


def _known(name: str, networks: Mapping[str, Network]) -> str:
    if not networks:
        return "the section networks is empty or missing"
    return meant(name, networks) or (
        f"there is {listed(list(networks), last='and')}" if len(networks) < 6 else ""
    )


def _memberships(value: Any, at: At, reader: Reader) -> Iterator[tuple[str, Object, At]]:
    if isinstance(value, dict):
        for name, (keys, place) in reader.expansion.keys(value, at).items():
            yield name, keys, place
        return
    for index, text in enumerate(value):
        for name, _ in reader.names(text, at / index):
            yield name, {}, at / index


def _endpoint(network: Network, value: Object, at: At, reader: Reader) -> Endpoint:
    if network.driver in {"host", "null"}:
        for key in value:
            reader.report.add(
                at / key,
                f"a member of a network of the driver {network.driver} has no {key}",
                at_key=True,
            )
        return Endpoint(network=network.name, pointer=at.pointer)
    for key in TAGS & value.keys() if network.driver != "ovs" else ():
        said = f"a member of a network of the driver {network.driver} has no {key}"
        reader.report.add(at / key, said, hint="it belongs to the driver ovs", at_key=True)
    if value.get("device") == "lo":
        reader.report.add(at / "device", "lo cannot be the device of a member")
    return Endpoint(
        network=network.name,
        addresses=_addresses(network, value, at, reader),
        mac=reader.under(words.read_mac, value, "mac", at),
        device=reader.under(words.read_ifname, value, "device", at),
        mtu=value.get("mtu"),
        aliases=reader.list_under(words.read_hostname, value, "aliases", at),
        tag=value.get("tag"),
        trunks=tuple(sorted({*value.get("trunks", ())})),
        publish=_publish(value, at, reader),
        priority=value.get("priority", 0),
        shaping=reader.shaping(value, at),
        pointer=at.pointer,
    )


def _publish(value: Object, at: At, reader: Reader) -> tuple[Publish, ...]:
    found: list[Publish] = []
    for index, text in enumerate(value.get("publish", ())):
        place = at / "publish" / index
        item = reader.word(read_publish, text, place)
        if item is not None:
            found.append(replace(item, pointer=place.pointer))
    return tuple(found)


def _addresses(
    network: Network, value: Object, at: At, reader: Reader
) -> tuple[IPInterface, ...] | None:
    if "addresses" not in value:
        return None
    return reader.words(
        lambda text: _within(network, words.read_address(text)),
        value["addresses"],
        at / "addresses",
    )


def _within(network: Network, address: IPAddress | IPInterface) -> IPInterface:
    """Give an address the prefix length of the subnet it is in."""
    bare = address.ip if isinstance(address, IPInterface) else address
    if network.subnets is None:
        raise ValueError(
            f"{bare} cannot be named: {network.name} has no subnets of its own, one is allotted; "
            "give it subnets"
        )
    if not network.subnets:
        if not isinstance(address, IPInterface):
            raise ValueError(
                f"{bare} lacks a prefix length: {network.name} has no subnets to tell it"
            )
        return address
    subnet = next((net for net in network.subnets if bare in net), None)
    if subnet is None:
        has = listed([str(net) for net in network.subnets], last="and")
        raise ValueError(f"{bare} is outside of the network {network.name}, which has {has}")
    if isinstance(address, IPInterface) and address.network.prefixlen != subnet.prefixlen:
        raise ValueError(
            f"{address} has another prefix length than its subnet {subnet}: "
            f"write {bare} or {bare}/{subnet.prefixlen}"
        )
    refuse_edges(bare, subnet)
    return words.interface(bare, subnet.prefixlen)
