"""What a plan is refused for before anything is changed, and what gives way."""
