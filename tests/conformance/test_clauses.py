"""The registry of clauses: whole, consistent, and helpful about what it does not have."""

import csv
from importlib import resources

import pytest

from conformance import clauses
from conformance.clauses import (
    DOC,
    RFC2046,
    RFC6066,
    RFC7301,
    RFC7578,
    RFC8446,
    RFC8996,
    RFC9110,
    RFC9112,
    RFC9931,
    URL,
    Level,
    Registry,
)

ALL = (RFC9110, RFC9112, RFC9931, RFC8446, RFC8996, RFC7301, RFC6066, RFC7578, RFC2046, URL, DOC)

REGISTRIES = [pytest.param(registry, id=registry.source.name) for registry in ALL]


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_row_of_the_table_is_a_clause_of_its_own(registry: Registry) -> None:
    table = resources.files(clauses).joinpath(registry.source.file).read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    assert len(registry) == len(rows) > 0


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_clause_has_a_level_and_words(registry: Registry) -> None:
    for clause in registry.values():
        assert isinstance(clause.level, Level)
        assert clause.text
        assert clause.section


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_section_has_a_title(registry: Registry) -> None:
    assert [clause.id for clause in registry.values() if not registry.sections.get(clause.section)] == []


@pytest.mark.parametrize("registry", [RFC9110, RFC9112], ids=["RFC 9110", "RFC 9112"])
def test_the_sections_are_whole_and_in_order(registry: Registry) -> None:
    numbers = [number for number in registry.sections if number[0].isdigit()]
    parts = [tuple(int(part) for part in number.split(".")) for number in numbers]
    assert parts == sorted(parts)
    for part in parts:
        assert part[-1] == 1 or (*part[:-1], part[-1] - 1) in parts, "no section is left out before it"
        assert len(part) == 1 or part[:-1] in parts, "the section that it is part of is there"


@pytest.mark.parametrize("registry", REGISTRIES)
def test_the_key_is_the_id_without_the_prefix(registry: Registry) -> None:
    for key, clause in registry.items():
        assert clause.id == registry.source.prefix + key
        assert clause.source is registry.source


@pytest.mark.parametrize("registry", REGISTRIES)
def test_the_profile_is_documented_for_the_documented_server_alone(registry: Registry) -> None:
    expected = "documented" if registry is DOC else "http11"
    assert {clause.profile for clause in registry.values()} == {expected}


def test_a_clause_that_does_not_exist_is_named_in_a_sentence() -> None:
    with pytest.raises(LookupError) as caught:
        RFC9112["6.1-999"]
    assert caught.value.args == ("RFC 9112 has no clause '6.1-999' in rfc9112.csv",)


@pytest.mark.parametrize(
    ("registry", "key", "link"),
    [
        pytest.param(
            RFC9112, "C.1-p1", "https://www.rfc-editor.org/rfc/rfc9112.html#appendix-C.1", id="an appendix"
        ),
        pytest.param(
            RFC9112, "6.1-13", "https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1", id="an RFC"
        ),
        pytest.param(
            RFC9110, "15.4.5-1", "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.4.5", id="deeper"
        ),
        pytest.param(
            URL, "5.1-p1", "https://url.spec.whatwg.org/#application/x-www-form-urlencoded", id="a standard"
        ),
        pytest.param(DOC, "SRV-1", "", id="a document that is not on the web"),
    ],
)
def test_the_link_leads_to_the_section(registry: Registry, key: str, link: str) -> None:
    assert registry[key].link == link


@pytest.mark.parametrize(
    ("keyword", "level"),
    [
        ("MUST", Level.MUST),
        ("MUST NOT", Level.MUST),
        ("DOC", Level.MUST),
        ("SEEN", Level.MUST),
        ("SHOULD", Level.SHOULD),
        ("SHOULD NOT", Level.SHOULD),
        ("RECOMMENDED", Level.SHOULD),
        ("PROSE", Level.SHOULD),
        ("MAY", Level.MAY),
        ("OPTIONAL", Level.MAY),
        ("BUG", Level.MAY),
    ],
)
def test_the_keyword_decides_the_level(keyword: str, level: Level) -> None:
    assert clauses.Clause("EX-1", RFC9112.source, "1", keyword, "words").level is level


@pytest.mark.parametrize("registry", REGISTRIES)
def test_a_clause_is_of_every_version_or_was_added_in_http11(registry: Registry) -> None:
    assert {clause.since for clause in registry.values()} <= {"", "1.1"}


def test_http11_added_host_and_chunks_and_not_the_length_of_the_content() -> None:
    assert [RFC9112[name].since for name in ("3.2-6", "6.1-1", "9.3-1", "6.3-5")] == ["1.1", "1.1", "1.1", ""]
