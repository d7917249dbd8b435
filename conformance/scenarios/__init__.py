"""The corpus: one module a topic, and the explicit list of them.

To add a scenario, open the module of its topic and add a value to its tuple; CONTRIBUTING.md shows how. That
ids are unique and controls exist is checked here, when the corpus is imported.
"""

from collections import Counter

from conformance.judging.model import Scenario
from conformance.scenarios import (
    basics,
    beside,
    chunked,
    content_length,
    documented_bodies,
    documented_forms,
    documented_keep_alive,
    documented_lines,
    documented_tls,
    expect,
    fields,
    forms,
    fragmentation,
    framing,
    host,
    http10,
    limits,
    methods,
    multipart,
    persistence,
    pipelining,
    request_line,
    tls,
    unread,
    upgrade,
)

TOPICS = (
    basics,
    methods,
    persistence,
    pipelining,
    fragmentation,
    beside,
    unread,
    http10,
    request_line,
    host,
    fields,
    limits,
    content_length,
    chunked,
    framing,
    expect,
    upgrade,
    forms,
    multipart,
    tls,
    documented_lines,
    documented_keep_alive,
    documented_bodies,
    documented_forms,
    documented_tls,
)

SCENARIOS: tuple[Scenario, ...] = tuple(scenario for topic in TOPICS for scenario in topic.SCENARIOS)

CORPUS = {scenario.id: scenario for scenario in SCENARIOS}


def _check() -> None:
    for scenario_id, count in Counter(scenario.id for scenario in SCENARIOS).items():
        if count > 1:
            raise ValueError(f"{scenario_id}: {count} scenarios have this id")
    for scenario in SCENARIOS:
        if scenario.control is None:
            continue
        control = CORPUS.get(scenario.control)
        if control is None:
            raise ValueError(f"{scenario.id}: its control {scenario.control} does not exist")
        if control.profile != scenario.profile:
            raise ValueError(f"{scenario.id}: its control {scenario.control} is of another profile")


_check()
