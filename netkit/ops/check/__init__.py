"""What a spec promises, tried: one try of one address, one check, and all of them at once."""
