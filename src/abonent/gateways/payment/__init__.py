"""The payment provider over HTTP, as a client."""

from abonent.gateways.payment.client import EVENT, HttpPayments

__all__ = ["EVENT", "HttpPayments"]
