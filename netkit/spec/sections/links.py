"""The section ``links``: from the document to ``Cable``, one a pair of ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netkit.model.subnet import first_host
from netkit.model.topology import Cable, CableEnd, IPInterface, IPNetwork, Topology, VrfDetail
from netkit.spec import ranges, words
from netkit.spec.ranges import FILL
from netkit.spec.report import At, Report, counted
from netkit.spec.sections.reader import Object, Reader
from netkit.spec.subnets import Spot, overlapping
from netkit.value import Value

PAIR_BITS = 2  # a /30 or a /126: room for two hosts


class _Pair(Value, frozen=True):
    """
    One cable of an entry.

    Args:
        ends: Namespace and device, twice.
        number: For ``{n}``; None without a range.
        index: From 0 within the entry.
        count: Of all pairs of the entry.
    """

    ends: tuple[tuple[str, str], tuple[str, str]]
    number: int | None
    index: int
    count: int


def build_links(section: list[Object | None], at: At, reader: Reader) -> tuple[Cable, ...]:
    """Read all links, ranges written out."""
    return tuple(
        cable
        for index, value in enumerate(section)
        if value is not None
        for cable in _cables(value, at / index, reader)
    )


def _cables(value: Object, at: At, reader: Reader) -> Iterator[Cable]:
    if "subnet" in value and "addresses" in value:
        reader.report.add(
            at / "subnet",
            "subnet and addresses exclude each other: both give the ends addresses",
            at_key=True,
        )
        return
    pools = _pools(value, at, reader)
    for pair in _pairs(value["ends"], at / "ends", reader):
        filled = value if pair.number is None else ranges.fill(value, pair.number)
        subnets = _subnets(filled, pools, pair, at=at, reader=reader)
        yield _cable(filled, pair, subnets, at=at, reader=reader)


def _pairs(texts: list[str], at: At, reader: Reader) -> Iterator[_Pair]:
    sides = [reader.word(_side, text, at / index) for index, text in enumerate(texts)]
    if None in sides:
        return
    (near, near_numbers), (far, far_numbers) = [side for side in sides if side is not None]
    if near_numbers and far_numbers and len(near) != len(far):
        reader.report.add(at, ranges.unequal(texts, [len(near), len(far)]))
        return
    numbers = near_numbers or far_numbers or [None]
    count = len(numbers)
    reader.cables += count
    if reader.cables > ranges.MOST:
        reader.report.add(at, f"too many links: ranges may stand for {ranges.MOST:,} in all")
        return
    for index, number in enumerate(numbers):
        names = [side[index] if len(side) > 1 else side[0] for side in (near, far)]
        ends = [_end(name, number, at / which, reader) for which, name in enumerate(names)]
        if ends[0] and ends[1]:
            yield _Pair((ends[0], ends[1]), number, index, count if number is not None else 0)


def _side(text: str) -> tuple[list[str], list[int | None]]:
    """Write one end out: its names, and the numbers they are made of."""
    written = ranges.names(text)
    if written[0][1] is None:
        return [text], []
    return [name for name, _ in written], [number for _, number in written]


def _end(text: str, number: int | None, at: At, reader: Reader) -> tuple[str, str] | None:
    if number is not None:
        text = text.replace(FILL, str(number))
    return reader.word(words.read_place, text, at)


def _pools(value: Object, at: At, reader: Reader) -> tuple[IPNetwork, ...]:
    """Read the subnets that are shared among the pairs, those without ``{n}``."""
    subnet = value.get("subnet", [])
    if FILL in str(subnet):
        return ()
    return reader.list_under(words.read_subnet, value, "subnet", at)


def _subnets(
    value: Object, pools: tuple[IPNetwork, ...], pair: _Pair, *, at: At, reader: Reader
) -> tuple[IPNetwork, ...]:
    """Give one pair its subnets: cut from what is shared, or its own by ``{n}``."""
    if not pools:
        return reader.list_under(words.read_subnet, value, "subnet", at)
    if not pair.count:
        return pools
    pieces = tuple(_piece(pool, pair.index) for pool in pools)
    for pool, piece in zip(pools, pieces, strict=True):
        if piece is None and pair.index == pair.count - 1:
            room = 1 << max(pool.max_prefixlen - PAIR_BITS - pool.prefixlen, 0)
            length = pool.max_prefixlen - PAIR_BITS
            reader.report.add(
                at / "subnet",
                f"{pool} is too small: {counted(pair.count, 'pair')} need a /{length} each, "
                f"and it holds {room:,}",
            )
    return tuple(piece for piece in pieces if piece is not None)


def _piece(pool: IPNetwork, index: int) -> IPNetwork | None:
    length = pool.max_prefixlen - PAIR_BITS
    if pool.prefixlen > length or index >= 1 << (length - pool.prefixlen):
        return None
    first = pool.network_address + (index << PAIR_BITS)
    return words.read_prefix(f"{first}/{length}")


def _cable(
    value: Object, pair: _Pair, subnets: tuple[IPNetwork, ...], *, at: At, reader: Reader
) -> Cable:
    versions = [subnet.version for subnet in subnets]
    if len(set(versions)) < len(versions):
        reader.report.add(
            at / "subnet", "two subnets of one family: one each is enough for two ends"
        )
    for subnet in subnets:
        for namespace in dict.fromkeys(namespace for namespace, _ in pair.ends):
            reader.brought.append((namespace, subnet, (at / "subnet").pointer))
    given = value.get("addresses", [[], []])
    macs = value.get("macs", [None, None])
    near, far = (
        CableEnd(
            namespace=namespace,
            device=ifname,
            addresses=(
                *_hosts(subnets, which),
                *_addresses(given[which], at / "addresses" / which, reader),
            ),
            mac=None
            if macs[which] is None
            else reader.word(words.read_mac, macs[which], at / "macs" / which),
        )
        for which, (namespace, ifname) in enumerate(pair.ends)
    )
    return Cable(
        ends=(near, far),
        mtu=value.get("mtu"),
        up=value.get("up", True),
        shaping=reader.shaping(value, at),
        pointer=at.pointer,
    )


def _hosts(subnets: tuple[IPNetwork, ...], which: int) -> Iterator[IPInterface]:
    """Give an end the first or second host address of each subnet."""
    for subnet in subnets:
        yield words.interface(first_host(subnet) + which, subnet.prefixlen)


def _addresses(value: Any, at: At, reader: Reader) -> tuple[IPInterface, ...]:
    if isinstance(value, str):
        taken = reader.word(words.read_cidr, value, at)
        return () if taken is None else (taken,)
    return reader.words(words.read_cidr, value, at)


def check_links(
    topology: Topology, brought: list[tuple[str, IPNetwork, str]], report: Report
) -> None:
    """
    Refuse the ``subnet`` of a link that overlaps what else is on a link of the same namespace.

    Args:
        topology: Its networks count as well.
        brought: Namespace, subnet and pointer of each subnet that a link brings.
        report: Takes what is wrong.
    """
    subnets = {network.name: network.subnets or () for network in topology.networks}
    on_link: dict[str, list[Spot[str]]] = {}
    for sandbox in topology.namespaces:
        if any(isinstance(device.detail, VrfDetail) for device in sandbox.devices):
            continue  # two routing domains may well have the same addresses
        on_link[sandbox.name] = [
            (subnet, -1, "")
            for endpoint in sandbox.endpoints
            for subnet in subnets[endpoint.network]
        ]
    for order, (namespace, subnet, pointer) in enumerate(brought):
        if namespace in on_link:
            on_link[namespace].append((subnet, order, pointer))
    for namespace, spots in on_link.items():
        for one, two in overlapping(spots):
            if two[2]:  # two networks that overlap are told elsewhere
                report.add(two[2], f"{two[0]} overlaps {one[0]}, and {namespace} would hold both")
