"""A clearing house of number portability for demonstrations and tests: a program of its own over HTTP.

Some numbers are refused; reports come late, twice or out of order on request. It imports nothing of abonent.
"""

from abonent.porting_simulator.app import Behaviour, create_clearing_house
from abonent.porting_simulator.server import DEFAULT_PORT, run

__all__ = ["DEFAULT_PORT", "Behaviour", "create_clearing_house", "run"]
