"""Which deals, objects and fields belong to us: pure functions from names and shapes to queries."""
