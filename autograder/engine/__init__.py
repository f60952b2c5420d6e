"""Many submissions: what goes in and what comes out is data.

`local` grades on this machine, `cluster` on others; both offer the same `Engine`, and `opening` is the door to them.
"""
