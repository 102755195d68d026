"""How hypothesis runs here: the same examples each time, and no clock."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("netkit", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("netkit")
