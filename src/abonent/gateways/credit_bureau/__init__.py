"""The credit bureau over HTTP, as a client."""

from abonent.gateways.credit_bureau.client import HttpCreditBureau

__all__ = ["HttpCreditBureau"]
