"""What the catalogue needs of its surroundings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteAddress:
    """The start of every address of this site as others know it; empty where none is set."""

    base: str = ""

    async def close(self) -> None:
        """Nothing is held open; gateways are closed alike."""
