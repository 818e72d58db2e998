"""People, as opposed to programs: they sign in through the identity provider of their organisation."""
