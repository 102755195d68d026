"""One transaction. Look, plan, run, look again; and go back when something fails."""
