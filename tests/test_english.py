"""All that people read of the product is held against the worst habits of its English.

A sentence that this test refuses is better written anew than excused. A phrase that is right where it stands
goes into RIGHT, with its reason.
"""

import pytest

from tests.english import (
    HABITS,
    Sentence,
    habits_of,
    in_markdown,
    in_python,
    in_script,
    in_template,
    sentences,
    without_ids,
)

# Phrases that are good English, as patterns, each with its reason.
RIGHT = {
    r"\bbehind (?:a |the |its )?(?:reverse )?(?:prox(?:y|ies)|gateways?|load balancers?|caches?|CDN)\b": (
        "the place of a server in a network"
    ),
    r"\bin front of or behind them\b": "the place of a server in a network",
    r"The target died of it: it ": "what wirecheck 0.1 wrote into its records",
}

# One of each kind of file in which people read something.
KINDS = (
    "README.md",
    "action.yml",
    "clients/steps.py",
    "conformance/clauses/uncovered.csv",
    "conformance/command/options.py",
    "conformance/judging/outcomes.py",
    "conformance/record.schema.json",
    "conformance/scenarios/host.py",
    "docs/ci.md",
    "docs/mutants.md",
    "reference_server/__main__.py",
    "reports/templates/report.html",
    "reports/templates/report.js",
    "tox.ini",
)


@pytest.fixture(scope="module")
def everything() -> tuple[Sentence, ...]:
    return tuple(sentences())


def test_no_sentence_has_a_bad_habit(everything: tuple[Sentence, ...]) -> None:
    offenders = [
        f"{sentence}\n    {habit.name}: better {habit.advice}"
        for sentence in everything
        for habit in habits_of(sentence.text, RIGHT)
    ]
    assert not offenders, f"{len(offenders)} sentences:\n" + "\n".join(offenders)


def test_sentences_are_found_in_each_kind_of_file(everything: tuple[Sentence, ...]) -> None:
    assert {sentence.path for sentence in everything} >= set(KINDS)


def test_every_phrase_that_is_excused_is_in_use(everything: tuple[Sentence, ...]) -> None:
    in_use = {
        phrase
        for phrase in RIGHT
        for sentence in everything
        if habits_of(sentence.text) != habits_of(sentence.text, [phrase])
    }
    assert in_use == set(RIGHT)


BAD = {
    "who without an antecedent": (
        "Who sends two hosts is out to find a reader that does not know.",
        "It is a MUST; who leaves it out does not speak HTTP/1.1.",
        "who processes such a URI has to reject it",
        "It is answered, and who runs it may list it.",
        "Whoever connects asks for no name.",
        "It is read by whoever shows it.",
    ),
    "a predicate of no": (
        "'x' is no term",
        "sent what is no HTTP response",
        "It was none.",
        "Two of them are no servers.",
    ),
    "behind": (
        "the bytes behind the first head",
        "A GET behind a POST",
        "what stands behind --",
        "the bytes that are left over behind the body",
    ),
    "so many": ("open at most so many connections at once", "It is noticed so much later.", "for so long"),
    "anyhow": ("No more are opened anyhow.",),
    "all the same": (
        "It is a decimal number all the same; it is read so.",
        "The GET is answered all the same",
    ),
    "mend": ("mend the server", "An application can mend it.", "It was mended."),
    "in the place of": ("In the place of the URL may also stand a command",),
    "of which": ("Ten, of which two fail.",),
    "of those": ("The first of those who wait.",),
    "to die of": ("the target died of it", "what it dies of"),
    "besides": ("1 fails, besides 1 that is known",),
    "to be met": ("how the server is met",),
    "to converse": ("Many who converse at once",),
    "of chance": ("cut at a few offsets of chance",),
    "plans of ours": (
        "authentication waits for a later issue",
        "as issue 13 has it",
        "the exit code (DESIGN 6)",
    ),
}

GOOD = (
    "A client that sends two Hosts is probing for a parser that picks the wrong one.",
    "The client who asked gets the answer.",
    "Who is it for?",
    "There is no response.",
    "What is None is ignored.",
    "where there are none",
    "The target is no longer there, and the other is no slower.",
    "It is not a valid term; it is not valid TOML.",
    "The server is behind a reverse proxy.",
    "Run it behind a gateway or behind a CDN.",
    "There are so many fields that the server refuses them.",
    "as long as it answers; as many as it takes",
    "Use one in place of the other, or instead of it.",
    "the amended rule, and the amendment",
    "The connection is closed beside the first.",
    "It converts the record; the conversation ends.",
    "The requirements are kept by chance.",
    "Report it in the issue tracker.",
    "They carry all the same fields, and are all the same.",
)


@pytest.mark.parametrize(
    ("name", "sentence"), [(name, text) for name, texts in BAD.items() for text in texts]
)
def test_a_bad_sentence_is_noticed(name: str, sentence: str) -> None:
    assert name in [habit.name for habit in habits_of(sentence, RIGHT)]


@pytest.mark.parametrize("sentence", GOOD)
def test_a_good_sentence_is_left_alone(sentence: str) -> None:
    assert habits_of(sentence, RIGHT) == ()


def test_every_habit_has_its_examples() -> None:
    assert list(BAD) == [habit.name for habit in HABITS]


def test_ids_are_nobodys_english() -> None:
    assert habits_of(without_ids("framing.hidden-behind-a-nul fails, and so do pipelining.*-behind-*.")) == ()


def test_strings_of_code_are_read_as_they_are_shown() -> None:
    source = '''"""A docstring behind which nothing stands."""
NAME = b"bytes are behind that"
raise BadUsage(f"{name!r} is no " "factor" + " at all; " f"use {'one that is larger' if wide else 'x'}")
'''
    assert list(in_python(source)) == [
        (3, "… is no factor at all; use …"),
        (3, "one that is larger"),
    ]


def test_a_template_is_read_as_it_is_shown() -> None:
    source = (
        "<style>p { a: b c d }</style>\n"
        '<p title="What it is for">All {{ n }} of\nthem <b>pass</b>.</p>{# not this #}'
    )
    shown = [(line, " ".join(text.split())) for line, text in in_template(source)]
    assert shown == [(2, "What it is for"), (2, "All … of them pass .")]


def test_a_script_is_read_without_its_comments() -> None:
    source = "// not this one here\nshow(`${n} of them fail`, 'key', \"and this one\")"
    assert list(in_script(source)) == [(2, "… of them fail"), (2, "and this one")]


def test_a_page_is_read_without_its_code() -> None:
    page = """# A heading

Text with `code in it` and
[a link](where/it/leads.md).

    an indented example of code

- an item
  that goes on
- DOC-LEN-3 [seen] the text of a clause

```sh
a fenced example of code
```

| head | of a table |
| --- | --- |
| one `cell` | two |
"""
    assert [(line, " ".join(text.split())) for line, text in in_markdown(page)] == [
        (1, "A heading"),
        (3, "Text with … and a link."),
        (8, "an item that goes on"),
        (16, "head"),
        (16, "of a table"),
        (18, "one …"),
        (18, "two"),
    ]
