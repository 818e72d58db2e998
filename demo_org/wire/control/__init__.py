"""The control plane under /demo, on this machine only: everything a test or a demonstration may order."""
