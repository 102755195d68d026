"""Whose is what: by its mark, and by what a spec asks for and asked for."""
