"""The summary of a run as Markdown is short and says what matters; hostile text adds nothing to it."""

from collections.abc import Callable
from typing import Any

from conformance.record import Run
from reports.run.markdown import MOST_FAILURES, MOST_REASONS, render
from tests.reports.reading import Markdown
from tests.reports.run.test_known_failures import baseline

MakeRun = Callable[..., Run]
Make = Callable[..., Any]


def test_the_summary_of_a_failed_run(run: MakeRun, finding: Make) -> None:
    found = [finding("a.x", "FAIL"), finding("a.y"), finding("a.z", "NOT APPLICABLE")]
    assert render(run(*found, changes={"note": "It was slow."})) == (
        "### wirecheck: Not conforming: 1 requirement broken in 1 of 2 verified scenarios.\n"
        "\n"
        "It was slow.\n"
        "\n"
        "| target | URL | Server | PASS | FAIL | NOT APPLICABLE |\n"
        "| :-- | :-- | :-- | --: | --: | --: |\n"
        "| plain | `http://127.0.0.1:8888/` | `example/1.0` | 1 | 1 | 1 |\n"
        "\n"
        "- **FAIL** `a.x`: Transfer-Encoding and Content-Length in one request\n"
        "  - [RFC 9112, 6.1](https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1), MUST: "
        "Close the connection after a request with both Transfer-Encoding and Content-Length\n"
        "  - expected: answers 400 and closes the connection\n"
        "  - observed: answers 200 and keeps the connection open\n"
        "\n"
        "- 1 not applicable: the witness is not mounted\n"
    )


def test_failures_that_differ_only_in_what_was_sent_are_one(
    run: MakeRun, finding: Make, target: Make
) -> None:
    found = [
        finding("a.x", "ERROR", target="tls", reason="It was refused."),
        finding("a.x", "FAIL"),
        finding("a.y", "FAIL", observed="answers 500"),
        finding("a.z", "FAIL"),
    ]
    text = render(run(*found, targets=[target(), target(name="tls")]))
    assert "- **FAIL** `a.x`, `a.z` on plain\n" in text
    assert "- **FAIL** `a.y` on plain: Transfer-Encoding" in text
    assert "- **ERROR** `a.x` on tls: " in text
    assert text.index("**ERROR**") > text.index("**FAIL** `a.y`")
    assert "  - observed: It was refused.\n" in text


def test_what_a_baseline_excuses_is_not_a_failure_and_what_is_wrong_with_it_is_shown(
    run: MakeRun, finding: Make, target: Make
) -> None:
    found = [finding("a.x", "FAIL"), finding("a.x", "FAIL", target="tls"), finding("a.y", "FAIL")]
    changes = {
        "baseline": baseline("a.x", reason="since 2019", sentences=["b.z is listed, but does not exist."])
    }
    text = render(run(*found, targets=[target(), target(name="tls")], changes=changes))
    assert "**FAIL** `a.x`" not in text
    assert "**FAIL** `a.y`" in text
    assert text.count("- known: `a.x`: since 2019\n") == 1
    assert "- b.z is listed" not in text
    assert "- `b.z is listed, but does not exist.`\n" in text


def test_what_closes_the_gate_is_a_failure(run: MakeRun, finding: Make) -> None:
    assert "**WARN** `a.x`" in render(run(finding("a.x", "WARN"), options={"gate": "should"}))


def test_many_failures_are_capped(run: MakeRun, finding: Make) -> None:
    text = render(run(*(finding(f"a.n{number}", "FAIL") for number in range(MOST_FAILURES + 3))))
    assert text.count("`a.n") == MOST_FAILURES
    assert "… and 3 more; see the report." in text


def test_what_was_not_run_is_named(run: MakeRun, finding: Make) -> None:
    plan = [f"plain/a.n{number}" for number in range(MOST_REASONS + 2)]
    text = render(run(finding("a.n0"), plan=plan, planned=len(plan), footer=False))
    assert text.startswith("### wirecheck: The run was cut off: 1 of 7 scenarios were judged.\n")
    assert "Not run: `plain/a.n1`, " in text
    assert "`plain/a.n5` and 1 more." in text


def test_reasons_are_counted_and_capped(run: MakeRun, finding: Make) -> None:
    absent = [finding(f"a.n{n}", "NOT APPLICABLE", reason=f"reason {n // 2}") for n in range(14)]
    text = render(run(*absent))
    assert "- 2 not applicable: reason 0\n" in text
    assert "- and 2 other reasons; see the report\n" in text


def test_hostile_text_adds_nothing_to_the_structure(
    run: MakeRun, finding: Make, *, clause: Make, target: Make, hostile: str
) -> None:
    def read(word: str) -> Markdown:
        words = dict.fromkeys(("title", "why", "expected", "observed", "reason", "target"), word)
        text = dict.fromkeys(("id", "source", "section", "text", "keyword", "link"), word)
        verdicts = ("FAIL", "ERROR", "NOT APPLICABLE", "PASS")
        made = run(
            *(
                finding(f"a.{verdict}{word}", verdict, clauses=[clause(**text)], **words)
                for verdict in verdicts
            ),
            targets=[target(name=word, url=word, server=word)],
            plan=[f"{word}/{word}"],
            changes={"note": word},
        )
        assert all(line.isprintable() for line in render(made).splitlines())
        return Markdown(render(made))

    assert read(hostile).tokens == read("a*word").tokens
    assert read(hostile).links == []
