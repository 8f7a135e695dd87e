"""Mail over SMTP, as a client."""

from abonent.gateways.mail_smtp.client import SmtpMail

__all__ = ["SmtpMail"]
