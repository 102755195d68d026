"""A document in, a document out: what is not touched stays as it was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from netkit.cnm import edits
from netkit.errors import ConflictError, NetkitError
from netkit.spec import topology

Document = dict[str, Any]

SHOP: Document = {
    "name": "shop",
    "description": "a shop",
    "networks": {"back": {"internal": True}, "front": {}, "lan[1-3]": {}},
    "namespaces": {
        "h[1-3]": {"networks": ["back"], "sysctls": {"net/ipv4/ip_default_ttl": "6{n}"}},
        "con1": {"networks": {"front": {"aliases": ["web"]}}},
        "vpn": {"netns": {"name": "vpn"}, "networks": ["front"]},
    },
    "checks": [{"from": "con1", "ping": "h1"}, {"from": "h1", "tcp": "h2:80"}],
}
H = {"networks": ["back"], "sysctls": {"net/ipv4/ip_default_ttl": "6{n}"}}


def filled(number: int, *networks: str) -> Document:
    return {
        "sysctls": {"net/ipv4/ip_default_ttl": f"6{number}"},
        **({"networks": list(networks)} if networks else {}),
    }


CASES: dict[str, tuple[Callable[[Document], Document], dict[str, Any]]] = {
    "a network comes": (
        lambda shop: edits.create_network(shop, "new", {"mtu": 1400}),
        {"networks": {**SHOP["networks"], "new": {"mtu": 1400}}},
    ),
    "a network of a range goes": (
        lambda shop: edits.remove_network(shop, "lan2"),
        {"networks": {"back": {"internal": True}, "front": {}, "lan[1,3]": {}}},
    ),
    "one of a range joins": (
        lambda shop: edits.connect(shop, "front", "h2", {}),
        {
            "namespaces": {
                "h[1,3]": H,
                "h2": filled(2, "back", "front"),
                "con1": SHOP["namespaces"]["con1"],
                "vpn": SHOP["namespaces"]["vpn"],
            }
        },
    ),
    "one of a range leaves": (
        lambda shop: edits.disconnect(shop, "back", "h1"),
        {
            "namespaces": {
                "h[2-3]": H,
                "h1": filled(1),
                "con1": SHOP["namespaces"]["con1"],
                "vpn": SHOP["namespaces"]["vpn"],
            }
        },
    ),
    "what is said of others stays": (
        lambda shop: edits.connect(shop, "back", "con1", {"mac": "02:00:00:00:00:01"}),
        {
            "namespaces": {
                **SHOP["namespaces"],
                "con1": {
                    "networks": {
                        "front": {"aliases": ["web"]},
                        "back": {"mac": "02:00:00:00:00:01"},
                    }
                },
            }
        },
    ),
    "a foreign one comes": (
        lambda shop: edits.connect(shop, "back", "box", {}, netns={"pid": 7}),
        {
            "namespaces": {
                **SHOP["namespaces"],
                "box": {"netns": {"pid": 7}, "networks": ["back"]},
            }
        },
    ),
    "a foreign one goes with its last": (
        lambda shop: edits.disconnect(shop, "front", "vpn"),
        {"namespaces": {"h[1-3]": H, "con1": SHOP["namespaces"]["con1"]}},
    ),
    "a namespace goes, and what is to be tried there": (
        lambda shop: edits.remove_namespace(shop, "con1"),
        {
            "namespaces": {"h[1-3]": H, "vpn": SHOP["namespaces"]["vpn"]},
            "checks": [SHOP["checks"][1]],
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_edit(name: str) -> None:
    edit, expected = CASES[name]

    found = edit(SHOP)

    assert found == {**SHOP, **expected}
    topology(found)


def test_by_force_all_are_disconnected_before() -> None:
    found = edits.remove_network(SHOP, "front", force=True)

    assert edits.endpoints(SHOP, "front") == ["con1", "vpn"]
    assert found["namespaces"] == {"h[1-3]": H, "con1": {}}
    assert "front" not in found["networks"]


@pytest.mark.parametrize(
    ("edit", "kind", "said"),
    [
        (lambda shop: edits.create_network(shop, "lan2", {}), ConflictError, "lan2 already"),
        (lambda shop: edits.create_namespace(shop, "h1", {}), ConflictError, "h1 already"),
        (lambda shop: edits.remove_network(shop, "back"), ConflictError, "3 endpoints: h1, h2, h3"),
        (lambda shop: edits.connect(shop, "back", "h1", {}), ConflictError, "already"),
        (
            lambda shop: edits.connect(shop, "back", "vpn", {}, netns={"pid": 7}),
            ConflictError,
            "another namespace",
        ),
        (lambda shop: edits.disconnect(shop, "back", "con1"), NetkitError, "not in network back"),
    ],
)
def test_rules_of_the_model(
    edit: Callable[[Document], Document], kind: type[NetkitError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        edit(SHOP)
