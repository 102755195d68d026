"""The commands: each a signature and a few lines, and what several do alike."""
