"""
What is tried: transactions, each from where to where, and by what.

    of an example   build, change and destroy, as ``netkit apply`` and ``netkit destroy`` do them
    of a crowd      the same of a switch that two ports are many for
    of what is lent lend, lend to another by another name, and give back
    of the verbs    those of the model, each from a spec of its own; ``guest`` is somebody else's
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

from netkit.apply.prospect import Prospect, farewell, prospect
from netkit.apply.session import Session
from netkit.cnm import edits, options
from netkit.cnm.revision import revised
from netkit.model.topology import Topology
from netkit.plan.lower import CROWD
from netkit.spec import topology
from tests.root.faults.host import GUEST

EXAMPLES = Path(__file__).parents[3] / "examples"
SPEC = "trial"
VERBS = "verbs"
CROWDED = "crowd"
LENT = "lent"
FEW = {"h[1-100]": "h[1-5]", "h[2-100]": "h[2-5]", "h100": "h5"}
PARTNERS = {
    "dns": "two-lans",
    "firewall": "policy-routing",
    "isolation": "publish",
    "macvlan": "shop",
    "ovs": "macvlan",
    "policy-routing": "firewall",
    "publish": "isolation",
    "router-chain": "switch",
    "shop": "two-lans",
    "star-100": "switch",
    "switch": "vxlan",
    "two-lans": "router-chain",
    "vxlan": "vxlan-ipv6",
    "vxlan-ipv6": "shop",
}
TAP = {"type": "tap"}
TRANSACTIONS = ("build", "change", "destroy")

Look = Callable[[Session], Prospect]
Document = dict[str, Any]
Edit = Callable[[Document], Document]


class Move(NamedTuple):
    """
    One transaction.

    ``before`` and ``after`` say where it leads from and to, None: nothing is there; ``look`` plans
    it, and ``other`` something else that may be applied when it was cut off. ``tenant`` is a
    namespace in which a process lives, and which goes all the same.
    """

    before: str | None
    after: str | None
    look: Look
    other: Look
    tenant: str | None = None


class Course(NamedTuple):
    """
    What is tried together.

    ``specs`` are applied as a whole; ``more`` are what edits lead to, and are the same as a whole.
    With more ports than ``crowd`` a switch learns to snoop when it is up. Each way is gone from
    each step that speaks of ``about``, but those of ``unfit``.
    """

    specs: Mapping[str, Topology]
    moves: Mapping[str, Move]
    more: Mapping[str, Topology] = {}
    crowd: int = CROWD
    about: str | None = None
    unfit: tuple[str, ...] = ()


def course(name: str) -> Course:
    """Give what is tried of an example, or of something else."""
    special = {VERBS: _of_verbs, CROWDED: _of_a_crowd, LENT: _of_what_is_lent}
    return special[name]() if name in special else _of_example(name)


def transactions(name: str) -> tuple[str, ...]:
    """Name the transactions of a course."""
    return tuple(EDITS) if name == VERBS else TRANSACTIONS


def leave(session: Session) -> Prospect:
    """Plan that the spec goes."""
    return farewell(session, SPEC)


def applied(spec: Topology) -> Look:
    """Plan that a spec is applied as a whole."""
    return lambda session: prospect(session, spec)


def _example(name: str) -> Topology:
    """Read an example under the name of the trials, with a handful of hosts where it has many."""
    text = (EXAMPLES / f"{name}.json").read_text()
    for many, few in FEW.items():
        text = text.replace(f'"{many}"', f'"{few}"')
    return topology({**json.loads(text), "name": SPEC})


def _of_example(name: str) -> Course:
    specs = {"a": _example(name), "b": _example(PARTNERS[name])}
    return Course(specs, _to_and_fro(specs))


def _of_a_crowd() -> Course:
    specs = {"a": topology(switch("br0", "t[1-2]")), "b": topology(switch("br1", "t[2-3]"))}
    # A tap has no mark for a moment: with the memory lost nobody can tell whose it is.
    return Course(specs, _to_and_fro(specs), crowd=1, about=" br", unfit=("sweep",))


def switch(ifname: str, ports: str) -> Document:
    """Give a spec of a switch and its ports."""
    bridge = {"type": "bridge", "ports": [ports], "addresses": ["10.94.0.1/24"]}
    return {"name": SPEC, "namespaces": {"sw": {"devices": {ifname: bridge, ports: TAP}}}}


def _of_what_is_lent() -> Course:
    specs = {"a": _lending("a", "wan"), "b": _lending("b", "wan2")}
    # What the memory alone knows of the device goes with it.
    return Course(specs, _to_and_fro(specs), about="lent0", unfit=("sweep",))


def _lending(netns: str, ifname: str) -> Topology:
    """Give a spec that the device of ``host.lay_out`` is lent to."""
    said = {"mtu": 1300, "mac": "02:00:00:00:89:02", "addresses": ["10.88.0.1/24"]}
    device = {"type": "existing", "from": "host:lent0", **said}
    return topology({"name": SPEC, "namespaces": {netns: {"devices": {ifname: device}}}})


def _to_and_fro(specs: Mapping[str, Topology]) -> Mapping[str, Move]:
    to_a, to_b = map(applied, specs.values())
    moves = (
        Move(None, "a", to_a, to_b),
        Move("a", "b", to_b, to_a),
        Move("a", None, leave, to_a),
    )
    return dict(zip(TRANSACTIONS, moves, strict=True))


BASE: Document = {
    "name": SPEC,
    "networks": {
        "back": {"subnets": ["10.91.0.0/24", "fd00:91::/64"], "gateway": False},
        "front": {"subnets": ["10.92.0.0/24", "fd00:92::/64"]},
    },
    "namespaces": {"con2": {"networks": ["front"]}, "con1": {"networks": ["back"]}},
}
DMZ = options.network(driver="bridge", subnets=["10.93.0.0/24"], options=["mtu=1400"])
WEB = options.endpoint(aliases=["web"], publish=["8091:80/tcp", "81"], options=["rate=10mbit"])


def _create(document: Document) -> Document:
    return edits.create_network(document, "dmz", DMZ)


def _prune(document: Document) -> Document:
    return reduce(edits.remove_network, edits.idle(document), document)


def _connect(document: Document) -> Document:
    return edits.connect(document, "front", "con1", WEB)


def _invite(document: Document) -> Document:
    return edits.connect(document, "front", GUEST, {}, netns={"name": GUEST})


def _add(document: Document) -> Document:
    return edits.connect(edits.create_namespace(document, "con3", {}), "front", "con3", {})


EDITS: Mapping[str, tuple[Document, Edit]] = {
    "network create": (BASE, _create),
    "network rm": (_create(BASE), lambda document: edits.remove_network(document, "dmz")),
    "network rm --force": (
        _invite(_connect(BASE)),
        lambda document: edits.remove_network(document, "front", force=True),
    ),
    "network prune": (
        edits.create_network(_create(BASE), "idle", {"subnets": [], "gateway": False}),
        _prune,
    ),
    "network connect": (BASE, _connect),
    "network disconnect": (
        _connect(BASE),
        lambda document: edits.disconnect(document, "front", "con1"),
    ),
    "network connect GUEST": (BASE, _invite),
    "network disconnect GUEST": (
        _invite(BASE),
        lambda document: edits.disconnect(document, "front", GUEST),
    ),
    "namespace create": (BASE, _add),
    "namespace rm": (_add(BASE), lambda document: edits.remove_namespace(document, "con3")),
    "namespace rm --force": (
        _add(BASE),
        lambda document: edits.remove_namespace(document, "con3"),
    ),
}
"""Each verb: from which spec, and what it makes of it."""
TENANTS = {"namespace rm --force": "con3"}
"""Where somebody lives meanwhile, by verb."""


def _of_verbs() -> Course:
    specs: dict[str, Topology] = {}
    moves: dict[str, Move] = {}
    more: dict[str, Topology] = {}
    for verb, (document, edit) in EDITS.items():
        before, after = f"before {verb}", f"after {verb}"
        specs[before], more[after] = topology(document), topology(edit(document))
        other = applied(specs[before])
        moves[verb] = Move(before, after, _edited(edit), other, TENANTS.get(verb))
    return Course(specs, moves, more)


def _edited(edit: Edit) -> Look:
    def look(session: Session) -> Prospect:
        stored = session.memory.spec(SPEC)
        assert stored is not None
        return revised(session, edit(json.loads(stored.document)))

    return look


def every(found: Course) -> Iterable[Topology]:
    """Give all specs of a course."""
    return (*found.specs.values(), *found.more.values())
