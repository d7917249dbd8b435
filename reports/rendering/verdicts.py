"""Verdicts, levels and tones as reports show them: their order, what closes the gate, and their colours.

Verdicts and levels are text here, as the record has them. Which verdicts close the gate is decided in
`conformance.gate`.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from conformance import gate
from conformance.clauses import Level
from conformance.judging.model import Risk, Verdict
from conformance.record_lines import FindingLine

PASS, WARN, INFO, RISK = Verdict.PASS.value, Verdict.WARN.value, Verdict.INFO.value, Verdict.RISK.value
FAIL, NOT_APPLICABLE, ERROR = Verdict.FAIL.value, Verdict.NOT_APPLICABLE.value, Verdict.ERROR.value

# The order of counts.
VERDICTS = tuple(verdict.value for verdict in Verdict)

LEVELS = tuple(level.value for level in Level)

# The names of risks, as the record has them.
RISKS = tuple(risk.name.lower() for risk in Risk)

# Worst first. NOT APPLICABLE is not among them: it says nothing of the server.
BY_SEVERITY = (FAIL, RISK, ERROR, WARN, INFO, PASS)

# The order of lists: a reader wants to know why something was not judged before what passes.
READING_ORDER = (FAIL, RISK, ERROR, WARN, INFO, NOT_APPLICABLE, PASS)

# What went wrong, whatever closes the gate.
FAILURES = (FAIL, RISK, ERROR)

# Verdicts that say something about the server; the others say why nothing can be said.
VERIFIED = tuple(verdict.value for verdict in gate.VERIFIED)


class Tone(Enum):
    """How a result is to be taken."""

    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"

    @property
    def markup(self) -> tuple[str, ...]:
        """How a terminal shows it; see `terminal.Line`."""
        return {Tone.GOOD: ("green", "bold"), Tone.BAD: ("red", "bold"), Tone.UNSURE: ("yellow", "bold")}[
            self
        ]


def closing_verdicts(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the verdicts that close the gate of a run with these options."""
    closing = gate.Strictness[gate_of(options).upper()].value
    return tuple(verdict.value for verdict in Verdict if verdict in closing)


def gate_of(options: Mapping[str, Any]) -> str:
    """Return what `--gate` was in a run with these options; the default for a word that is not known."""
    named = {strictness.name.lower() for strictness in gate.Strictness}
    given = options.get("gate")
    return given if given in named else gate.DEFAULT_STRICTNESS.name.lower()


def severity(finding: FindingLine) -> tuple[int, bool]:
    """Return a key that sorts findings by how bad they are, the worst first; a crash is worse than a FAIL."""
    verdict = finding["verdict"]
    place = BY_SEVERITY.index(verdict) if verdict in BY_SEVERITY else len(BY_SEVERITY)
    return place, finding["crash"] is None


def short_verdict(verdict: str) -> str:
    """Return a verdict as a narrow column has it."""
    return "N/A" if verdict == NOT_APPLICABLE else verdict
