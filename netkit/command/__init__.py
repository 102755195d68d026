"""
The verbs: one file per tool noun, one pure function per verb, each building one step.

``from netkit.command import link`` and then ``link.add_veth(...)``, which reads as iproute2 reads.
Nothing here runs anything, and nothing is imported before it is asked for.
"""
