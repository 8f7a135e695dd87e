"""The clearing house of number portability over HTTP, as a client."""

from abonent.gateways.porting.client import EVENT, HttpPortability

__all__ = ["EVENT", "HttpPortability"]
