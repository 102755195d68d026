"""What a value of a namespace of netkit's becomes when nobody says it: what a new one has."""

from __future__ import annotations

from collections.abc import Iterable

from netkit.command.command import command
from netkit.errors import CommandError
from netkit.model.setting import Sysctl
from netkit.model.state import State
from netkit.plan.world import device_of
from netkit.run.job import Ask, Job
from netkit.run.runner import Runner
from netkit.value import replace


def defaults(runner: Runner, gone: Iterable[Sysctl], desired: State) -> tuple[Sysctl, ...]:
    """
    Give what values of netkit's namespaces become when nobody says them any more.

    That is what a new namespace has, and for a device what its namespace gives new ones.
    """
    return tuple(
        replace(item, value=value)
        for item in gone
        if (value := _default(runner, item, desired)) is not None
    )


def _default(runner: Runner, item: Sysctl, desired: State) -> str | None:
    ifname = device_of(item.name)
    if ifname is not None:
        name = item.name.replace(f"/{ifname}/", "/default/")
        wanted = desired.get(("sysctl", item.netns, name))
        if isinstance(wanted, Sysctl):
            return wanted.value
        return runner.run([Job(item.netns, ask=Ask(item.netns, sysctls=(name,)))])[0].sysctls.get(
            name
        )
    question = command("unshare", "--net", "sysctl", "-n", item.name)
    try:
        (answer,) = runner.run([Job(None, ask=Ask(None, (question,)))])
    except CommandError:
        return None  # no such parameter in a new namespace
    return " ".join(answer.texts[0].split())
