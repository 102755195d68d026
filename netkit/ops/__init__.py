"""Floor 6: look at any namespace, work in it, and check what a spec promises."""
