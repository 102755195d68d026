"""The keys ``ipam`` and ``dns`` of a network: from the document to ``Ipam`` and ``NameServer``."""

from __future__ import annotations

from netkit.model.topology import DEFAULT_IPAM, Ipam, IPNetwork, NameServer
from netkit.spec import words
from netkit.spec.report import At
from netkit.spec.sections.reader import Object, Reader

NULL = "null"
DEFAULT = "default"


def allots(network: Object) -> str:
    """Say who allots a network's addresses, as it is written; a word alone is the driver."""
    said = network.get("ipam", DEFAULT)
    return str(said if isinstance(said, str) else said.get("driver", DEFAULT))


def build_ipam(value: Object, at: At, reader: Reader) -> Ipam:
    """Read who allots a network's addresses; a word alone is the driver."""
    said = value.get("ipam")
    if said is None:
        return DEFAULT_IPAM
    if isinstance(said, str):
        said = {"driver": said}
    here = at / "ipam"
    driver = said.get("driver", DEFAULT)
    if driver in {DEFAULT, NULL} and "options" in said:
        reader.report.add(
            here / "options", f"the driver {driver} has no options: they are a plugin's"
        )
    if driver == NULL and "reserved" in said:
        reader.report.add(here / "reserved", "the driver null allots nothing: nothing is reserved")
    return Ipam(
        driver=driver,
        reserved=() if driver == NULL else _reserved(said, here, reader),
        options=tuple(said.get("options", {}).items()),
        pointer=here.pointer,
    )


def _reserved(said: Object, at: At, reader: Reader) -> tuple[tuple[str, IPNetwork], ...]:
    parts = said.get("reserved", ())
    texts = parts if isinstance(parts, dict) else dict(enumerate(parts))
    found = []
    for key, text in texts.items():
        part = reader.word(words.read_reserved, text, at / "reserved" / key)
        if part is not None:
            found.append((key if isinstance(key, str) else "", part))
    return tuple(found)


def build_name_server(value: Object, at: At, reader: Reader) -> NameServer | None:
    """Read whether a network has a name server, and where."""
    said = value.get("dns")
    if said is None:
        return None
    here = at / "dns"
    if isinstance(said, str):
        return NameServer(pointer=here.pointer)
    addresses = reader.list_under(words.read_ip, said, "server", here)
    return NameServer(addresses=addresses, pointer=here.pointer)
