"""Servers under test: named by a URL, started where that is asked for, measured, and kept running."""
