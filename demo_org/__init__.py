"""A Salesforce-compatible org in one process, for demos and tests; it shares no code with the client it tests."""
