"""What the kernel does in its own time, after a command has returned, and how it is waited for."""
