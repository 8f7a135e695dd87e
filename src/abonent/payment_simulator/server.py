"""Serving the provider for good."""

import os

from abonent.payment_simulator.app import Behaviour, create_provider
from abonent.simulator_http import serve

DEFAULT_PORT = 9690


def run(host: str = "127.0.0.1", port: int = DEFAULT_PORT, behaviour: Behaviour | None = None) -> None:
    """Serve a provider until SIGINT or SIGTERM. ABONENT_PAYMENT_SECRET signs its reports. It has no accounts: keep it
    on a private address."""
    secret = os.environ.get("ABONENT_PAYMENT_SECRET") or "simulated"
    serve(create_provider(secret, behaviour), host, port)
