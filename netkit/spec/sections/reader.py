"""Reads values out of the expanded document, and notes what is wrong instead of giving up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from netkit.model.topology import UNSHAPED, IPNetwork, Labels, Shaping
from netkit.spec import ranges, units
from netkit.spec.ranges import FILL, Expansion
from netkit.spec.report import At, Report

T = TypeVar("T")
Object = Mapping[str, Any]

LATER = "comes with a later version of netkit"
SHAPING_KEYS = frozenset({"rate", "delay", "jitter", "loss"})


class Reader:
    """
    Reads words by the readers of ``words``.

    Args:
        report: Takes what is wrong.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.expansion = Expansion(report)
        # What the ``subnet`` of links puts on a link of a namespace, and where it is said.
        self.cables = 0
        self.brought: list[tuple[str, IPNetwork, str]] = []

    def word(
        self, read: Callable[[Any], T], value: Any, at: At, *, at_key: bool = False
    ) -> T | None:
        """Read one word; None, and a finding, when it cannot be read."""
        try:
            return read(value)
        except ValueError as error:
            hint = ""
            if isinstance(value, str) and FILL in value:
                hint = "{n} stands for a number only below a range such as h[1-4]"
            self.report.add(at, str(error), hint=hint, at_key=at_key)
            return None

    def under(self, read: Callable[[Any], T], mapping: Object, key: str, at: At) -> T | None:
        """Read the word under a key that may be absent."""
        value = mapping.get(key)
        return None if value is None else self.word(read, value, at / key)

    def words(self, read: Callable[[Any], T], values: Sequence[Any], at: At) -> tuple[T, ...]:
        """Read a list of words, leaving out what cannot be read."""
        taken = (self.word(read, value, at / index) for index, value in enumerate(values))
        return tuple(value for value in taken if value is not None)

    def list_under(
        self, read: Callable[[Any], T], mapping: Object, key: str, at: At
    ) -> tuple[T, ...]:
        """Read the list, or the single word, under a key that may be absent."""
        value = mapping.get(key)
        if value is None:
            return ()
        if isinstance(value, list):
            return self.words(read, value, at / key)
        taken = self.word(read, value, at / key)
        return () if taken is None else (taken,)

    def names(self, text: str, at: At) -> tuple[tuple[str, int | None], ...]:
        """Write out a name that may be a range."""
        return self.word(ranges.names, text, at) or ()

    def shaping(self, mapping: Object, at: At) -> Shaping:
        """Read rate, delay, jitter and loss."""
        if SHAPING_KEYS.isdisjoint(mapping):
            return UNSHAPED
        shaping = Shaping(
            rate=self.under(units.read_rate, mapping, "rate", at) or 0,
            delay=self.under(units.read_duration, mapping, "delay", at) or 0,
            jitter=self.under(units.read_duration, mapping, "jitter", at) or 0,
            loss=self.under(units.read_percent, mapping, "loss", at) or 0.0,
        )
        if shaping.jitter and "delay" not in mapping:
            self.report.add(at / "jitter", "jitter varies a delay: say the delay as well")
        elif shaping.jitter > shaping.delay:
            self.report.add(at / "jitter", "the jitter is larger than the delay it varies")
        return shaping

    def later(self, mapping: Object, keys: Mapping[str, str], at: At) -> None:
        """Refuse keys of the language that are not built yet."""
        for key in keys.keys() & mapping.keys():
            self.report.add(at / key, f"{key} {LATER}", hint=keys[key], at_key=True)


def labels(mapping: Object) -> Labels:
    """Read labels, which mean nothing to netkit."""
    return tuple(mapping.get("labels", {}).items())
