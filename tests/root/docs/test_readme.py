"""Every command of the documents runs, and prints what they show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.root

ROOT = Path(__file__).parents[3]
# Each of these says for itself what its blocks mean; see conftest.py for the pages named here.
PAGES = (
    "README.md",
    "docs/architecture.md",
    "docs/cli.md",
    "docs/cnm.md",
    "docs/spec.md",
    "docs/troubleshooting.md",
)


@pytest.mark.parametrize("name", [name for name in PAGES if (ROOT / name).exists()])
def test_what_a_document_says_happens(page: Callable[[str], Any], name: str) -> None:
    wrong = page(name).wrong()

    assert not wrong, "\n".join(wrong)
