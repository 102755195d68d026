"""What outlives netkit holds nothing open that somebody waits for."""

from __future__ import annotations

import os
import select
import signal

from netkit.run.process import detach


def test_a_file_left_open_for_children_is_not_kept_open() -> None:
    near, far = os.pipe()
    os.set_inheritable(far, True)

    child, _ = detach(("sleep", "60"), environment={}, settled=lambda _: True)
    os.close(far)
    try:
        assert select.select([near], [], [], 10)[0]  # the other end is closed everywhere
    finally:
        os.close(near)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
