"""Builds HTML documents of one file: offline, and nothing in them runs but their own script.

From a template, pieces of style and script, and data to text. Every value of a template goes through
`conformance.text.visible` and then through jinja2's escaping, both set in the environment so that no
expression can forget them. Data stands packed in blocks that a browser does not execute; the script unpacks
them. The content security policy names the style and the script by their hashes and forbids everything else.
What a document is about is not known here.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance.text import visible


def render_document(
    template: str, *, styles: Sequence[str], scripts: Sequence[str], data: Mapping[str, Any], **values: Any
) -> str:
    """Return the document that a template makes of the values.

    template: a file that extends document.html. styles, scripts: files of templates/, which are joined in
    this order. data: the value of each block of data by its id, fit for JSON; the script gets it with
    `unpack(id)`.
    """
    style, script = _joined(styles), _joined(scripts)
    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            style=style,
            script=script,
            policy=_policy(style, script),
            blocks={name: pack(value) for name, value in data.items()},
        )
    )


def pack(value: Any) -> str:
    """Return a value as JSON, deflated, in base64: small, and without a character that HTML interprets."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    return base64.b64encode(zlib.compress(text.encode())).decode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_made_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _made_visible(value: object) -> object:
    """Make text visible before it is escaped, unless the template made it or calls it safe."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _joined(names: Sequence[str]) -> str:
    return "".join(_source(name) for name in names)


def _source(name: str) -> str:
    environment = _environment()
    assert environment.loader  # noqa: S101  (for the type checker: the environment has one)
    source, _, _ = environment.loader.get_source(environment, name)
    return source


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
