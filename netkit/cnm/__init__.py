"""Floor 6: the Container Network Model's verbs: small edits of an applied spec."""
