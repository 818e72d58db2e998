"""Questions to the store, one function per question; the API, pages and the command line ask the same ones."""
