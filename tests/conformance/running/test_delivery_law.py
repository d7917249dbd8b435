"""The law of delivery: wherever a valid request is cut, the answers and what the witness saw are the same.

The valid requests are the well-formed twins that the corpus itself names as controls; the server is the
embedded one, in clear and over TLS. When the law is broken, hypothesis prints the scenario, the fewest
offsets that break it, and the line that draws them again.
"""

from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.conversation import Patience
from clients.delivery import Delivery, by_byte, cut_at, whole
from clients.driver import play
from conformance.judging.model import Need, Scenario
from conformance.judging.observation import observe
from conformance.running.pairs import converse
from conformance.scenarios import CORPUS, SCENARIOS
from conformance.targets.embedded import embedded_targets
from conformance.targets.target import Target

# No answer is waited for that does not come, so that a busy machine needs time only.
UNHURRIED = Patience(quiet=0.25, silence=60, whole=120)

Answers = list[tuple[int, bytes]]

# What a twin may need that every target of the embedded server has.
_USUAL = {Need.WITNESS, Need.FORMS}

TWINS = sorted({scenario.control for scenario in SCENARIOS if scenario.control})

_OFFSETS = st.sets(st.integers(1, 300), min_size=1, max_size=8)


def answers(target: Target, scenario: Scenario, delivery: Delivery) -> Answers:
    """Status and content of each answer; the content of most is the echo of what the witness saw."""
    transcript = play(target.endpoint, converse(target, scenario, delivery), UNHURRIED)
    return [
        (answer.status, answer.content) for answer in observe(transcript, filled=target.placeholders).answers
    ]


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Target, Target]]:
    log = tmp_path_factory.mktemp("delivery") / "reference_server.log"
    with embedded_targets(log, ("http11",)) as (plain, secured, _):
        yield plain, secured


class Whole:
    """What the valid twins are answered when they are sent whole, by their ids."""

    def __init__(self, target: Target) -> None:
        self.target = target
        twins = [CORPUS[name] for name in TWINS]
        said = {
            twin.id: answers(target, twin, whole)
            for twin in twins
            if twin.profile == target.profile and twin.all_needs <= _USUAL
        }
        self.answers = {name: replies for name, replies in said.items() if is_success(replies)}


def is_success(replies: Answers) -> bool:
    return bool(replies) and all(status < 400 for status, _ in replies)


@pytest.fixture(scope="module", params=[0, 1], ids=["plain", "TLS"])
def valid(request: pytest.FixtureRequest, targets: tuple[Target, Target]) -> Whole:
    return Whole(targets[request.param])


def test_the_law_is_about_most_of_the_corpus(valid: Whole) -> None:
    controlled = [scenario for scenario in SCENARIOS if scenario.profile == "http11" and scenario.control]
    covered = [scenario for scenario in controlled if scenario.control in valid.answers]
    assert len(covered) > len(controlled) * 0.8
    contents = [content for replies in valid.answers.values() for _, content in replies]
    assert sum(b'"witness"' in content for content in contents) > len(contents) / 2


@settings(max_examples=50, deadline=None, print_blob=True)
@given(data=st.data(), offsets=_OFFSETS)
def test_any_cut_gives_the_same_answers_and_the_same_witness(
    data: st.DataObject, offsets: set[int], valid: Whole
) -> None:
    name = data.draw(st.sampled_from(sorted(valid.answers)), label="scenario")
    cut = partial(cut_at, offsets=offsets)
    assert answers(valid.target, CORPUS[name], cut) == valid.answers[name]


def test_byte_by_byte_the_answers_and_the_witness_are_the_same(valid: Whole) -> None:
    said = {name: answers(valid.target, CORPUS[name], by_byte) for name in valid.answers}
    assert said == valid.answers
