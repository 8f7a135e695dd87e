"""The demo's mailbox: what arrived at the message simulator, asked over HTTP."""

from abonent.gateways.mailbox_http.client import HttpMailbox

__all__ = ["HttpMailbox"]
