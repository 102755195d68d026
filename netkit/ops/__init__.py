"""Look at any namespace, work in it, and check what a spec promises."""
