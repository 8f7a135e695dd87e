"""Serving the bureau for good."""

from abonent.bureau_simulator.app import Behaviour, create_bureau
from abonent.simulator_http import serve

DEFAULT_PORT = 9670


def run(host: str = "127.0.0.1", port: int = DEFAULT_PORT, behaviour: Behaviour | None = None) -> None:
    """Serve a bureau until SIGINT or SIGTERM. It has no accounts: keep it on a private address."""
    serve(create_bureau(behaviour), host, port)
