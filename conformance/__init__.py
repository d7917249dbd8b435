"""What a server must do: clauses, scenarios, verdicts, and the run that brings them together.

The room talks to servers through `clients` only. How a run is shown is left to `reports`, which reads the
record that a run leaves.
"""

__version__ = "0.2.0"
