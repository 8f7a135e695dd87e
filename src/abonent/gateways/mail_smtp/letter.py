"""A mail as it goes over the wire."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from abonent.domain.communication.ports import Mail
from abonent.gateways.mail_smtp.address import Sender

# Long lines are folded by quoted-printable and base64; headers by RFC 2047.
_POLICY = SMTP.clone(max_line_length=78, cte_type="7bit")


def message_id(key: str, sender: Sender) -> str:
    """The Message-ID of a message, the same each time it is sent."""
    left = "".join(c if c.isascii() and (c.isalnum() or c in "-_~.") else "_" for c in key)
    return f"<{left}@{sender.domain}>"


def letter(mail: Mail, sender: Sender) -> bytes:
    """The mail in bytes: plain text only, which every reader and every filter understands.

    Auto-Submitted (RFC 3834) keeps holiday answers away. Line breaks cannot get into a header. ValueError for an
    address that is none.
    """
    made = EmailMessage(_POLICY)
    made["From"] = Address(_line(sender.name), addr_spec=sender.address)
    made["To"] = Address(_line(mail.name), addr_spec=mail.to)
    made["Subject"] = _line(mail.subject)
    made["Date"] = format_datetime(mail.at)
    made["Message-ID"] = message_id(mail.key, sender)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text, charset="utf-8")
    # After the content, which clears all headers about it.
    made["Content-Language"] = mail.language
    return made.as_bytes()


def _line(text: str) -> str:
    return " ".join(text.split())
