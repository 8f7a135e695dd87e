"""Activation of services in the network over TMF641, as a client."""

from abonent.gateways.activation.client import BASE_PATH, HttpServiceActivation, parse_notification

__all__ = ["BASE_PATH", "HttpServiceActivation", "parse_notification"]
