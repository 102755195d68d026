"""Look at all that a Scope names, and give the State of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from netkit.command.command import Command
from netkit.errors import CommandError, NetkitError
from netkit.facts import address, fdb, file, iptables, link, neighbor, qdisc, route, rule, sysctl
from netkit.facts.link import FALLBACKS, Device
from netkit.facts.netns import is_stale
from netkit.facts.scope import NEIGHBOR, RULE, Look, Scope, route_kind
from netkit.facts.ties import Ties
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.setting import Attribute, File, Loan
from netkit.model.state import State
from netkit.names import is_owned_group
from netkit.run.job import Answer, Ask, Job
from netkit.run.runner import Runner
from netkit.value import Value, replace

Devices = Mapping[str, Device]
TENTATIVE = '"tentative":true'


class Question(Value, frozen=True, eq=False):
    """A question, and what reads its answer: the text, the namespace, the devices there."""

    command: Command
    parse: Callable[[str, Netns, Devices], Iterable[Object]]


def _remotes(devices: Devices) -> Mapping[str, str | None]:
    return {name: device.fields.get("remote") for name, device in devices.items()}


def _routes(protocol: str) -> Question:
    return Question(
        route.QUESTIONS[protocol],
        lambda said, netns, _: route.parse(said, netns, protocol=protocol),
    )


ALWAYS = (
    *[(route_kind(protocol), _routes(protocol)) for protocol in route.QUESTIONS],
    (NEIGHBOR, Question(neighbor.QUESTION, lambda said, netns, _: neighbor.parse(said, netns))),
    (
        NEIGHBOR,
        Question(neighbor.QUESTION_PROXY, lambda said, netns, _: neighbor.parse(said, netns)),
    ),
    (RULE, Question(rule.QUESTION, lambda said, netns, _: rule.parse(said, netns))),
)
"""Asked everywhere, but where a namespace is fresh and nobody speaks of such a kind."""
RULES6 = Question(rule.QUESTION6, lambda said, netns, _: rule.parse(said, netns, family=6))
FDB = Question(
    fdb.QUESTION, lambda said, netns, seen: fdb.parse(said, netns, remotes=_remotes(seen))
)
QDISC = Question(qdisc.QUESTION, lambda said, netns, _: qdisc.parse(said, netns))
FIREWALL = {
    4: Question(iptables.QUESTIONS[4], lambda said, netns, _: iptables.parse(said, netns)),
    6: Question(
        iptables.QUESTIONS[6], lambda said, netns, _: iptables.parse(said, netns, family=6)
    ),
}


@cache
def _switches() -> tuple[Question]:
    from netkit.facts import ovs

    return (Question(ovs.QUESTION, lambda said, netns, _: ovs.parse(said)),)


def _homes(ifnames: tuple[str, ...]) -> tuple[Question, ...]:
    from netkit.facts import home  # of few specs

    def way(protocol: str) -> Question:
        return Question(
            home.ROUTES[protocol],
            lambda said, netns, _: home.ways(said, netns, ifnames, protocol=protocol),
        )

    given = Question(home.ADDRESSES, lambda said, netns, _: home.addresses(said, netns, ifnames))
    return (given, *map(way, home.ROUTES))


def questions(look: Look) -> tuple[Question, ...]:
    """Say what is asked for a look, after ``ip address show``, which always comes first."""
    if look.brief:
        return ()
    return (
        *_always(look.spoken if look.fresh else None),
        *_questions(look.rules6, look.fdb, look.qdisc, look.families),
        *(_switches() if look.ovs else ()),
        *(_homes(look.homes) if look.homes else ()),
    )


@cache
def _always(spoken: frozenset[str] | None) -> tuple[Question, ...]:
    return tuple([each for kind, each in ALWAYS if spoken is None or kind in spoken])


@cache
def _questions(
    rules6: bool, fdb: bool, qdisc: bool, families: tuple[int, ...]
) -> tuple[Question, ...]:
    return (
        *((RULES6,) if rules6 else ()),
        *((FDB,) if fdb else ()),
        *((QDISC,) if qdisc else ()),
        *[FIREWALL[family] for family in families],
    )


def asks(look: Look) -> Ask:
    """
    Give the questions for a look; what belongs to ip comes first and is one process.

    A ``Reading`` takes the Answer to it, whenever it was asked.
    """
    commands = tuple([question.command for question in questions(look)])
    if look.only is None:
        return Ask(look.netns, (link.QUESTION, *commands), look.sysctls)
    devices = tuple((name, link.question_of(name)) for name in look.only)
    return Ask(look.netns, commands, look.sysctls, devices)


def read(runner: Runner, scope: Scope) -> State:
    """
    Look at all that ``scope`` names.

    Args:
        runner: The hands that ask.
        scope: What to look at; ``scope(*states)`` makes it.

    Returns:
        Everything there is in these namespaces, whosever it is, but for what the kernel does by
        itself. A namespace that does not exist adds nothing.

    Raises:
        NetkitError: A tool answered what makes no sense.
        ConflictError: Something that is no plain file has the place of one.
    """
    return Reading(scope).state(runner)


class Reading:
    """
    What was seen so far of all that a Scope names.

    Devices wait until all namespaces were read, since they hang on one another; everything else is
    finished at once.

    Args:
        scope: What to look at.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.world: dict[Netns, dict[str, Device]] = {}
        self.tentative: set[Netns] = set()
        self._files: tuple[File, ...] | None = None
        self._told: dict[Netns, Answer] = {}
        self._read: set[Netns] = set()
        self._finished: list[Object] = []
        self._hidden: set[tuple[Netns, str]] = set()
        self._barren: set[tuple[Question, str]] = set()

    def tell(self, answer: Answer) -> None:
        """Take the answer to the ``asks`` of a look: that is not asked again."""
        self._told[answer.netns] = answer

    def digest(self, *, filed: bool = False) -> None:
        """
        Read what was told.

        Args:
            filed: Read the files, too, once: from now on they stay as they are.

        Raises:
            NetkitError: A tool answered what makes no sense.
            ConflictError: Something that is no plain file has the place of one.
        """
        for look in self.scope.looks if self._told else ():
            # Taken out, so that the text goes as soon as it is read.
            answer = self._told.pop(look.netns, None)
            if answer is not None:
                self._take(look, answer)
                self._read.add(look.netns)
        if filed and self._files is None:
            self._files = tuple(file.read(self.scope.files, self.scope.texts))

    def state(self, runner: Runner) -> State:
        """Ask what was not told yet, and give the State of it all; see ``read``."""
        self.digest()
        looks = [look for look in self.scope.looks if look.netns not in self._read]
        for answer in _asked(runner, [Job(look.netns, ask=asks(look)) for look in looks]):
            self.tell(answer)
        self.digest(filed=True)
        self._look_again(runner)
        return State.of((*self._objects(), *(self._files or ()), *_daemons(self.scope)))

    def _take(self, look: Look, answer: Answer) -> None:
        netns = look.netns
        if answer.missing:
            if netns is not None and is_stale(netns):
                self._finished.append(Namespace(netns=netns, stale=True))
            return
        rest = questions(look)
        first = 1 if look.only is None else 0
        if len(answer.texts) != first + len(rest):
            asked = f"{len(answer.texts)} answers to {first + len(rest)} questions"
            raise NetkitError(f"namespace {netns or 'host'} gave {asked}")
        if netns is not None and not netns.startswith("/"):
            self._finished.append(Namespace(netns=netns))
        seen = self._take_devices(netns, _devices_said(answer, look))
        for question, said in zip(rest, answer.texts[first:], strict=True):
            # Most namespaces say the same, word for word, where they have nothing to say.
            if (question, said) not in self._barren:
                found = len(self._finished)
                self._finished += question.parse(said, netns, seen)
                if len(self._finished) == found:
                    self._barren.add((question, said))
        self._finished += sysctl.parse(answer.sysctls, netns)

    def _take_devices(self, netns: Netns, said: str) -> dict[str, Device]:
        if TENTATIVE in said:
            self.tentative.add(netns)
        with link.SAYS:
            found = link.SAYS.entries(said)
            seen = link.devices(found, netns)
            self._hidden |= {
                (netns, name)
                for name in FALLBACKS.intersection(seen)
                if (netns, name) not in self.scope.devices and not _is_owned(seen[name])
            }
            claimed = self.scope.addresses.get(netns, frozenset())
            self._finished += address.addresses(found, netns, claimed)
        self.world[netns] = seen
        return seen

    def _look_again(self, runner: Runner) -> None:
        """Ask tc where nobody thought of it, and a device of netkit's has an odd discipline."""
        places = [
            look.netns
            for look in self.scope.looks
            if not look.qdisc
            and any(
                [
                    not qdisc.is_default(device.qdisc) and _is_owned(device)
                    for device in self.world.get(look.netns, {}).values()
                ]
            )
        ]
        jobs = [Job(netns, ask=Ask(netns, (QDISC.command,))) for netns in places]
        for answer in runner.run(jobs) if jobs else ():
            if answer.texts:
                self._finished += qdisc.parse(answer.texts[0], answer.netns)

    def _objects(self) -> Iterator[Object]:
        """Give everything that was seen."""
        ports = [item for item in self._finished if isinstance(item, OvsBridge | OvsPort)]
        ties = Ties(self.world, self.scope.claims, frozenset(port.ifname for port in ports))
        yield from self._finished
        yield from (replace(port, stale=True) for port in ports if ties.is_stale(port.ifname))
        for netns, seen in self.world.items():
            for name, device in seen.items():
                if not self._hidden or (netns, name) not in self._hidden:
                    yield ties.link(device)
        for netns, ifname, name in self.scope.attributes:
            found = ties.find(netns, ifname)
            if found is not None:
                yield Attribute(netns=netns, ifname=ifname, name=name, value=_value(found, name))
        for loan in self.scope.loans:
            found = ties.find(loan.netns, loan.ifname)
            if found is not None and not _is_owned(found):
                yield Loan(
                    netns=loan.netns,
                    ifname=loan.ifname,
                    home=loan.home,
                    home_ifname=loan.home_ifname,
                )


def _devices_said(answer: Answer, look: Look) -> str:
    """Give the answer to ``ip address show``, put together where single devices were asked for."""
    if look.only is not None:
        return f"[{','.join(said.strip()[1:-1] for said in answer.devices)}]"
    return answer.texts[0] or "[]"


def _daemons(scope: Scope) -> Iterator[Object]:
    if scope.daemons:
        from netkit.facts import daemon  # of few networks

        yield from daemon.read(look.netns for look in scope.looks)


def _asked(runner: Runner, jobs: Sequence[Job]) -> tuple[Answer, ...]:
    try:
        return runner.run(jobs) if jobs else ()
    except CommandError as error:
        if isinstance(error.step, Command) and error.step.tool == "ovs-vsctl":
            from netkit.facts import ovs

            raise ovs.absent(error) from error
        raise


def _is_owned(device: Device) -> bool:
    return is_owned_group(device.fields["group"])


def _value(device: Device, attribute: str) -> str:
    """Write an attribute's value as an Attribute holds it."""
    value = device.fields.get(attribute)
    if attribute == "up":
        return "up" if value else "down"
    return "" if value is None else str(value)
