"""The Container Network Model's verbs: small edits of an applied spec."""
