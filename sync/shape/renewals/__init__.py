"""From a customer's deals, contracts and orders to its terms: what runs until when, and what it is worth.

Pure, like the shaping of briefs; only `read` and `keep` speak to the store.
"""
