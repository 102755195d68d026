"""
Small random changes to documents, texts and bytes.

All chance comes from one ``random.Random``, so an input is known by its seed.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.fuzz import corpus

Path = tuple[Any, ...]

HOSTILE = (
    *(
        "",
        " ",
        "a b",
        "a\n",
        "\n",
        "\r",
        "a\tb",
        "a\0b",
        "\0",
        "\x1b[31m",
        "\x7f",
        "\u2028",
        "\x85",
    ),
    *(
        "-a",
        "--",
        "-",
        "#",
        "a#b",
        "'",
        '"',
        "\\",
        "a\\",
        "$(id)",
        "`id`",
        ";id",
        "a|b",
        "&",
        "\\n",
    ),
    *("..", ".", "../..", "/", "//", "/etc/passwd", "../../etc/passwd", "a/../b", "net/../../x"),
    *("%d", "%s%n", "{n}", "{", "{n", "h[1-3]", "h[1-", "h[3-1]", "h[1-99999999]", "h[1][2]", "[]"),
    *(
        "[1-2]",
        "h[01-10]",
        "all",
        "default",
        "lo",
        "host",
        "nk-x",
        "a+",
        "!a",
        "!",
        "!!",
        "eth0@if2",
    ),
    *(
        "0",
        "1",
        "-1",
        "0x1",
        "00",
        "1_000",
        "9" * 30,
        "\uff11\uff12",
        "\u0661\u0662",
        "true",
        "null",
        "~",
        "nan",
        "inf",
    ),
    *("é", "日本", "\u202e", "\ud800", "\U0001f600", "a" * 16, "a" * 64, "a" * 300, "a" * 5000),
    *("::", "::1", "::/0", "0.0.0.0/0", "10.0.0.1/24", "10.0.0.0/33", "10.0.0.0/8", "fd00::/64"),
    *("255.255.255.255", "224.0.0.1", "fe80::1%eth0", "::ffff:1.2.3.4", "010.1.1.1", "10.1/16"),
    *("10mbit", "1e400mbit", "-5ms", "20ms", "0%", "0.5%", "100%", "101%", "1e-9%", "9" * 20 + "s"),
    *(
        "EOF",
        "COMMIT",
        "*filter",
        "-A INPUT",
        ":FORWARD ACCEPT [0:0]",
        "netkit:x/y/z",
        "# netkit:x",
    ),
    *("eth0", "a:eth0", "host:eth0", "a:", ":", "::::", "02:42:0a:01:00:02", "ff:ff:ff:ff:ff:ff"),
)
NUMBERS = (
    *(
        0,
        1,
        -1,
        2,
        7,
        64,
        67,
        68,
        127,
        128,
        254,
        255,
        256,
        1023,
        1024,
        1280,
        1500,
        4094,
        4095,
        4096,
    ),
    *(65535, 65536, 2**24 - 1, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63, 2**64, 10**30),
    *(10**400, 0.5, -0.0, 1e-9, 1e300, 1.5),
)
ODD: tuple[Any, ...] = (None, True, False, [], {}, [[]], [{}], {"": ""}, [None], [""], {"a": {}})
BYTES = (
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\n",
    b'"',
    b"{",
    b"[" * 3000,
    b'{"a":' * 3000,
    b"&a [*a]",
    b"!!python/object:x",
    b"<<: *a",
    b"9" * 5000,
    b"- " * 2000,
)


def document(rng: Random, value: Any) -> Any:
    """Change a document in one to three places."""
    changed = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
        found = [path for path in paths(changed) if path]
        if not found:
            return scalar(rng)
        changed = rng.choice(CHANGES)(rng, changed, rng.choice(found))
    return changed


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Give the path to each part of a document."""
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*at, index))


def part(value: Any, path: Path) -> Any:
    """Give the part at a path."""
    for step in path:
        value = value[step]
    return value


def scalar(rng: Random) -> Any:
    """Give something small and unexpected."""
    return rng.choice((text, text, number, odd))(rng)


def text(rng: Random) -> str:
    """Give a hostile text, or one made of two."""
    if rng.random() < 0.1:
        return rng.choice(HOSTILE) + rng.choice(HOSTILE)
    if rng.random() < 0.1:
        return "".join(
            chr(rng.choice((rng.randrange(128), rng.randrange(0x3000)))) for _ in range(6)
        )
    return rng.choice(HOSTILE)


def number(rng: Random) -> int | float:
    """Give a number at some limit, or near it."""
    chosen = rng.choice(NUMBERS)
    return chosen + rng.choice((-1, 0, 0, 1)) if isinstance(chosen, int) else chosen


def odd(rng: Random) -> Any:
    """Give a value of another type."""
    return copy.deepcopy(rng.choice(ODD))


def _replace(rng: Random, value: Any, path: Path) -> Any:
    part(value, path[:-1])[path[-1]] = scalar(rng)
    return value


def _splice(rng: Random, value: Any, path: Path) -> Any:
    """Put there what another spec says under this key, or under any."""
    known = corpus.said_under()
    key = path[-1] if path[-1] in known and rng.random() < 0.8 else rng.choice(list(known))
    part(value, path[:-1])[path[-1]] = copy.deepcopy(rng.choice(known[key]))
    return value


def _delete(rng: Random, value: Any, path: Path) -> Any:
    del part(value, path[:-1])[path[-1]]
    return value


def _duplicate(rng: Random, value: Any, path: Path) -> Any:
    around, inner = part(value, path[:-1]), copy.deepcopy(part(value, path))
    if isinstance(around, list):
        around.insert(rng.randrange(len(around) + 1), inner)
    else:
        around[text(rng) if rng.random() < 0.3 else f"{path[-1]}2"] = inner
    return value


def _rename(rng: Random, value: Any, path: Path) -> Any:
    around = part(value, path[:-1])
    if isinstance(around, dict):
        known = list(corpus.said_under())
        around[text(rng) if rng.random() < 0.5 else rng.choice(known)] = around.pop(path[-1])
    return value


def _add(rng: Random, value: Any, path: Path) -> Any:
    """Say one more thing that some spec says somewhere."""
    inner = part(value, path)
    known = corpus.said_under()
    key = rng.choice(list(known))
    if isinstance(inner, dict):
        inner[key] = copy.deepcopy(rng.choice(known[key]))
    elif isinstance(inner, list):
        inner.append(copy.deepcopy(rng.choice(known[key])))
    return value


def _swap(rng: Random, value: Any, path: Path) -> Any:
    """Exchange two parts of the document."""
    other = rng.choice([found for found in paths(value) if found])
    short = min(len(path), len(other))
    if path[:short] == other[:short]:
        return value
    one, two = part(value, path), part(value, other)
    part(value, path[:-1])[path[-1]] = two
    part(value, other[:-1])[other[-1]] = one
    return value


def _edit(rng: Random, value: Any, path: Path) -> Any:
    inner = part(value, path)
    if isinstance(inner, str):
        inner = edited(rng, inner)
    elif isinstance(inner, int) and not isinstance(inner, bool):
        inner += rng.choice((-1, 1, 256, -inner, 2**32))
    else:
        return _replace(rng, value, path)
    part(value, path[:-1])[path[-1]] = inner
    return value


def _range(rng: Random, value: Any, path: Path) -> Any:
    """Turn a name into a range, or a word into one that varies with it."""
    around = part(value, path[:-1])
    if isinstance(around, dict) and isinstance(path[-1], str):
        around[path[-1] + rng.choice(("[1-2]", "[1-40]", "[1-2,7]", "[01-03]"))] = around.pop(
            path[-1]
        )
    elif isinstance(around[path[-1]], str):
        around[path[-1]] = edited(rng, around[path[-1]], more=("{n}", "[1-2]", "[1-40]"))
    return value


CHANGES: tuple[Callable[[Random, Any, Path], Any], ...] = (
    *(_replace, _splice, _splice, _splice, _delete, _duplicate, _duplicate),
    *(_rename, _add, _add, _swap, _edit, _edit, _range),
)
RARE = 0.02
STRING = re.compile(r'"[^"\\]*"(?!:)')


def edited(rng: Random, value: str, more: tuple[str, ...] = ()) -> str:
    """Put something into a text, take some of it out, or twist a character."""
    start = rng.randrange(len(value) + 1)
    end = min(len(value), start + rng.choice((0, 0, 1, 1, 4)))
    return value[:start] + (rng.choice(more) if more else text(rng)) + value[end:]


def deepened(rng: Random, written: str) -> str:
    """Put in a text of JSON something nested very deeply in the place of a string."""
    found = list(STRING.finditer(written))
    if not found or rng.random() > RARE:
        return written
    where, depth = rng.choice(found), rng.choice((40, 300, 900, 1200, 50000))
    opening, closing = rng.choice((("[", "]"), ('{"a":', "}")))
    inner = f"{opening * depth}0{closing * depth}"
    return f"{written[: where.start()]}{inner}{written[where.end() :]}"


def written(rng: Random, value: bytes) -> bytes:
    """Change the bytes of a file in one to three places."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        start = rng.randrange(len(value) + 1)
        end = min(len(value), start + rng.choice((0, 1, 1, 8, 100)))
        inner = rng.choice(
            (
                b"",
                rng.choice(BYTES),
                bytes([rng.randrange(256)]),
                value[end : end + 40],
                _utf8(text(rng)),
            )
        )
        value = value[:start] + inner + value[end:]
    return value if rng.random() < 0.95 else value[: rng.randrange(len(value) + 1)]


def as_text(rng: Random, value: Any) -> bytes:
    """Write a changed document, so that what follows is its reader's work."""
    changed = document(rng, value)
    return _utf8(deepened(rng, json.dumps(changed, ensure_ascii=rng.random() < 0.5)))


def _utf8(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
