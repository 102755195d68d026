"""One check, from its first try to its verdict; the calling thread is where the check starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from ipaddress import ip_address
from typing import TypeVar

from netkit.errors import ConflictError, NetkitError
from netkit.expand.placement import Site
from netkit.expand.published import led
from netkit.model.topology import Check, IPAddress
from netkit.names import HOST
from netkit.ops.check import probe
from netkit.ops.check.aim import Aim, Map, goal
from netkit.ops.check.probe import Seen
from netkit.ops.check.serve import Servers, Stand
from netkit.ops.check.verdict import ERROR, FAILED, PASSED
from netkit.ops.inside import aside, together
from netkit.ops.reference import etc_name
from netkit.run.surroundings import surround
from netkit.value import Value

PATIENCE = 0.5  # seconds for the first try; each further one waits twice as long
SILENCE = 1.0  # seconds without an answer
LEAST = 0.2  # seconds that even the last try gets
PAUSE = 0.1  # between two tries
NEVER = ", which is never taken for unreachable: to prove it, run getent and expect unreachable"

T = TypeVar("T")

Result = tuple[str, str]
"""passed, failed or error, and what was seen."""


class Bench(Value, frozen=True):
    """
    What all checks of a spec share.

    Args:
        site: The spec.
        chart: Who has which address.
        servers: Where netkit listens.
        home: The namespace netkit runs in, open.
        families: Of which families each source has addresses.
    """

    site: Site
    chart: Map
    servers: Servers
    home: int
    families: Mapping[str, frozenset[int]]


class Trial:
    """A check under way."""

    def __init__(self, bench: Bench, check: Check) -> None:
        self.bench = bench
        self.check = check
        self.tries = 0
        self.until = time.monotonic() + check.within
        self.families = bench.families[check.source]

    def hold(self) -> Result:
        """
        Give the verdict.

        Raises:
            NetkitError: Nothing can be said either way.
        """
        if self.check.verb == "run":
            return self._alone(self._run)
        aim = self.bench.chart.aim(self.check, self.families)
        if self.check.verb == "resolve":
            return self._alone(lambda: self._resolve(aim.name))
        with self._served(aim):
            return self._answered(aim) if self.check.expect == "reachable" else self._silent(aim)

    def _alone(self, look: Callable[[], Seen]) -> Result:
        """Judge what has no address to aim at."""
        while True:
            self.tries += 1
            seen = look()
            if self.check.expect != "reachable":
                return _negative([seen]), seen.words
            if seen.reached:
                return PASSED, seen.words
            if not self._again():
                return FAILED, seen.words

    def _answered(self, aim: Aim) -> Result:
        """Try until one address of each family has answered, or the time is over."""
        answered: dict[int, str] = {}
        last: dict[IPAddress, Seen] = {}
        patience = PATIENCE
        while True:
            self.tries += 1
            aim = self._resolved(aim)
            missing = [each for each in aim.families if each not in answered]
            tried = _choice(aim.addresses, missing, best_only=self.tries == 1)
            found = self._probe(tried, aim.port, min(patience, self._left()))
            for address, seen in zip(tried, found, strict=True):
                last[address] = seen
                if seen.reached:
                    answered.setdefault(address.version, _words(address, seen))
            if aim.addresses and all(each in answered for each in aim.families):
                return PASSED, "; ".join(answered.values())
            if not self._again():
                break
            patience *= 2
        if not aim.addresses:
            raise NetkitError(_unresolved(aim.name))
        silent = [_words(each, seen) for each, seen in last.items() if each.version not in answered]
        return FAILED, "; ".join([*answered.values(), *silent])

    def _silent(self, aim: Aim) -> Result:
        """Look once at all addresses: none may answer."""
        self.tries += 1
        aim = self._resolved(aim)
        if not aim.addresses:
            raise NetkitError(_unresolved(aim.name))
        found = self._probe(aim.addresses, aim.port, SILENCE)
        words = [_words(*each) for each in zip(aim.addresses, found, strict=True)]
        reached = [word for word, seen in zip(words, found, strict=True) if seen.reached]
        return _negative(found), "; ".join(reached or words)

    def _resolved(self, aim: Aim) -> Aim:
        """Put the addresses of a name in place, if there is a name and it has any."""
        if not aim.name or aim.addresses:
            return aim
        limit = self._left() if self.check.expect == "reachable" else self.check.within
        addresses = tuple(ip_address(each) for each in self._look_up(aim.name, limit))
        families = {each.version for each in addresses}
        both = families & self.families if self.families else families
        return Aim(addresses, tuple(sorted(both or families)), aim.port, aim.name)

    def _resolve(self, name: str) -> Seen:
        found = self._look_up(name, max(self._left(), LEAST))
        if found:
            return Seen(True, ", ".join(found))
        positive = self.check.expect == "reachable"
        return Seen(None, _unresolved(name) + ("" if positive else NEVER))

    def _look_up(self, name: str, limit: float) -> tuple[str, ...]:
        return aside(lambda: self._surrounded(lambda: probe.resolve(name, limit)))

    def _run(self) -> Seen:
        limit = self._left()
        return aside(lambda: self._surrounded(lambda: probe.run(self.check.command, limit)))

    def _surrounded(self, act: Callable[[], T]) -> T:
        netns = self.bench.site.netns[self.check.source]
        if netns is not None:
            surround(etc_name(netns))
        return act()

    def _probe(self, targets: Sequence[IPAddress], port: int, limit: float) -> tuple[Seen, ...]:
        """Try several addresses at once."""
        match self.check.verb:
            case "ping":
                once = self.check.expect == "reachable"
                asks = [
                    partial(probe.ping, each, limit, count=1)
                    if once
                    else partial(probe.ping, each, limit - 0.2, count=2)
                    for each in targets
                ]
            case "tcp":
                asks = [partial(probe.tcp, each, port, limit) for each in targets]
            case "udp":
                asks = [partial(probe.udp, each, port, limit) for each in targets]
            case _:
                url = self.check.target
                asks = [partial(probe.http_get, each, port, limit, url=url) for each in targets]
        return together(tuple(asks))

    @contextmanager
    def _served(self, aim: Aim) -> Iterator[None]:
        """Listen at the target; an IPv6 address may be tentative still, so this is tried again."""
        if not self.check.serve:
            yield
            return
        stands = self._stands(aim)
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self.bench.servers.listening(stands))
                    break
                except ConflictError:
                    raise
                except NetkitError:
                    if not self._again():
                        raise
            yield

    def _stands(self, aim: Aim) -> tuple[Stand, ...]:
        chart = self.bench.chart
        host = goal(self.check).host
        target = host
        addresses = aim.addresses
        if aim.name:
            target = chart.called(host) or ""
            addresses = chart.addresses(self.check.source, target)
        elif host not in self.bench.site.netns:
            own = addresses[0].is_loopback
            target = self.check.source if own else chart.holder(addresses[0]) or ""
        if target not in self.bench.site.netns or not addresses:
            raise NetkitError(f"nobody of this spec is {host}, so netkit cannot serve there")
        kind = "udp" if self.check.verb == "udp" else "tcp"
        return tuple(self._stand(target, kind, each, port=aim.port) for each in addresses)

    def _stand(self, target: str, kind: str, address: IPAddress, *, port: int) -> Stand:
        """Say where to listen; for a published port of the host that is where it leads."""
        site = self.bench.site
        found = led(site, kind, address, port) if target == HOST else None
        if found is None:
            return Stand(site.netns[target], kind, address, port)
        opening, there = found
        return Stand(site.netns[opening.sandbox], kind, opening.address, there)

    def _left(self) -> float:
        return max(self.until - time.monotonic(), LEAST)

    def _again(self) -> bool:
        """Wait a little, if there is time for another try."""
        left = self.until - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(PAUSE, left))
        return True


def _choice(
    addresses: Sequence[IPAddress], families: Sequence[int], *, best_only: bool
) -> tuple[IPAddress, ...]:
    """Choose whom to try: of each family the best, or all."""
    chosen: list[IPAddress] = []
    for family in families:
        these = [each for each in addresses if each.version == family]
        chosen += these[:1] if best_only else these
    return tuple(chosen)


def _negative(found: Sequence[Seen]) -> str:
    """Judge a check that expects no answer."""
    if any(seen.reached for seen in found):
        return FAILED
    return ERROR if any(seen.reached is None for seen in found) else PASSED


def _words(address: IPAddress, seen: Seen) -> str:
    return f"{address} {seen.words}"


def _unresolved(name: str) -> str:
    return f"{name} does not resolve here"
