"""Everything that a person types, and the pytest plugin that a run is reported through."""
