"""Service tests in the network over TMF653, as a client."""

from abonent.gateways.service_test_http.client import BASE_PATH, HttpServiceTesting

__all__ = ["BASE_PATH", "HttpServiceTesting"]
