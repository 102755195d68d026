"""
Words in, words out; the only room that knows typer and rich.

    argv ─main─▶ menu ─loaded by name─▶ command: a signature and a few lines ─▶ the rooms below
                                            │
    stdout ◀── table, text or envelope ─────┘          stderr ◀── complaint, hint, progress
"""
