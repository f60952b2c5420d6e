"""Many submissions: what goes in and what comes out is data.

`local` grades on this machine; whatever else has workers (a cluster) offers the same `Engine`.
"""
