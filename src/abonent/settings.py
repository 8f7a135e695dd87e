"""What a process is told by its command line and environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process is told by its command line and environment.

    database_url   DATABASE_URL; None: the embedded PostgreSQL in `data`
    public_url     ABONENT_PUBLIC_URL: start of hrefs and of the address the network reports to
    network_url    ABONENT_NETWORK_URL: base of the TMF641 and TMF653 systems; None: none is connected
    network_token  ABONENT_NETWORK_TOKEN: bearer token for them
    secret         ABONENT_SECRET: signs tokens and cookies; None: a key kept in `data`
    smtp_url       ABONENT_SMTP_URL: the mail server, smtp://user:password@host:587; None: no mail is sent
    mail_from      ABONENT_MAIL_FROM: who sends, as in: Abonent <service@example.org>
    sms_url        ABONENT_SMS_URL: where SMS are posted (gateways/sms_http); None: none are sent
    sms_token      ABONENT_SMS_TOKEN: bearer token for it
    sms_from       ABONENT_SMS_FROM: the sender's name or number
    mailbox_url    ABONENT_MAILBOX_URL: a message simulator whose mailbox the console shows
    bureau_url     ABONENT_BUREAU_URL: a credit bureau (gateways/credit_bureau); None: none is asked
    bureau_token   ABONENT_BUREAU_TOKEN: bearer token for it
    payment_url    ABONENT_PAYMENT_URL: a payment provider (gateways/payment); None: money is noted by hand
    payment_token  ABONENT_PAYMENT_TOKEN: bearer token for it
    payment_secret ABONENT_PAYMENT_SECRET: signs its reports
    porting_url    ABONENT_PORTING_URL: a clearing house of number portability (gateways/porting); None: no number comes
    porting_token  ABONENT_PORTING_TOKEN: bearer token for it
    porting_secret ABONENT_PORTING_SECRET: signs its reports
    hub_allow      ABONENT_HUB_ALLOW: addresses that are not public and may be told of events all the same: `private`
                   for all of them, or names, addresses and networks between commas
    """

    data: Path
    database_url: str | None = None
    public_url: str | None = None
    network_url: str | None = None
    network_token: str | None = None
    secret: str | None = None
    smtp_url: str | None = None
    mail_from: str | None = None
    sms_url: str | None = None
    sms_token: str | None = None
    sms_from: str | None = None
    mailbox_url: str | None = None
    bureau_url: str | None = None
    bureau_token: str | None = None
    payment_url: str | None = None
    payment_token: str | None = None
    payment_secret: str | None = None
    porting_url: str | None = None
    porting_token: str | None = None
    porting_secret: str | None = None
    hub_allow: str | None = None
    pool_size: int = field(default=10)

    @classmethod
    def read(cls, data: Path, environment: Mapping[str, str] = os.environ) -> "Settings":
        return cls(
            data=data,
            database_url=environment.get("DATABASE_URL"),
            public_url=(environment.get("ABONENT_PUBLIC_URL") or "").rstrip("/") or None,
            network_url=(environment.get("ABONENT_NETWORK_URL") or "").rstrip("/") or None,
            network_token=environment.get("ABONENT_NETWORK_TOKEN"),
            secret=environment.get("ABONENT_SECRET"),
            smtp_url=environment.get("ABONENT_SMTP_URL") or None,
            mail_from=environment.get("ABONENT_MAIL_FROM") or None,
            sms_url=(environment.get("ABONENT_SMS_URL") or "").rstrip("/") or None,
            sms_token=environment.get("ABONENT_SMS_TOKEN") or None,
            sms_from=environment.get("ABONENT_SMS_FROM") or None,
            mailbox_url=(environment.get("ABONENT_MAILBOX_URL") or "").rstrip("/") or None,
            bureau_url=(environment.get("ABONENT_BUREAU_URL") or "").rstrip("/") or None,
            bureau_token=environment.get("ABONENT_BUREAU_TOKEN") or None,
            payment_url=(environment.get("ABONENT_PAYMENT_URL") or "").rstrip("/") or None,
            payment_token=environment.get("ABONENT_PAYMENT_TOKEN") or None,
            payment_secret=environment.get("ABONENT_PAYMENT_SECRET") or None,
            porting_url=(environment.get("ABONENT_PORTING_URL") or "").rstrip("/") or None,
            porting_token=environment.get("ABONENT_PORTING_TOKEN") or None,
            porting_secret=environment.get("ABONENT_PORTING_SECRET") or None,
            hub_allow=environment.get("ABONENT_HUB_ALLOW") or None,
            pool_size=int(environment.get("ABONENT_POOL_SIZE", "10")),
        )
