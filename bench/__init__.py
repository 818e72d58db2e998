"""How fast Baton is, each figure beside a peer or a limit, measured in the same run on the same machine.

`python -m bench` runs everything with small defaults; docs/benchmarks.md says what each figure means.
"""
