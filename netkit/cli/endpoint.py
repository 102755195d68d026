"""``netkit network connect`` and ``disconnect``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netkit.cli.edit import edit, wish
from netkit.cli.options import (
    Aliases,
    ANetwork,
    ASandbox,
    DriverOpts,
    DryRun,
    GwPriority,
    Ifname,
    Into,
    Ip,
    Ip6,
    Json,
    LockTimeout,
    Mac,
    NoPersist,
    Path,
    Persist,
    Pid,
    Publish,
)
from netkit.cnm import edits, options
from netkit.cnm.applied import Documents, find, member, resident


def connect(
    network: ANetwork,
    namespace: ASandbox = None,
    *,
    pid: Pid = None,
    path: Path = None,
    ip: Ip = None,
    ip6: Ip6 = None,
    mac: Mac = None,
    alias: Aliases = None,
    ifname: Ifname = None,
    gw_priority: GwPriority = None,
    publish: Publish = None,
    driver_opt: DriverOpts = None,
    spec: Into = None,
    persist: Persist = False,
    no_persist: NoPersist = False,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    as_json: Json = False,
) -> None:
    """
    Give a namespace an interface in a network, while it runs.

    It gets an address, a route and names; its processes go on. A namespace that netkit did not make
    may be a member as well: only what netkit adds to it is netkit's.

    Examples:
        netkit network connect frontend con2
        netkit network connect frontend con2 --ip 10.2.0.9 --alias web --ifname lan0
        netkit network connect frontend box --pid 4711
        netkit network connect frontend box --path /run/docker/netns/4f0c1b2a3d4e
    """
    said = options.endpoint(
        ip=ip,
        ip6=ip6,
        mac=mac,
        aliases=alias or (),
        device=ifname,
        priority=gw_priority,
        publish=publish or (),
        options=driver_opt or (),
    )

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        place = find(known, network, "networks", spec=spec)
        found = member(known, namespace, place.spec, pid=pid, path=path)
        document = known[place.spec]
        return {
            place.spec: edits.connect(document, place.name, found.name, said, netns=found.netns)
        }

    edit(
        "network connect",
        change,
        persist=wish(persist, no_persist),
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        as_json=as_json,
    )


def disconnect(
    network: ANetwork,
    namespace: ASandbox = None,
    *,
    pid: Pid = None,
    path: Path = None,
    spec: Into = None,
    persist: Persist = False,
    no_persist: NoPersist = False,
    dry_run: DryRun = False,
    lock_timeout: LockTimeout = 10.0,
    as_json: Json = False,
) -> None:
    """
    Take a namespace out of a network, while it runs.

    Examples:
        netkit network disconnect frontend con2
        netkit network disconnect shop/frontend con2 --dry-run
    """

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        place = find(known, network, "networks", spec=spec)
        document = known[place.spec]
        name = resident(known, place, namespace, pid=pid, path=path)
        return {place.spec: edits.disconnect(document, place.name, name)}

    edit(
        "network disconnect",
        change,
        persist=wish(persist, no_persist),
        dry_run=dry_run,
        lock_timeout=lock_timeout,
        as_json=as_json,
        leaving=True,
    )
