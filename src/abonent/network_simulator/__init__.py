"""A network to activate services in, for demonstrations and tests: a program of its own over HTTP.

It speaks TMF641 v4 (service orders, hub, notifications) and TMF653 v4 (service tests), keeps everything in
memory, misbehaves on request and by seed, and keeps a ledger of what it really executed. It imports nothing
of abonent: what it knows of the other side, it learns over HTTP.
"""

from abonent.network_simulator.app import create_simulator
from abonent.network_simulator.behaviour import Behaviour
from abonent.network_simulator.server import DEFAULT_PORT, run, serving

__all__ = ["DEFAULT_PORT", "Behaviour", "create_simulator", "run", "serving"]
