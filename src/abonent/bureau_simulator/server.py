"""Serving the bureau for good."""

import uvicorn

from abonent.bureau_simulator.app import Behaviour, create_bureau

DEFAULT_PORT = 9670


def run(host: str = "127.0.0.1", port: int = DEFAULT_PORT, behaviour: Behaviour | None = None) -> None:
    """Serve a bureau until SIGINT or SIGTERM. It has no accounts: keep it on a private address."""
    uvicorn.run(
        create_bureau(behaviour),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
        server_header=False,
    )
