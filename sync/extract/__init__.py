"""Reads records from Salesforce: changes of a window, whole aggregates, and snapshots. Stores nothing."""
