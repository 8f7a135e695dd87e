"""Addresses for clients without an account: each carries a signature, so that it cannot be guessed and says of what it
is."""

from itsdangerous import BadSignature, URLSafeSerializer

from abonent.kit.errors import N_, NotFound

QUOTES = "/q"
NO_OFFER = N_("There is no offer at this address. Copy the whole address out of the message.")
ORDERS = "/f"
NO_ORDER = N_("There is no order at this address. Copy the whole address out of the message.")


class SignedLinks:
    """Addresses of one kind. `base` is the start of the site's public address; empty while none is known.

    salt   keeps an address of one kind from being one of another
    start  the path all of them begin with
    none   what is said of an address that was not handed out here
    """

    def __init__(self, secret: str, base: str, *, salt: str, start: str, none: str) -> None:
        self._signer = URLSafeSerializer(secret, salt=salt)
        self._start, self._none = start, none
        self.base = base

    def address(self, id: str) -> str:
        """Where a client finds this; empty where the site has no address for clients."""
        return self.base + self.path(id) if self.base else ""

    def path(self, id: str) -> str:
        """The same as a path of this site."""
        return f"{self._start}/{self._signer.dumps(id)}"

    def id_of(self, token: str) -> str:
        """What an address is of. NotFound for one that was not handed out here."""
        try:
            return str(self._signer.loads(token))
        except BadSignature as forged:
            raise NotFound("noSuchAddress", self._none) from forged

    async def close(self) -> None:
        """Nothing is held open."""


class SignedQuotes(SignedLinks):
    """The domain's port QuoteLinks: where a client answers a quote."""

    def __init__(self, secret: str, base: str = "") -> None:
        super().__init__(secret, base, salt="quote", start=QUOTES, none=NO_OFFER)


class SignedOrders(SignedLinks):
    """The domain's port OrderLinks: where a client follows an order."""

    def __init__(self, secret: str, base: str = "") -> None:
        super().__init__(secret, base, salt="order", start=ORDERS, none=NO_ORDER)
