"""The HTTP API, one file per resource: what it takes, what it gives, and nothing of how it is found."""
