"""The section ``checks``: from the document to ``Check``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netkit.model.topology import Check
from netkit.names import HOST
from netkit.spec import ranges, words
from netkit.spec.report import At, meant, shown
from netkit.spec.sections.reader import Object, Reader

VERBS = ("ping", "tcp", "udp", "http", "resolve", "run")
SERVED = {"tcp", "udp", "http"}


def build_checks(
    section: list[Object | None], at: At, namespaces: Mapping[str, object], reader: Reader
) -> tuple[Check, ...]:
    """Read all checks; a range in ``from`` makes one each."""
    known = {*namespaces, HOST}
    return tuple(
        check
        for index, value in enumerate(section)
        if value is not None
        for check in _checks(value, at / index, known, reader)
    )


def _checks(value: Object, at: At, known: set[str], reader: Reader) -> Iterator[Check]:
    verb = next(verb for verb in VERBS if verb in value)
    if value.get("serve") and verb not in SERVED:
        reader.report.add(
            at / "serve", f"there is nothing to serve for {verb}: only for tcp, udp and http"
        )
    if verb == "resolve" and value.get("expect") == "unreachable":
        reader.report.add(
            at / "expect",
            "a name that does not resolve is an error, never unreachable: this could not pass",
            hint='to hold that a name is unknown, "run": ["sh", "-c", "! getent hosts NAME"]',
        )
    for source, number in reader.names(value["from"], at / "from"):
        if source not in known:
            reader.report.add(
                at / "from", f"there is no namespace {shown(source)}", hint=meant(source, known)
            )
            continue
        filled = value if number is None else ranges.fill(value, number)
        yield Check(
            source=source,
            verb=verb,
            target=""
            if verb == "run"
            else _target(verb, filled[verb], at / verb, known=known, reader=reader),
            command=tuple(filled["run"]) if verb == "run" else (),
            expect=value.get("expect", "reachable"),
            within=float(value.get("within", 5)),
            serve=value.get("serve", False),
            pointer=at.pointer,
        )


def _target(verb: str, text: str, at: At, *, known: set[str], reader: Reader) -> str:
    """Read a target; only resolve and http may use names that the spec does not know."""
    if verb in {"resolve", "http"}:
        reader.word(words.read_hostname if verb == "resolve" else words.read_url, text, at)
        return text
    host, port = text, ""
    if verb in {"tcp", "udp"}:
        taken = reader.word(words.split_socket, text, at)
        if taken is None:
            return text
        host, port = taken
        if not port:
            reader.report.add(at, f"{shown(text)} lacks a port: HOST:PORT, IPv6 in brackets")
        else:
            reader.word(words.read_port, port, at)
    if host not in known:
        _refuse_unknown(host, at, known, reader)
    return text


def _refuse_unknown(host: str, at: At, known: set[str], reader: Reader) -> None:
    try:
        words.read_ip(host)
    except ValueError:
        reader.report.add(
            at,
            f"{shown(host)} is neither a namespace of this spec nor an address",
            hint=meant(host, known) or "names are for resolve and http",
        )
