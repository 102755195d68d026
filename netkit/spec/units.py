"""Quantities as tc writes them, to numbers and back."""

from __future__ import annotations

import re

from netkit.spec.report import shown

NUMBER = r"(?a)(\d{1,15}(?:\.\d{1,9})?)([a-zA-Z%]*)"

BITS = {
    "bit": 1,
    "kbit": 10**3,
    "mbit": 10**6,
    "gbit": 10**9,
    "tbit": 10**12,
    "kibit": 2**10,
    "mibit": 2**20,
    "gibit": 2**30,
    "bps": 8,
    "kbps": 8 * 10**3,
    "mbps": 8 * 10**6,
    "gbps": 8 * 10**9,
}
MICROSECONDS = {"us": 1, "usec": 1, "ms": 10**3, "msec": 10**3, "s": 10**6, "sec": 10**6}

MOST_BITS = 10**13
LONGEST = 3600 * 10**6


def _scaled(text: str, units: dict[str, int], what: str, example: str) -> int:
    found = re.fullmatch(NUMBER, text)
    unit = found[2].lower() if found else ""
    if found is None or unit not in units:
        allowed = ", ".join(units)
        raise ValueError(
            f"{shown(text)} is not {what}: a number and a unit ({allowed}), such as {example}"
        )
    return round(float(found[1]) * units[unit])


def read_rate(text: str) -> int:
    """
    Read a rate into bits per second; ``kbps`` and its like are bytes, as tc means them.

    Source: tc(8), "UNITS".
    """
    bits = _scaled(text, BITS, "a rate", "10mbit")
    if not 8 <= bits <= MOST_BITS:
        raise ValueError(f"{shown(text)} is out of bounds: a rate is 8bit to 10tbit")
    return bits


def read_duration(text: str) -> int:
    """Read a time into microseconds."""
    microseconds = _scaled(text, MICROSECONDS, "a time", "20ms")
    if microseconds > LONGEST:
        raise ValueError(f"{shown(text)} is too long: at most 3600s")
    return microseconds


def read_percent(text: str) -> float:
    """Read a share of packets, 0 to 100."""
    found = re.fullmatch(NUMBER, text)
    if found is None or found[2] != "%":
        raise ValueError(f"{shown(text)} is not a share: a number and %, such as 0.5%")
    if float(found[1]) > 100:
        raise ValueError(f"{shown(text)} is more than all of them: at most 100%")
    return float(found[1])


def write_rate(bits: int) -> str:
    """Write bits per second with the largest unit that leaves no fraction."""
    for unit in ("tbit", "gbit", "mbit", "kbit"):
        if bits % BITS[unit] == 0:
            return f"{bits // BITS[unit]}{unit}"
    return f"{bits}bit"


def write_duration(microseconds: int) -> str:
    """Write microseconds with the largest unit that leaves no fraction."""
    for unit in ("s", "ms"):
        if microseconds % MICROSECONDS[unit] == 0:
            return f"{microseconds // MICROSECONDS[unit]}{unit}"
    return f"{microseconds}us"


def write_percent(share: float) -> str:
    """Write a share of packets."""
    return f"{share:.9f}".rstrip("0").rstrip(".") + "%"
