"""A credit bureau for demonstrations and tests: a program of its own over HTTP.

It answers by rules that can be changed while it runs, is slow or down on request, and keeps what it was asked. It
imports nothing of abonent.
"""

from abonent.bureau_simulator.app import Behaviour, Rule, create_bureau
from abonent.bureau_simulator.server import DEFAULT_PORT, run

__all__ = ["DEFAULT_PORT", "Behaviour", "Rule", "create_bureau", "run"]
