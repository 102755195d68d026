"""
Docker's options, in the words of the spec.

    --subnet 10.1.0.0/24 --internal        {"subnets": ["10.1.0.0/24"], "internal": true}
    -o com.docker.network.driver.mtu=1400  {"mtu": 1400}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import Any

from netkit.errors import UsageError
from netkit.model.subnet import first_host
from netkit.spec.report import nearest

Entry = dict[str, Any]
Meaning = Callable[[str, str], Entry]

BRIDGE = "com.docker.network.bridge"


def _number(key: str) -> Meaning:
    def read(name: str, text: str) -> Entry:
        if not (text.isascii() and text.isdecimal()):
            raise UsageError(f"-o {name}={text}: {text!r} is not a number")
        return {key: int(text)}

    return read


def _switch(key: str, *, reverse: bool = False) -> Meaning:
    def read(name: str, text: str) -> Entry:
        return {key: switch(text, f"-o {name}={text}") is not reverse}

    return read


def switch(text: str, said: str) -> bool:
    """
    Read ``true`` or ``false``.

    Args:
        text: The value as typed.
        said: All that was typed, for the error.

    Raises:
        UsageError: It is something else.
    """
    words = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in words:
        raise UsageError(f"{said}: true or false")
    return words[text.lower()]


def _text(key: str) -> Meaning:
    return lambda name, text: {key: text}


def _gateway_mode(family: str) -> Meaning:
    def read(name: str, text: str) -> Entry:
        modes = {"nat": True, "routed": False}
        if text not in modes:
            raise UsageError(f"-o {name}={text}: nat or routed", hint="isolated is --internal")
        return {"masquerade": {family: modes[text]}}

    return read


NETWORK: Mapping[str, Meaning] = {
    "mtu": _number("mtu"),
    "com.docker.network.driver.mtu": _number("mtu"),
    f"{BRIDGE}.enable_icc": _switch("isolate", reverse=True),
    f"{BRIDGE}.enable_ip_masquerade": _switch("masquerade"),
    f"{BRIDGE}.gateway_mode_ipv4": _gateway_mode("ipv4"),
    f"{BRIDGE}.gateway_mode_ipv6": _gateway_mode("ipv6"),
    "vid": _number("vid"),
    "parent": _text("parent"),
    "mode": _text("mode"),
    "macvlan_mode": _text("mode"),
    "ipvlan_mode": _text("mode"),
}
"""What ``network create -o`` may say."""

ENDPOINT: Mapping[str, Meaning] = {
    "com.docker.network.endpoint.ifname": _text("device"),
    "mtu": _number("mtu"),
    "tag": _number("tag"),
    "rate": _text("rate"),
    "delay": _text("delay"),
    "jitter": _text("jitter"),
    "loss": _text("loss"),
}
"""What ``network connect --driver-opt`` may say."""


def network(
    *,
    driver: str,
    subnets: Iterable[str] = (),
    gateways: Iterable[str] = (),
    ranges: Iterable[str] = (),
    reserved: Iterable[str] = (),
    ipam_driver: str | None = None,
    ipam_options: Iterable[str] = (),
    internal: bool = False,
    ipv6: bool = False,
    dns: bool = False,
    options: Iterable[str] = (),
    labels: Iterable[str] = (),
) -> Entry:
    """
    Say what a network is.

    Args:
        driver: Of the spec.
        subnets: With prefix; none: one is allotted.
        gateways: At most one of each subnet; where none is named, it is the first host address of
            a subnet, but in an internal network. The one word ``none``: no gateway.
        ranges: Parts of the subnets to allot addresses of.
        reserved: ``NAME=ADDRESS``, or addresses, that are never allotted.
        ipam_driver: Who allots addresses.
        ipam_options: ``KEY=VALUE``, for a plugin that does.
        internal: No way out.
        ipv6: An IPv6 subnet is allotted where none is named.
        dns: It has a name server.
        options: ``KEY=VALUE``, see NETWORK.
        labels: ``KEY=VALUE``, or keys.

    Raises:
        UsageError: An option that nobody knows, or that says nothing.
    """
    gateways = list(gateways)
    entry: Entry = {"driver": driver}
    if subnets := list(subnets):
        entry["subnets"] = subnets
    if gateways:
        others = () if internal else _other_gateways(subnets, gateways)
        entry["gateway"] = False if gateways == ["none"] else _one_or_all([*gateways, *others])
    if ranges := list(ranges):
        entry["range"] = _one_or_all(ranges)
    if internal:
        entry["internal"] = True
    if ipv6:
        entry["ipv6"] = True
    if dns:
        entry["dns"] = "server"
    if ipam := _ipam(ipam_driver, list(reserved), list(ipam_options)):
        entry["ipam"] = ipam
    return entry | _meant(options, NETWORK, "-o") | _labels(labels)


def endpoint(
    *,
    ip: str | None = None,
    ip6: str | None = None,
    mac: str | None = None,
    aliases: Iterable[str] = (),
    device: str | None = None,
    priority: int | None = None,
    publish: Iterable[str] = (),
    options: Iterable[str] = (),
) -> Entry:
    """
    Say what an endpoint is.

    Args:
        ip: Its IPv4 address; one is allotted from each subnet of which none is named.
        ip6: Its IPv6 address, likewise.
        mac: Its MAC address.
        aliases: More names of its namespace in the network.
        device: The device's name.
        priority: The highest gives the namespace its default route.
        publish: Ports, as the spec writes them.
        options: ``KEY=VALUE``, see ENDPOINT.

    Raises:
        UsageError: An option that nobody knows, or an address of the other family.
    """
    for option, address, family in (("--ip", ip, 4), ("--ip6", ip6, 6)):
        if address is not None and (":" in address) is not (family == 6):
            raise UsageError(
                f"{option} {address}: not an IPv{family} address",
                hint=f"{'--ip' if family == 6 else '--ip6'} {address}",
            )
    said = {
        "addresses": [each for each in (ip, ip6) if each is not None] or None,
        "mac": mac,
        "device": device,
        "aliases": list(aliases) or None,
        "publish": list(publish) or None,
        "priority": priority,
    }
    found = {key: value for key, value in said.items() if value is not None}
    return found | _meant(options, ENDPOINT, "--driver-opt")


def labels(words: Iterable[str]) -> Entry:
    """Say what is labelled, for a network or a namespace."""
    return _labels(words)


def _labels(words: Iterable[str]) -> Entry:
    found = dict(pair(word, "--label", alone=True) for word in words)
    return {"labels": found} if found else {}


def _ipam(driver: str | None, reserved: list[str], told: list[str]) -> Entry:
    found: Entry = {}
    if driver is not None:
        found["driver"] = driver
    if reserved:
        found["reserved"] = _reserved(reserved)
    if told:
        found["options"] = dict(pair(word, "--ipam-opt") for word in told)
    return found


def _other_gateways(subnets: Iterable[str], gateways: Iterable[str]) -> Iterator[str]:
    """Name the first host address of each subnet of which no gateway is named."""
    with suppress(ValueError):  # what is no subnet or no address is told by the law
        named = [ip_address(each) for each in gateways]
        for subnet in map(ip_network, subnets):
            if not any(each in subnet for each in named):
                yield str(first_host(subnet))


def _reserved(words: list[str]) -> dict[str, str] | list[str]:
    if all("=" in word for word in words):
        return dict(pair(word, "--aux-address") for word in words)
    if any("=" in word for word in words):
        raise UsageError("--aux-address: all NAME=ADDRESS, or all addresses")
    return words


def _meant(words: Iterable[str], known: Mapping[str, Meaning], option: str) -> Entry:
    found: Entry = {}
    for word in words:
        key, value = pair(word, option)
        if key not in known:
            near = nearest(_last(key), map(_last, known))
            full = next((f"did you mean {each}? " for each in known if _last(each) == near), "")
            raise UsageError(
                f"{option} {key}: netkit knows no such option",
                hint=f"{full}known: {', '.join(known)}",
            )
        for name, item in known[key](key, value).items():
            both = isinstance(found.get(name), dict) and isinstance(item, dict)
            found[name] = {**found[name], **item} if both else item
    return found


def _last(key: str) -> str:
    """Give the part of an option that tells it from others of Docker's."""
    return key.rpartition(".")[2]


def pair(word: str, option: str, *, alone: bool = False) -> tuple[str, str]:
    """
    Take ``KEY=VALUE`` apart.

    Args:
        word: As typed.
        option: After which it was.
        alone: A key may stand without a value.

    Raises:
        UsageError: It is something else.
    """
    key, equals, value = word.partition("=")
    if not key or not (equals or alone):
        raise UsageError(f"{option} {word}: KEY=VALUE")
    return key, value


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
