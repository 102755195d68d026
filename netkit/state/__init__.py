"""
Netkit's own memory: what the kernel cannot hold.

Specs as applied, what was allotted for them, and former values of what netkit changed on the host.
"""
