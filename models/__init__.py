"""The store: tables, views, sessions and the one write path. Imports nothing else of ours."""
