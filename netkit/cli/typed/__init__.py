"""From the words that were typed to a function and its arguments."""
