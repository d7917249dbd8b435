"""How fast the reference server is, beside others, in one run. Start it with ``python -m benchmarks``."""
