"""
The words of the language: what a name, an address, a port may look like, and what they mean.

Every reader takes the text as written and gives the value, or raises ``ValueError`` with a
sentence for the user. The table at the end binds readers to the ``format`` words of the schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_address,
    ip_network,
)

from netkit import names
from netkit.model.topology import IPAddress, IPInterface, IPNetwork, Negatable
from netkit.spec.report import shown

CACHED = 1 << 16  # the schema and the builders read the same words
RESERVED = frozenset({IPv4Address("255.255.255.255"), IPv6Address("::1"), IPv4Address("127.0.0.1")})
KEPT: Mapping[IPNetwork, str] = {
    IPv4Network("127.0.0.0/8"): "lo's",
    IPv6Network("fe80::/10"): "link-local: every device has addresses of it by itself",
}

LETTERS = "letters, digits, _ . - and a letter or digit first"
HOSTNAME = r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
MAC = r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}"
SYSCTL = r"net(?:/[A-Za-z0-9_.@:-]+)+"
FWMARK = r"(?a)(0x[0-9a-fA-F]{1,8}|\d{1,10})(?:/(0x[0-9a-fA-F]{1,8}|\d{1,10}))?"
URL = r"(?a)https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:\d{1,5})?(/[!-~]*)?"
NETNS = r"(?![.-])[A-Za-z0-9_.@:+-]{1,255}"
WORD = r"(?!-)[!-~]{1,300}"
TABLES = {"default": 253, "main": 254, "local": 255}
NAME_BYTES = 63


def read_name(text: str) -> str:
    """Read the name of a spec, a namespace or a network."""
    if names.NAME.fullmatch(text):
        if text == names.HOST or text.startswith(names.HIDDEN_PREFIX):
            raise ValueError(f"{text} is reserved: host and nk-... are netkit's own names")
        return text
    if text.isdecimal() and text.isascii():
        raise ValueError(f"{shown(text)} is not a name: digits alone would be taken for a pid")
    if len(text) > NAME_BYTES:
        raise ValueError(
            f"{shown(text)} is too long for a name: {len(text)} characters, at most {NAME_BYTES}"
        )
    raise ValueError(f"{shown(text)} is not a name: {LETTERS}")


def read_namespace(text: str) -> str:
    """Read the name of a namespace; ``host`` is the one netkit runs in."""
    return text if text == names.HOST else read_name(text)


def read_ifname(text: str) -> str:
    """Read the name of a device."""
    if names.IFNAME.fullmatch(text):
        if text in names.RESERVED_IFNAMES:
            raise ValueError(f"{text} is not a device name: the kernel keeps all and default")
        return text
    if len(text) > names.IFNAME_BYTES:
        raise ValueError(
            f"{shown(text)} is too long for a device name: {len(text)} characters, "
            f"the kernel takes {names.IFNAME_BYTES}"
        )
    raise ValueError(f"{shown(text)} is not a device name: {LETTERS}")


def read_hostname(text: str) -> str:
    """Read a name for the hosts file or for DNS."""
    if not re.fullmatch(HOSTNAME, text) or ".." in text:
        raise ValueError(f"{shown(text)} is not a host name: letters, digits, _ - and dots between")
    return text


def read_prefix_text(text: str) -> str:
    """Read what goes before kernel namespace names."""
    if text and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", text):
        raise ValueError(f"{shown(text)} is not a prefix: at most 32 {LETTERS}")
    return text


@lru_cache(maxsize=CACHED)
def read_ip(text: str) -> IPAddress:
    """Read an address."""
    try:
        address = ip_address(text)
    except ValueError:
        if "/" in text:
            raise ValueError(
                f"{shown(text)} is not an address: here it stands without a prefix length"
            ) from None
        raise ValueError(f"{shown(text)} is not an IPv4 or IPv6 address") from None
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise ValueError(f"{shown(text)} is not an address: name the device by dev, not by %")
    return address


def _length(text: str, what: str) -> int:
    """Read the part after the slash, or say what is wrong with the whole."""
    bare, slash, length = text.partition("/")
    try:
        most = read_ip(bare).max_prefixlen
    except ValueError:
        raise ValueError(f"{shown(text)} is not {what}: {shown(bare)} is no address") from None
    if not slash:
        raise ValueError(f"{shown(text)} lacks a prefix length, such as /{most * 3 // 4}")
    if not (length.isascii() and length.isdecimal() and len(length) < 4 and int(length) <= most):
        raise ValueError(f"{shown(text)} is not {what}: the prefix length must be 0 to {most}")
    return int(length)


@lru_cache(maxsize=CACHED)
def read_cidr(text: str) -> IPInterface:
    """Read an address of a device, with its prefix length."""
    length = _length(text, "an address with prefix length")
    address = read_ip(text.partition("/")[0])
    refuse_unusable(address, text)
    return interface(address, length)


def interface(address: IPAddress, length: int) -> IPInterface:
    """Join an address and a prefix length without reading text again."""
    if isinstance(address, IPv4Address):
        return IPv4Interface((int(address), length))
    return IPv6Interface((int(address), length))


@lru_cache(maxsize=CACHED)
def read_address(text: str) -> IPAddress | IPInterface:
    """Read an address whose prefix length may be left out."""
    return read_cidr(text) if "/" in text else read_ip(text)


@lru_cache(maxsize=CACHED)
def read_prefix(text: str) -> IPNetwork:
    """Read a prefix: no bits set beyond its length."""
    length = _length(text, "a network")
    address = read_ip(text.partition("/")[0])
    network = interface(address, length).network
    if network.network_address != address:
        raise ValueError(
            f"{shown(text)} is not a network: it has bits set beyond /{length}; "
            f"the network is {network}"
        )
    return network


def read_subnet(text: str) -> IPNetwork:
    """Read a prefix that devices take addresses from."""
    network = read_prefix(text)
    refuse_unusable(network.network_address, text)
    if network.prefixlen == network.max_prefixlen:
        raise ValueError(f"{text} is not a subnet: it holds a single address")
    for kept, why in KEPT.items():
        if kept.overlaps(network):
            raise ValueError(f"{text} overlaps {kept}, which is {why}")
    return network


def read_reserved(text: str) -> IPNetwork:
    """Read an address, or a part of a subnet."""
    whole = text if "/" in text else f"{text}/{read_ip(text).max_prefixlen}"
    return read_prefix(whole)


def refuse_unusable(address: IPAddress, text: str) -> None:
    """Refuse what no device can have."""
    if address.is_multicast:
        raise ValueError(f"{text} is multicast: no device can have it")
    if address.is_unspecified or address in RESERVED:
        raise ValueError(f"{text} is not for devices: {address} is reserved")


def read_route_to(text: str) -> IPNetwork | None:
    """Read where a route leads; None is ``default``, of a family told elsewhere."""
    if text == "default":
        return None
    if "/" not in text:
        try:
            address = read_ip(text)
        except ValueError:
            raise ValueError(f"{shown(text)} is not a destination: a prefix or default") from None
        raise ValueError(
            f"{text} lacks a prefix length: {text}/{address.max_prefixlen} is one host"
        )
    return read_prefix(text)


def read_mac(text: str) -> str:
    """Read a unicast MAC address into lower case."""
    if not re.fullmatch(MAC, text):
        raise ValueError(
            f"{shown(text)} is not a MAC address: six pairs of hexadecimal digits, "
            "such as 02:42:0a:01:00:14"
        )
    mac = text.lower()
    if int(mac[:2], 16) & 1:
        raise ValueError(f"{mac} is a multicast MAC address: the first byte must be even")
    if mac == "00:00:00:00:00:00":
        raise ValueError(f"{mac} is no device's MAC address")
    return mac


def negatable(text: str) -> tuple[str, bool]:
    """Take the ``!`` off."""
    return (text[1:].lstrip(" "), True) if text.startswith("!") else (text, False)


def read_match_address(text: str) -> Negatable:
    """Read a source or destination that may begin with ``!``."""
    bare, negated = negatable(text)
    network = read_prefix(bare) if "/" in bare else ip_network(read_ip(bare))
    return Negatable(value=str(network), negated=negated)


def read_match_device(text: str) -> Negatable:
    """Read a device that may begin with ``!``."""
    bare, negated = negatable(text)
    return Negatable(value=read_ifname(bare), negated=negated)


def read_port(text: str) -> int:
    """Read one port."""
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= 65535):
        raise ValueError(f"{shown(text)} is not a port: 1 to 65535")
    return int(text)


def read_ports(value: str | int) -> tuple[int, int]:
    """Read one port or a range of ports, as first and last."""
    if isinstance(value, int):
        return (value, value)
    low, dash, high = value.partition("-")
    first = read_port(low)
    last = read_port(high) if dash else first
    if last < first:
        raise ValueError(f"{value} runs backwards: write {last}-{first}")
    return (first, last)


def split_socket(text: str) -> tuple[str, str]:
    """Take ``HOST:PORT`` or ``[IPV6]:PORT`` apart; the port is empty when there is none."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{shown(text)} is not [ADDRESS]:PORT")
        return host, rest[1:]
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port
    return text, ""


def read_socket(text: str) -> str:
    """Read ``ADDR`` or ``ADDR:PORT``, IPv6 in brackets when a port follows."""
    host, port = split_socket(text)
    address = read_ip(host)
    if text.startswith("[") and address.version != 6:
        raise ValueError(f"{shown(text)}: brackets are for IPv6 addresses")
    if not port:
        if text.endswith(":"):
            raise ValueError(f"{shown(text)} ends where the port should be")
        return str(address)
    number = read_port(port)
    return f"[{address}]:{number}" if address.version == 6 else f"{address}:{number}"


def read_table(value: str | int) -> int:
    """Read a routing table's number or name."""
    if isinstance(value, int):
        return value
    if value in TABLES:
        return TABLES[value]
    if value.isascii() and value.isdecimal() and len(value) < 11 and 0 < int(value) < 2**32:
        return int(value)
    raise ValueError(
        f"{shown(value)} is not a routing table: a number from 1 to 4294967295, main, default "
        "or local"
    )


def read_fwmark(value: str | int) -> str:
    """Read a mark, with a mask or without, as ip prints it."""
    if isinstance(value, int):
        return hex(value)
    found = re.fullmatch(FWMARK, value)
    numbers = (
        [int(part, 0 if part.startswith("0x") else 10) for part in found.groups() if part]
        if found
        else []
    )
    if not numbers or max(numbers) > 0xFFFFFFFF:
        raise ValueError(f"{shown(value)} is not a mark: MARK or MARK/MASK, such as 0x1/0xff")
    if len(numbers) == 1 or numbers[1] == 0xFFFFFFFF:
        return hex(numbers[0])
    return f"{hex(numbers[0])}/{hex(numbers[1])}"


def read_sysctl(text: str) -> str:
    """Read the key of a kernel setting: below net/, with slashes."""
    if re.fullmatch(SYSCTL, text) and not any(part in {".", ".."} for part in text.split("/")):
        return text
    if re.fullmatch(r"net\.[A-Za-z0-9_.-]+", text):
        raise ValueError(
            f"{shown(text)} is written with slashes here, since a dot may be part of a device "
            f"name: {shown(text.replace('.', '/'))}"
        )
    raise ValueError(
        f"{shown(text)} is not a setting of a network namespace: they begin with net/, such as "
        "net/ipv4/tcp_syncookies"
    )


def read_sysctl_value(text: str) -> str:
    """Read the value of a kernel setting: one line."""
    if not text.isprintable() or not text.isascii() or not 1 <= len(text) <= 512:
        raise ValueError(f"{shown(text)} is not a sysctl value: one line of at most 512 characters")
    return text


def read_place(text: str) -> tuple[str, str]:
    """Read ``ns:dev``."""
    namespace, colon, ifname = text.partition(":")
    if not colon:
        raise ValueError(f"{shown(text)} is not a place: namespace:device, such as host:eth1")
    return read_namespace(namespace), read_ifname(ifname)


def read_device_reference(text: str) -> tuple[str | None, str]:
    """Read ``dev`` or ``ns:dev``."""
    return read_place(text) if ":" in text else (None, read_ifname(text))


def read_netns_name(text: str) -> str:
    """Read a name under /run/netns."""
    if not re.fullmatch(NETNS, text):
        raise ValueError(f"{shown(text)} is not the name of a network namespace")
    return text


def read_path(text: str) -> str:
    """Read the absolute path of a namespace file."""
    if not re.fullmatch(r"(/[!-~]+)+", text) or len(text) > 4095 or "/../" in text + "/":
        raise ValueError(f"{shown(text)} is not an absolute path without spaces and ..")
    return text


def read_word(text: str) -> str:
    """Read a word: printable, no white space, no leading dash."""
    if not re.fullmatch(WORD, text):
        raise ValueError(f"{shown(text)} is not a word: no white space, no leading dash")
    return text


def read_label(text: str) -> str:
    """Read the key of a label."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,127}", text):
        raise ValueError(f"{shown(text)} is not a label: letters, digits, _ . / - and at most 128")
    return text


def read_url(text: str) -> str:
    """Read a URL."""
    found = re.fullmatch(URL, text)
    if found is None or len(text) > 2000:
        raise ValueError(f"{shown(text)} is not a URL such as http://web:8000/")
    if found[2]:
        read_port(found[2][1:])
    if found[1].startswith("["):
        read_ip(found[1][1:-1])
    return text
