"""Who may come in: OAuth with all its grants, SOAP login, sessions, and who a token belongs to."""
