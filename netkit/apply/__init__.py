"""Floor 5: one transaction. Look, plan, run, look again; and go back when something fails."""
