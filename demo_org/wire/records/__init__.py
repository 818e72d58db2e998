"""Records over REST: one at a time, in lists, by external ids, along relationships, with their files."""
