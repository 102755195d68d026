"""The nouns: frozen kernel objects, the State that holds them, the checked Topology."""
