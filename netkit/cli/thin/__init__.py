"""
The thin verbs: one kernel object each, out of the signatures in ``command``.

    netkit link add-veth a b --up ─▶ link.add_veth("a", "b", up=True) ─▶ run, print, or tabulate
"""
