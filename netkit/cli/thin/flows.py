"""What conntrack answers, which has no JSON: XML to plain values."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree


def flows(text: str) -> list[dict[str, Any]]:
    """
    Read the answer to ``conntrack.list``.

    Returns:
        One for each connection: ``family``, ``protocol``, ``state``, ``timeout``, and ``original``
        and ``reply``, each with ``src``, ``dst``, ``sport`` and ``dport`` where there are such.
    """
    start = text.find("<conntrack")
    if start < 0:
        return []
    return [_flow(each) for each in ElementTree.fromstring(text[start:]).iter("flow")]


def _flow(flow: ElementTree.Element) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for meta in flow.iter("meta"):
        direction = meta.get("direction", "")
        if direction == "independent":
            read |= {
                "state": meta.findtext("state", ""),
                "timeout": meta.findtext("timeout", ""),
                "assured": meta.find("assured") is not None,
            }
            continue
        read[direction] = {
            name: found
            for name in ("src", "dst", "sport", "dport")
            if (found := meta.findtext(f".//{name}")) is not None
        }
        if (layer := meta.find("layer3")) is not None:
            read["family"] = layer.get("protoname", "")
        if (layer := meta.find("layer4")) is not None:
            read["protocol"] = layer.get("protoname", "")
    return read
