"""The address at which a client reads a quote and answers it without an account: it carries a signature, so that it
cannot be guessed and says of which quote it is."""

from itsdangerous import BadSignature, URLSafeSerializer

from abonent.kit.errors import N_, NotFound

QUOTES = "/q"
NO_OFFER = N_("There is no offer at this address. Copy the whole address out of the message.")


class SignedQuotes:
    """The domain's port QuoteLinks. `base` is the start of the site's public address; empty while none is known."""

    def __init__(self, secret: str, base: str = "") -> None:
        self._signer = URLSafeSerializer(secret, salt="quote")
        self.base = base

    def address(self, quote: str) -> str:
        """Where the client of this quote answers it; empty where the site has no address for clients."""
        return self.base + self.path(quote) if self.base else ""

    def path(self, quote: str) -> str:
        """The same as a path of this site."""
        return f"{QUOTES}/{self._signer.dumps(quote)}"

    def quote_of(self, token: str) -> str:
        """The quote an address is of. NotFound for one that was not handed out here."""
        try:
            return str(self._signer.loads(token))
        except BadSignature as forged:
            raise NotFound("noSuchOffer", NO_OFFER) from forged

    async def close(self) -> None:
        """Nothing is held open."""
