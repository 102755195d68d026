"""The hands: the only room that starts processes or writes files of the system."""
