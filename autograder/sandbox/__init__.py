"""The trust boundary: the only package that opens kernels and starts programs."""
