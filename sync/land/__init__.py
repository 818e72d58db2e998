"""Storing what was read: one transaction, in which newer copies win and what is gone becomes a tombstone."""
