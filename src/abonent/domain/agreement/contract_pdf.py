"""The paper of a contract, set by typst with the fonts it carries, so that every machine makes the same file."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst


@cache
def _source() -> bytes:
    return (Path(__file__).parent / "contract.typ").read_bytes()


def pdf(printed: Mapping[str, Any]) -> bytes:
    """The PDF of what rules_contract.printed says; the same words make the same bytes. Takes tens of milliseconds."""
    data = {"data": json.dumps(printed, ensure_ascii=False)}
    made = typst.compile(_source(), format="pdf", sys_inputs=data, ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made
