"""What is written: plans, tables, errors, the envelope."""
