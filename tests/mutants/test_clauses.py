"""What a mutant breaks, and the verdict that is due for it, follow from the checks that it names."""

from conformance.judging.model import Verdict
from reference_server.mutants import Mutant
from reference_server.parsing.http11 import HTTP11
from tests.mutants.clauses import broken_clause, due_verdict, proving_checks


def mutant(*noticed_by: str, clause: str = "", tolerated: bool = False) -> Mutant:
    return Mutant(HTTP11, noticed_by, clause=clause, tolerated=tolerated)


def test_it_breaks_the_clause_that_judges_the_strictest_of_its_checks() -> None:
    both = mutant("chunked.malformed-plus", "chunked.trailers")  # a SHOULD and a MUST NOT
    assert broken_clause(both).id == "RFC9112-7.1.2-3"
    assert due_verdict(both) is Verdict.FAIL


def test_of_several_as_strict_it_breaks_the_one_that_judges_most() -> None:
    many = mutant("host.refused-missing", "persistence.close", "persistence.close-option-*")
    assert broken_clause(many).id == "RFC9112-9.6-4"


def test_it_may_name_its_clause_itself() -> None:
    named = mutant("chunked.malformed-plus", "chunked.trailers", clause="RFC9112-2.2-10")
    assert broken_clause(named).id == "RFC9112-2.2-10"
    assert due_verdict(named) is Verdict.WARN
    assert proving_checks(named) == ["chunked.malformed-plus"]


def test_what_the_clause_leaves_open_is_noticed_as_information() -> None:
    assert due_verdict(mutant("basics.post-answered")) is Verdict.INFO


def test_what_is_tolerated_is_due_a_warning() -> None:
    assert due_verdict(mutant("request-line.target-of-100000", tolerated=True)) is Verdict.WARN
    assert due_verdict(mutant("request-line.target-of-100000")) is Verdict.FAIL
