"""
The eyes: one file per noun, each a question to a tool and the parser of its answer.

``scope`` says what to look at, ``read`` looks, and what comes back is the same State that a spec is
expanded to. Text in, model objects out; JSON wherever the tool has it.
"""
