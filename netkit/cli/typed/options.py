"""The words that several commands share, so that one word means one thing everywhere."""

from __future__ import annotations

import shlex
from typing import Annotated, Any

from netkit.cli.typed.complete import namespaces, networks, sandboxes, specs, targets
from netkit.cli.typed.parameter import Argument, Option, Options

Specs = Annotated[
    list[str], Argument(metavar="SPEC", help="JSON or YAML files; - is standard input.")
]
Target = Annotated[
    str,
    Argument(
        metavar="SPEC|NAME",
        help="A JSON or YAML file (- is standard input), or the name of an applied spec.",
        autocompletion=targets,
    ),
]
Applied = Annotated[
    str | None,
    Argument(metavar="NAME", help="Only this spec.", autocompletion=specs),
]
Name = Annotated[
    str | None,
    Option(
        "--name", metavar="NAME", help="Instead of the spec's own name; NAME- is the prefix then."
    ),
]
Json = Annotated[bool, Option("--json", help="Answer in JSON, for machines.")]
DryRun = Annotated[bool, Option("--dry-run", help="Print the lines to type, and run nothing.")]
Explain = Annotated[bool, Option("--explain", help="Show each command with its reason.")]
Adopt = Annotated[
    bool,
    Option("--adopt", help="Take over what has a name of the spec's, whosever it is."),
]
IgnoreExtra = Annotated[bool, Option("--ignore-extra", help="Leave alone what was added by hand.")]
LockTimeout = Annotated[
    float,
    Option("--lock-timeout", metavar="SECONDS", help="Wait so long for another netkit."),
]
KeepFailed = Annotated[
    bool, Option("--keep-failed", help="After a failure leave all as it is, to look at.")
]
Force = Annotated[
    bool,
    Option("--force", "-f", help="Remove namespaces even where processes or devices live in them."),
]
Into = Annotated[
    str | None,
    Option(
        "--spec",
        metavar="NAME",
        help="The spec that is meant; of something new: local when omitted.",
        autocompletion=specs,
    ),
]
Persist = Annotated[bool, Option("--persist", help="Keep it for netkit up after the next boot.")]
NoPersist = Annotated[bool, Option("--no-persist", help="Do not keep it for the next boot.")]
ANetwork = Annotated[
    str,
    Argument(metavar="NETWORK", help="A network: its name, or SPEC/NAME.", autocompletion=networks),
]
ASandbox = Annotated[
    str | None,
    Argument(
        metavar="NAMESPACE",
        help="A namespace: its name, SPEC/NAME, its path, or the pid of a process in it.",
        autocompletion=sandboxes,
    ),
]
Pid = Annotated[
    int | None,
    Option("--pid", metavar="PID", help="It is where this process is; its name is then free."),
]
Path = Annotated[
    str | None,
    Option("--path", metavar="FILE", help="It is this namespace file; its name is then free."),
]
Labels = Annotated[
    list[str] | None, Option("--label", metavar="KEY=VALUE", help="Free text of your own.")
]
Ip = Annotated[str | None, Option("--ip", metavar="ADDRESS", help="Its IPv4 address.")]
Ip6 = Annotated[str | None, Option("--ip6", metavar="ADDRESS", help="Its IPv6 address.")]
Mac = Annotated[str | None, Option("--mac", metavar="MAC", help="The device's MAC address.")]
Aliases = Annotated[
    list[str] | None, Option("--alias", metavar="NAME", help="One more name in the network.")
]
Ifname = Annotated[
    str | None, Option("--ifname", metavar="DEVICE", help="The device's name; ethN when omitted.")
]
GwPriority = Annotated[
    int | None,
    Option("--gw-priority", metavar="N", help="The highest gives the default route; 0 else."),
]
Publish = Annotated[
    list[str] | None,
    Option(
        "--publish",
        "-p",
        metavar="[ADDRESS:][HOST_PORT:]PORT[/PROTOCOL]",
        help="A port of the host that leads here; without HOST_PORT a free one is chosen.",
    ),
]
DriverOpts = Annotated[
    list[str] | None,
    Option("--driver-opt", metavar="KEY=VALUE", help="What else the driver is told."),
]
Netns = Annotated[
    str | None,
    Option(
        "--netns",
        "-n",
        metavar="NS",
        help="Where: a namespace's name or path, or the pid of a process in it.",
        autocompletion=namespaces,
    ),
]
Within = Annotated[
    str,
    Argument(
        metavar="NS",
        help="A namespace: its name, SPEC/NAME, its path, or the pid of a process in it.",
        autocompletion=namespaces,
    ),
]


class Manner(Options, frozen=True, kw_only=True):
    """How an edit of a spec is made: which, whether it lasts, and what is shown."""

    spec: Into = None
    persist: Persist = False
    no_persist: NoPersist = False
    dry_run: DryRun = False
    lock_timeout: LockTimeout = 10.0
    as_json: Json = False


class Seat(Options, frozen=True, kw_only=True):
    """What an endpoint is."""

    ip: Ip = None
    ip6: Ip6 = None
    mac: Mac = None
    alias: Aliases = None
    ifname: Ifname = None
    gw_priority: GwPriority = None
    publish: Publish = None
    driver_opt: DriverOpts = None


USUAL = Manner()
ANY_SEAT = Seat()


def seated(seat: Seat) -> dict[str, Any]:
    """Say what an endpoint is, in the words of the spec."""
    from netkit.cnm import options  # of the verbs that edit alone

    return options.endpoint(
        ip=seat.ip,
        ip6=seat.ip6,
        mac=seat.mac,
        aliases=seat.alias or (),
        device=seat.ifname,
        priority=seat.gw_priority,
        publish=seat.publish or (),
        options=seat.driver_opt or (),
    )


def again(command: str, spec: str, name: str | None) -> str:
    """Write the line that does another thing with the same spec."""
    words = ["netkit", command, spec, *(() if name is None else ("--name", name))]
    return shlex.join(words)
