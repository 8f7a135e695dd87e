"""SMS through a gateway over HTTP, as a client."""

from abonent.gateways.sms_http.client import EVENT, HttpSms, parse_report

__all__ = ["EVENT", "HttpSms", "parse_report"]
