"""The ``format`` words of the schema: each a reader of ``words`` or ``units``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netkit.spec import publish, ranges, units, words
from netkit.spec.report import shown

FILL = "{n}"


def _keys(read: Callable[[str], object]) -> Callable[[str], object]:
    """Take a name with at most one range: its first and longest name are read."""

    def reader(text: str) -> object:
        span = ranges.read_range(text)
        return read(text) if span is None else (read(span.first), read(span.longest))

    return reader


def read_end(text: str) -> tuple[str, str]:
    """Read one end of a link, ``ns:dev``, ranges in it or not."""
    namespace, colon, ifname = text.partition(":")
    if not colon:
        raise ValueError(f"{shown(text)} is not an end: namespace:device, such as r1:eth0")
    for part, read in ((namespace, words.read_namespace), (ifname, words.read_ifname)):
        _keys(read)(part.replace(FILL, "1"))
    if ranges.read_range(namespace) and ranges.read_range(ifname):
        raise ValueError(f"{shown(text)} has two ranges: one an end, {{n}} for its number")
    return namespace, ifname


READERS: dict[str, Callable[[Any], object]] = {
    "address": words.read_address,
    "cidr": words.read_cidr,
    "device-reference": words.read_device_reference,
    "duration": units.read_duration,
    "end": read_end,
    "fwmark": words.read_fwmark,
    "hostname": words.read_hostname,
    "ifname": words.read_ifname,
    "ifname-range": _keys(words.read_ifname),
    "ip": words.read_ip,
    "label": words.read_label,
    "mac": words.read_mac,
    "match-address": words.read_match_address,
    "match-device": words.read_match_device,
    "name": words.read_name,
    "network-range": _keys(words.read_name),
    "namespace-range": _keys(words.read_namespace),
    "netns-name": words.read_netns_name,
    "path": words.read_path,
    "percent": units.read_percent,
    "place": words.read_place,
    "ports": words.read_ports,
    "prefix": words.read_prefix,
    "prefix-text": words.read_prefix_text,
    "reserved": words.read_reserved,
    "publish": publish.read_publish,
    "rate": units.read_rate,
    "route-to": words.read_route_to,
    "socket": words.read_socket,
    "subnet": words.read_subnet,
    "sysctl": words.read_sysctl,
    "sysctl-value": words.read_sysctl_value,
    "table": words.read_table,
    "url": words.read_url,
    "word": words.read_word,
}


def objection(form: str, value: object) -> str | None:
    """
    Say what is wrong with a text, or None.

    A text with ``{n}`` is read once its range is written out; only then is it known.
    """
    if not isinstance(value, str) or (FILL in value and form != "end"):
        return None
    try:
        READERS[form](value)
    except ValueError as error:
        return str(error)
    return None
