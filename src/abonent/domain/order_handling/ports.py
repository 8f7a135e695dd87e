"""The outside world of order handling, as order handling sees it.

`ServiceActivation` is the system that executes service orders in the network (TMF641), `PaymentProvider` takes the
clients' deposits. Gateways implement them, `abonent.main` hands an implementation in; nothing here reaches a network.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from abonent.kit.errors import Problem, Unavailable

FINAL_STATES = frozenset({"completed", "failed", "partial", "rejected", "cancelled"})
"""TMF641 service order states that nothing leaves."""


@dataclass(frozen=True, slots=True)
class ActivationReport:
    """What the activation system says of one service order at one moment.

    external_id  id of the service order on the other side; the argument of `look_up`
    state        TMF641 ServiceOrderStateType, one of the eleven v4 values
    key          the idempotency key the order was submitted under (TMF641 `externalId`); None when the
                 other side keeps none
    at           when the state was reached by the other side's clock, UTC; None when it does not say.
                 Reports can arrive late, twice and out of order: an older `at` never undoes a newer one,
                 and nothing undoes a final state
    message      why it failed, was rejected or is held; None when there is nothing to tell
    services     TMF641 service documents of the items that were executed. Each carries its `id`,
                 `serviceCharacteristic` (ONT serial, VLAN, IP address, phone number, ...) and
                 `serviceOrderItem` [{itemId, itemAction, serviceOrderId}], which names the order item it
                 came from. Empty before the order is executed
    """

    external_id: str
    state: str
    key: str | None = None
    at: datetime | None = None
    message: str | None = None
    services: tuple[dict[str, Any], ...] = ()

    @property
    def is_final(self) -> bool:
        """True when the order will not change any more, well or badly."""
        return self.state in FINAL_STATES

    @property
    def is_success(self) -> bool:
        """True when every item of the order was executed."""
        return self.state == "completed"


class ActivationFailed(Problem):
    """422: the network refused this order for good; sending the same again gives the same answer.

    Facts: key (or external_id), reason (the other side's words), status (its HTTP status).
    """

    status = 422


class ActivationUnknown(ActivationFailed):
    """The activation system has no such order: it lost its memory, or the id is not one of its own.

    Submitting the same service order again under the same key is safe and is the way to mend it.
    """


class ActivationUnavailable(Unavailable):
    """503: not reached, timed out, overloaded or unreadable; whether the order arrived is not known.

    Submit again later with the same key and the same body: it is executed once at most.
    Facts: reason, retry_after (seconds the other side asked to wait, or None).
    """


class ServiceActivation(Protocol):
    """Executes service orders in the network.

    Both methods raise ActivationFailed (permanent) or ActivationUnavailable (try again).
    """

    async def submit(self, service_order: dict[str, Any], idempotency_key: str) -> ActivationReport:
        """Place a TMF641 service order (ServiceOrder_Create) and return its first state, without services.

        The same key with the same body returns the same order however often it is sent, also in parallel;
        it is executed once. The same key with another body is refused (ActivationFailed), so whatever
        varies between attempts (a time stamp, say) has no place in the body. `externalId` of the body is
        set to the key. Keys are printable ASCII.
        """
        ...

    async def look_up(self, external_id: str) -> ActivationReport:
        """What became of an order, for when its notification never came; ActivationUnknown if not there."""
        ...


class OrderLinks(Protocol):
    """Makes the signed address at which a client follows an order without an account."""

    def address(self, id: str) -> str:
        """Where the client of this order follows it; empty where the site has no address for clients."""
        ...

    async def close(self) -> None:
        """Nothing is held open; gateways are closed alike."""
        ...


@dataclass(frozen=True, slots=True)
class PaymentAsk:
    """What is to be paid. `key` names this payment and no other; `back` is where the client goes on after it, empty
    where there is no such page; `until`: when it may not be paid any more."""

    key: str
    amount: Decimal
    currency: str
    description: str
    language: str
    until: datetime
    back: str = ""


@dataclass(frozen=True, slots=True)
class PaymentLink:
    """A payment as the provider knows it, and the address at which the client pays it."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """What became of a payment: paid, failed (the client may try again), expired or cancelled. `reference` names the
    transfer of money; the same one twice is one."""

    key: str
    status: str
    reference: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentRefund:
    """Money to send back. `key` names this refund and no other; `reference` the transfer with which it came."""

    key: str
    reference: str
    amount: Decimal
    currency: str


class PaymentRefused(Problem):
    """422: the provider does not take this payment; asking again changes nothing."""

    status = 422


class PaymentAway(Unavailable):
    """503: no answer; whether the payment exists is not known. Ask again with the same key: it is made once."""


class PaymentProvider(Protocol):
    """Takes money from clients and sends it back. Every method raises PaymentRefused or PaymentAway."""

    async def create(self, ask: PaymentAsk) -> PaymentLink:
        """Make a payment and say where it is paid. The same key returns the same payment however often it is sent."""
        ...

    async def cancel(self, id: str) -> None:
        """Have a payment taken back that was not paid; one that is over stays as it is."""
        ...

    async def refund(self, ask: PaymentRefund) -> str:
        """Send money back; the provider's number of the refund. The same key sends it once however often it is asked;
        PaymentAway while it is on its way."""
        ...


@dataclass(frozen=True, slots=True)
class PortingAsk:
    """A number that is to come to us. `key` names this request and no other.

    owner      in whose name the contract with the donor is; documents: (type, number) of his papers, as far as known
    business   a business; its term is longer
    asked      when the client asked; latest: until when the number has to be here; wanted: not before this
    """

    key: str
    number: str
    owner: str
    business: bool
    asked: datetime
    latest: datetime
    donor: str = ""
    documents: tuple[tuple[str, str], ...] = ()
    wanted: datetime | None = None


@dataclass(frozen=True, slots=True)
class PortingReport:
    """What the clearing house says of a request at one moment.

    status  received | accepted | refused | ported | withdrawn | returned
    at      when that was so, by the other side's clock. Reports come late, twice and out of order
    window  from when to when the number moves, once the donor agreed
    code    why the donor refused: debt, dataMismatch, numberBlocked, portingUnderWay, notPortable or his own; text: his
            words
    """

    key: str
    status: str
    at: datetime | None = None
    window: tuple[datetime, datetime] | None = None
    code: str = ""
    text: str = ""
    donor: str = ""
    external_id: str = ""


class PortingRefused(Problem):
    """422: the clearing house does not take this request; sending it again changes nothing. Facts: reason."""

    status = 422


class PortingUnknown(PortingRefused):
    """The clearing house has no such request."""


class PortingAway(Unavailable):
    """503: no answer; whether the request arrived is not known. Send it again with the same key: it is made once."""


class NumberPortability(Protocol):
    """The clearing house of number portability. All methods raise PortingRefused or PortingAway; those about a request
    that was made, PortingUnknown."""

    async def ask(self, ask: PortingAsk) -> PortingReport:
        """Request a number. The same key returns the same request, as it stands, however often it is sent."""
        ...

    async def look_up(self, key: str, now: datetime) -> PortingReport:
        """How a request stands, for when its report never came. `now`: the time by our clock."""
        ...

    async def withdraw(self, key: str) -> PortingReport:
        """Take a request back. One that is over stays as it is: the report says how."""
        ...

    async def give_back(self, key: str) -> PortingReport:
        """Return a number that came to its donor."""
        ...
