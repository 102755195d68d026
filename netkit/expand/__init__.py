"""From the checked spec to the State that it asks for. A pure function."""
