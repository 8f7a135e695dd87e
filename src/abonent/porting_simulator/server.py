"""Serving the clearing house for good."""

import os

from abonent.porting_simulator.app import Behaviour, create_clearing_house
from abonent.simulator_http import serve

DEFAULT_PORT = 9695


def run(host: str = "127.0.0.1", port: int = DEFAULT_PORT, behaviour: Behaviour | None = None) -> None:
    """Serve a clearing house until SIGINT or SIGTERM. ABONENT_PORTING_SECRET signs its reports. It has no accounts:
    keep it on a private address."""
    secret = os.environ.get("ABONENT_PORTING_SECRET") or "simulated"
    serve(create_clearing_house(secret, behaviour), host, port)
