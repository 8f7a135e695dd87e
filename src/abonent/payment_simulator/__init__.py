"""A payment provider for demonstrations and tests: a program of its own over HTTP, with a page on which one "pays".

It reports late or twice on request. It imports nothing of abonent.
"""

from abonent.payment_simulator.app import Behaviour, create_provider
from abonent.payment_simulator.server import DEFAULT_PORT, run

__all__ = ["DEFAULT_PORT", "Behaviour", "create_provider", "run"]
