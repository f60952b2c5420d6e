"""The trust boundary, and the only room that starts processes."""
