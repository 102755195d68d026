"""Reason: from two States to the steps between them. Pure: nothing is read or run."""
