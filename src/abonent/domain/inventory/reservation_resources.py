"""Pools of numbers, SIM cards and ports, and reservations of what is in them (own API, after TMF685's model).

What a pool hands out is a TMF639 resource that is `partOf` the pool: available, reserved, installed, or in quarantine
(standby, with validFor.startDateTime as the moment from which it may be given to somebody else).
"""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary
from abonent.kit.states import machine

_BASE = "/abonent-api/inventory/v1"
_SHAPES = """
# characteristic: under what name the value goes to the network and stands at the product (phoneNumber, iccid);
# reservationMinutes: how long it is kept for somebody who has not ordered yet; quarantineDays: before another client
# may have it.
ResourcePool: id= href= name! description category! characteristic reservationMinutes:integer
    quarantineDays:integer @*
# reservedBy: the account; externalId: of whoever reserves (a draft): he holds one of a pool at a time. productOrder and
# orderItem: the order that took it over; then it has no end of its own.
ResourceReservation: id= href= externalId reservedBy= reservationState^:ReservationStateType
    resourcePool!:PoolRef resource:ReservedRef productOrder=:OrderRef orderItem= reservationDate=:date-time
    validFor=:TimePeriod @*
PoolRef: id! href name @* @referredType
ReservedRef: id href name value @* @referredType
OrderRef: id! href name @* @referredType
ReservationStateType: reserved | ordered | completed | cancelled | expired
"""
_OWN = Vocabulary(SHAPES, _SHAPES)

RESERVATION_STATE = machine(
    "reservationState",
    initial="reserved ordered",
    reserved="ordered cancelled expired",
    ordered="completed cancelled",
    completed="",
    cancelled="",
    expired="",
)
RESOURCE_POOL = Resource(
    "resourcePool",
    _OWN["ResourcePool"],
    "RP",
    _BASE,
    indexes=(Index("category"),),
    permissions=Permissions(read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})),
)
RESOURCE_RESERVATION = Resource(
    "resourceReservation",
    _OWN["ResourceReservation"],
    "RV",
    _BASE,
    indexes=(
        Index("reservationState"),
        Index("externalId"),
        Index("productOrder.id"),
        Index("resource.id"),
    ),
    states=RESERVATION_STATE,
    operations=frozenset({"list", "get", "create", "patch"}),
)

RESOURCES = (RESOURCE_POOL, RESOURCE_RESERVATION)
