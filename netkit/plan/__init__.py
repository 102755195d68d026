"""Floor 2, reason: from two States to the steps between them. Pure: nothing is read or run."""
