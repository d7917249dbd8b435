"""Benchmarks of the reference server and of the suite. The first is ``python -m benchmarks``."""
