"""Floor 2, the hands: the only room that starts processes or writes files of the system."""
