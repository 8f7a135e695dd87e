"""What quotes need of the outside: the address at which a client answers one without an account."""

from typing import Protocol


class QuoteLinks(Protocol):
    """Makes the signed address of a quote's page."""

    def address(self, quote: str) -> str:
        """Where the client of this quote reads it and answers; empty where the site has no address for clients."""
        ...

    async def close(self) -> None:
        """Nothing is held open; gateways are closed alike."""
        ...
