"""Mutants: variants of the reference server with one broken rule each, to prove that the suite notices it.

Each module holds the mutants of one part of the server. The server itself does not know them; the command
serves one with ``--mutant NAME``.
"""

from reference_server.mutants import (
    answers,
    boundaries,
    chunk_ends,
    chunks,
    codings,
    connections,
    dispositions,
    documented_bodies,
    documented_connections,
    documented_forms,
    documented_lines,
    documented_tls,
    exceptions_to_rules,
    expectations,
    field_names,
    fields,
    forms,
    framing_fields,
    head_ends,
    hosts,
    lengths,
    limits,
    line_ends,
    lines,
    methods,
    multiparts,
    part_heads,
    pipelines,
    request_lines,
    responses,
    segments,
    targets,
    tls,
    trailers,
    upgrades,
    versions,
)
from reference_server.mutants.mutant import Mutant

__all__ = ["MUTANTS", "Mutant"]

_MODULES = (
    lines,
    request_lines,
    line_ends,
    head_ends,
    targets,
    hosts,
    field_names,
    fields,
    methods,
    limits,
    responses,
    answers,
    forms,
    multiparts,
    boundaries,
    dispositions,
    part_heads,
    lengths,
    codings,
    framing_fields,
    chunks,
    chunk_ends,
    trailers,
    segments,
    connections,
    pipelines,
    expectations,
    upgrades,
    versions,
    exceptions_to_rules,
    tls,
    documented_lines,
    documented_bodies,
    documented_connections,
    documented_forms,
    documented_tls,
)

MUTANTS: dict[str, Mutant] = {mutant.name: mutant for module in _MODULES for mutant in module.MUTANTS}
"""All mutants by name, in the order of the modules."""
