"""Imported last before workers are forked: the garbage collector leaves alone what is there, and workers share it."""

import gc

gc.collect()
gc.freeze()
