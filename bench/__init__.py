"""Measures netkit beside a plain script and a floor; see docs/performance.md."""
