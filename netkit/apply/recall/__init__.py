"""What is remembered of a spec, as it was applied, and of namespaces of others, as they are."""
