"""How the answers to questions are laid out for a person: one row for each object."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from netkit.cli.thin.flows import flows
from netkit.cli.told.screen import painted, say, table
from netkit.command.command import Command

Entry = Mapping[str, Any]
Row = tuple[str, ...]
NONE = "-"
APART = frozenset({"lines", "rule"})
"""Where several answers must not be mixed, since they do not say themselves what they are of."""
DEVICE = "dev"
NAMED = {"fdb": "ifname"}
"""How answers call the device, where not ``dev``; they leave out the one that was asked for."""


def show(layout: str, questions: Sequence[Command], texts: Sequence[str]) -> None:
    """
    Write answers.

    Args:
        layout: ``lines`` for text as it is, or one of LAYOUTS.
        questions: What was asked.
        texts: What the tools said.
    """
    answers = tuple(zip(questions, texts, strict=True))
    if layout in APART:
        for question, text in answers:
            if len(texts) > 1:
                say(painted(f"# {question}", "dim"))
            _show(layout, ((question, text),))
    else:
        _show(layout, answers)


def _show(layout: str, answers: Sequence[tuple[Command, str]]) -> None:
    if layout == "lines":
        for _, text in answers:
            if text.strip():
                say(text.rstrip("\n"))
    elif layout == "conntrack":
        table(FLOW_HEAD, [_flow(flow) for _, text in answers for flow in flows(text)])
    else:
        head, row = LAYOUTS[layout]
        entries = [
            {**_asked_for(layout, question), **entry}
            for question, text in answers
            for entry in json.loads(text or "[]")
            if entry
        ]
        table(head, [each for entry in entries for each in row(entry)])


def _asked_for(layout: str, question: Command) -> Entry:
    words = question.args
    if DEVICE not in words:
        return {}
    return {NAMED.get(layout, DEVICE): words[words.index(DEVICE) + 1]}


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        value = ",".join(str(each) for each in value)
    return NONE if value is None or value == "" else str(value)


def _link(entry: Entry) -> list[Row]:
    info = entry.get("linkinfo", {})
    kind = info.get("info_kind") or entry.get("link_type")
    up = "up" if "UP" in entry.get("flags", ()) else "down"
    return [(
        _text(entry.get("ifname")), up, _text(kind), _text(entry.get("mtu")),
        _text(entry.get("address")), _text(entry.get("master")), _link_detail(entry, info),
    )]  # fmt: skip


def _link_detail(entry: Entry, info: Entry) -> str:
    data = info.get("info_data", {})
    said = [
        "no carrier" if "NO-CARRIER" in entry.get("flags", ()) else "",
        f"peer {peer}" if (peer := entry.get("link")) and info.get("info_kind") == "veth" else "",
        f"vni {data['id']}" if info.get("info_kind") == "vxlan" and "id" in data else "",
        f"local {data['local']}" if "local" in data else "",
        f"vlan {data['id']}" if info.get("info_kind") == "vlan" and "id" in data else "",
        f"on {entry['link']}" if "link" in entry and info.get("info_kind") != "veth" else "",
        f"table {data['table']}" if "table" in data else "",
        f"in {entry['link_netns']}" if "link_netns" in entry else "",
        str(entry.get("ifalias", "")),
    ]
    return ", ".join(each for each in said if each) or NONE


def _addr(entry: Entry) -> list[Row]:
    return [
        (
            _text(entry.get("ifname")),
            f"{each.get('local', '')}/{each.get('prefixlen', '')}",
            _text(each.get("scope")),
            _text([flag for flag in FLAGS if each.get(flag)]),
        )
        for each in entry.get("addr_info", ())
        if "local" in each
    ]


FLAGS = ("dynamic", "tentative", "dadfailed", "deprecated", "secondary", "noprefixroute")


def _route(entry: Entry) -> list[Row]:
    ways = entry.get("nexthops") or (entry,)
    return [
        (
            _text(entry.get("dst")) if way is ways[0] else "",
            _text(_via(way)),
            _text(way.get("dev")),
            _text(entry.get("prefsrc")),
            _text(entry.get("metric")),
            _text(entry.get("table", "main")),
            _text(entry.get("protocol")),
            _text(" ".join(_route_detail(entry, way, several=len(ways) > 1))),
        )
        for way in ways
    ]


def _route_detail(entry: Entry, way: Entry, *, several: bool) -> Iterator[str]:
    if entry.get("type", "unicast") != "unicast":
        yield entry["type"]
    if several:
        yield f"weight {way.get('weight', 1)}"
    if "tos" in entry:
        yield f"tos {entry['tos']}"
    for metrics in entry.get("metrics", ()):
        yield from (f"{name} {value}" for name, value in metrics.items())
    yield from way.get("flags", ())


def _via(way: Entry) -> object:
    return way.get("gateway") or way.get("via", {}).get("host")


def _rule(entry: Entry) -> list[Row]:
    source, destination = _prefix(entry, "src"), _prefix(entry, "dst")
    row = (entry.get("priority"), source, destination, " ".join(_match(entry)), _verdict(entry))
    return [tuple(_text(each) for each in row)]


def _match(entry: Entry) -> Iterator[str]:
    """Say what else a rule asks for; ``not`` turns all of it round, source and destination too."""
    if "not" in entry:
        yield "not"
    for name in ("iif", "oif"):
        if name in entry:
            yield f"{name} {entry[name]}"
    if "fwmark" in entry:
        yield f"fwmark {entry['fwmark']}" + (f"/{entry['fwmask']}" if "fwmask" in entry else "")
    for name in ("tos", "ipproto", "sport", "dport"):
        if name in entry:
            yield f"{name} {entry[name]}"
        elif f"{name}_start" in entry:
            yield f"{name} {entry[f'{name}_start']}-{entry[f'{name}_end']}"
    if "uid_start" in entry:
        yield f"uidrange {entry['uid_start']}-{entry['uid_end']}"


def _verdict(entry: Entry) -> object:
    if "table" in entry:
        return f"lookup {entry['table']}"
    return f"goto {entry['goto']}" if "goto" in entry else entry.get("action")


def _prefix(entry: Entry, name: str) -> str:
    if name not in entry:
        return NONE
    length = entry.get(f"{name}len")
    return f"{entry[name]}/{length}" if length is not None else str(entry[name])


def _picked(*names: str) -> Callable[[Entry], list[Row]]:
    """Give one row of the named fields."""

    def row(entry: Entry) -> list[Row]:
        return [tuple(_text(entry.get(name)) for name in names)]

    return row


def _vlan(entry: Entry) -> list[Row]:
    return [
        (
            _text(entry.get("ifname")) if index == 0 else "",
            f"{each.get('vlan')}-{each['vlanEnd']}" if "vlanEnd" in each else str(each.get("vlan")),
            _text(each.get("flags")),
        )
        for index, each in enumerate(entry.get("vlans", ()))
    ]


def _qdisc(entry: Entry) -> list[Row]:
    place = "root" if entry.get("root") else entry.get("parent")
    said = _shaping(entry.get("options", {}))
    row = (entry.get("dev"), entry.get("kind"), entry.get("handle"), place, said)
    return [tuple(_text(each) for each in row)]


def _shaping(options: Entry) -> str:
    """Say what slows, delays or loses packets; tc gives rates in bytes and times in seconds."""
    from netkit.spec.units import write_duration, write_percent, write_rate

    rate, delay = options.get("rate"), options.get("delay", {})
    rate = rate.get("rate") if isinstance(rate, Mapping) else rate
    loss = options.get("loss-random", {}).get("loss")
    said = [
        f"rate {write_rate(rate * 8)}" if rate else "",
        f"burst {_bytes(options['burst'])}" if "burst" in options else "",
        f"delay {write_duration(_micro(delay['delay']))}" if delay else "",
        f"jitter {write_duration(_micro(delay['jitter']))}" if delay.get("jitter") else "",
        f"loss {write_percent(loss * 100)}" if loss else "",
        f"default {options['default']}" if "default" in options else "",
    ]
    return " ".join(each for each in said if each)


def _bytes(burst: object) -> str:
    """Say a burst; with -details tc writes its unit, and behind it the size of a cell."""
    return f"{burst}b" if isinstance(burst, int) else str(burst).partition("/")[0]


def _micro(seconds: float) -> int:
    return round(seconds * 10**6)


def _flow(flow: Entry) -> Row:
    first, answer = flow.get("original", {}), flow.get("reply", {})
    row = (
        flow.get("protocol"), _end(first, "src", "sport"), _end(first, "dst", "dport"),
        _end(answer, "src", "sport"), _end(answer, "dst", "dport"),
        flow.get("state"), flow.get("timeout"),
    )  # fmt: skip
    return tuple(_text(each) for each in row)


def _end(way: Entry, address: str, port: str) -> str:
    text = str(way.get(address, ""))
    if port not in way:
        return text
    return f"[{text}]:{way[port]}" if ":" in text else f"{text}:{way[port]}"


FLOW_HEAD = ("protocol", "from", "to", "answered by", "to", "state", "seconds")
LAYOUTS: dict[str, tuple[Sequence[str], Callable[[Entry], list[Row]]]] = {
    "ns": (("name", "id"), _picked("name", "id")),
    "link": (("name", "state", "kind", "mtu", "mac", "master", "detail"), _link),
    "addr": (("device", "address", "scope", "flags"), _addr),
    "route": (("to", "via", "dev", "src", "metric", "table", "protocol", "detail"), _route),
    "rule": (("priority", "from", "to", "match", "verdict"), _rule),
    "neigh": (("address", "device", "mac", "state"), _picked("dst", "dev", "lladdr", "state")),
    "ports": (
        ("port", "bridge", "state", "cost", "priority"),
        _picked("ifname", "master", "state", "cost", "priority"),
    ),
    "fdb": (
        ("mac", "device", "to", "vlan", "bridge", "flags", "state"),
        _picked("mac", "ifname", "dst", "vlan", "master", "flags", "state"),
    ),
    "vlan": (("port", "vlan", "flags"), _vlan),
    "tc": (("device", "kind", "handle", "parent", "options"), _qdisc),
}
