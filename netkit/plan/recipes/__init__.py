"""How each kind of object is made, altered and removed: one recipe per kind and verb."""
