"""The keys ``nat`` and ``firewall`` of a namespace."""

from __future__ import annotations

from ipaddress import ip_network

from netkit.model.topology import Firewall, FirewallRule, IPNetwork, NatRule, Negatable
from netkit.spec import words
from netkit.spec.publish import PROTOCOLS
from netkit.spec.report import At
from netkit.spec.sections.reader import Object, Reader
from netkit.spec.sections.routing import family

# A packet has no outgoing device before it is routed, and no incoming one after it left.
DEVICE_REFUSED = {
    "masquerade": ("in", "masquerade works where packets leave: match them by out"),
    "snat": ("in", "snat works where packets leave: match them by out"),
    "dnat": ("out", "dnat works where packets arrive: match them by in"),
    "input": ("out", "what is for this namespace does not leave: match it by in"),
    "output": ("in", "what comes from this namespace did not arrive: match it by out"),
}


def build_nat(value: list[Object], at: At, reader: Reader) -> tuple[NatRule, ...]:
    """Read the rules of address translation."""
    return tuple(
        _nat_rule(action, keys, at / index / action, reader)
        for index, entry in enumerate(value)
        for action, keys in entry.items()
    )


def _nat_rule(action: str, value: Object, at: At, reader: Reader) -> NatRule:
    _refuse_device(action, value, at, reader)
    source = reader.under(words.read_match_address, value, "source", at)
    destination = reader.under(words.read_match_address, value, "destination", at)
    to = reader.under(words.read_socket, value, "to", at)
    target = words.read_ip(words.split_socket(to)[0]) if to else None
    number = family(
        value,
        at,
        reader,
        {"source": _network(source), "destination": _network(destination), "to": target},
    )
    protocol = value.get("protocol")
    if "port" in value and protocol is None:
        reader.report.add(at / "port", "a port needs a protocol: tcp, udp or sctp")
    elif to and words.split_socket(to)[1] and protocol is None:
        reader.report.add(at / "to", "a port needs a protocol: tcp, udp or sctp")
    return NatRule(
        action=action,
        families=(number,) if number else (4, 6),
        source=source,
        destination=destination,
        in_device=reader.under(words.read_match_device, value, "in", at),
        out_device=reader.under(words.read_match_device, value, "out", at),
        protocol=protocol,
        ports=reader.list_under(words.read_ports, value, "port", at),
        to=to,
        pointer=at.pointer,
    )


def _network(match: Negatable | None) -> IPNetwork | None:
    return None if match is None else ip_network(match.value)


def _refuse_device(where: str, value: Object, at: At, reader: Reader) -> None:
    key, why = DEVICE_REFUSED.get(where, ("", ""))
    if key in value:
        reader.report.add(at / key, why, at_key=True)


def build_firewall(value: Object, at: At, reader: Reader) -> Firewall:
    """Read policy and rules of a namespace's filter."""
    rules = value.get("rules", ())
    return Firewall(
        policy=tuple(value.get("policy", {}).items()),
        rules=tuple(
            _firewall_rule(entry, at / "rules" / index, reader) for index, entry in enumerate(rules)
        ),
        pointer=at.pointer,
    )


def _firewall_rule(value: Object, at: At, reader: Reader) -> FirewallRule:
    _refuse_device(value["chain"], value, at, reader)
    source = reader.under(words.read_match_address, value, "source", at)
    destination = reader.under(words.read_match_address, value, "destination", at)
    number = family(
        value, at, reader, {"source": _network(source), "destination": _network(destination)}
    )
    if "port" in value and value.get("protocol") not in PROTOCOLS:
        reader.report.add(at / "port", "a port needs a protocol: tcp, udp or sctp")
    state = value.get("state", ())
    return FirewallRule(
        chain=value["chain"],
        families=(number,) if number else (4, 6),
        action=value["action"],
        source=source,
        destination=destination,
        in_device=reader.under(words.read_match_device, value, "in", at),
        out_device=reader.under(words.read_match_device, value, "out", at),
        protocol=value.get("protocol"),
        ports=reader.list_under(words.read_ports, value, "port", at),
        state=(state,) if isinstance(state, str) else tuple(dict.fromkeys(state)),
        pointer=at.pointer,
    )
