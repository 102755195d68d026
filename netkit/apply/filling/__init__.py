"""What a spec leaves open, filled in on this host as it is now."""
