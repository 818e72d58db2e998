"""A Salesforce-compatible org in one process, for demos and tests. It shares no code with the client it stands in for."""
