"""Leaves out the tests that need a browser where the package that drives one is not installed."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("playwright") else ["browser"]
