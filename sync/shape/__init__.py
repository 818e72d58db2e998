"""From the closure of one deal to its brief: what CS must know, where each value is from, and what is missing.

Everything here is pure: the same aggregate always gives the same document, byte for byte.
"""
