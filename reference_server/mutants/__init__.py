"""Mutants: variants of the reference server with one broken rule each, to prove that the suite notices it.

Each module holds the mutants of one part of the server. The server itself does not know them; the command
serves one with ``--mutant NAME``.
"""

from reference_server.mutants import (
    answers,
    boundaries,
    chunks,
    codings,
    connections,
    dispositions,
    documented_bodies,
    documented_connections,
    documented_forms,
    documented_lines,
    documented_tls,
    expectations,
    field_names,
    fields,
    forms,
    hosts,
    lengths,
    limits,
    line_ends,
    lines,
    methods,
    multiparts,
    pipelines,
    plain_requests,
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
    plain_requests,
    lines,
    line_ends,
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
    lengths,
    codings,
    chunks,
    trailers,
    segments,
    connections,
    pipelines,
    expectations,
    upgrades,
    versions,
    tls,
    documented_lines,
    documented_bodies,
    documented_connections,
    documented_forms,
    documented_tls,
)

MUTANTS: dict[str, Mutant] = {mutant.name: mutant for module in _MODULES for mutant in module.MUTANTS}
"""All mutants by name, in the order of the modules."""
