"""Grades many submissions with workers that exchange plain data.

`local` runs workers on this machine, `cluster` on others. Both implement `messages.Executor`, and `factory` opens one.
"""
