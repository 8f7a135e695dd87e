"""Visits and who makes them: appointments and time slots (TMF646), work orders (TMF697), crews and their absences."""

from abonent.domain.workforce import shapes
from abonent.domain.workforce.states import (
    APPOINTMENT_STATUS,
    CANCEL_WORK_ORDER_STATE,
    SEARCH_STATUS,
    WORK_ORDER_STATE,
)
from abonent.kit.access import EVERYBODY, STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource

_APPOINTMENT_BASE = "/tmf-api/appointment/v4"
_OWN_BASE = "/abonent-api/workforce/v1"

# The crew that goes stands first among the related entities, so that its id has a column.
_BY_MANAGERS = Permissions(read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM}))
_CREW = Index("relatedEntity.0.id", name="crew")

APPOINTMENT = Resource(
    "appointment",
    shapes.APPOINTMENT["Appointment"],
    "AP",
    _APPOINTMENT_BASE,
    indexes=(Index("status"), Index("validFor.startDateTime", name="starts_at"), _CREW),
    owner=("relatedParty.id",),
    states=APPOINTMENT_STATUS,
    permissions=Permissions(read=EVERYBODY, write=EVERYBODY),
)
SEARCH_TIME_SLOT = Resource(
    "searchTimeSlot",
    shapes.APPOINTMENT["SearchTimeSlot"],
    "TS",
    _APPOINTMENT_BASE,
    indexes=(Index("status"),),
    owner=("relatedParty.id",),
    states=SEARCH_STATUS,
    permissions=Permissions(read=EVERYBODY, write=EVERYBODY),
)
WORK_ORDER = Resource(
    "workOrder",
    shapes.WORK_ORDER["WorkOrder"],
    "WO",
    "/tmf-api/workOrderManagement/v4",
    indexes=(
        Index("state"),
        Index("orderDate", newest_first=True),
        Index("externalId"),
        Index("expectedCompletionDate"),
        Index("appointment.id"),
        _CREW,
    ),
    states=WORK_ORDER_STATE,
)
CANCEL_WORK_ORDER = Resource(
    "cancelWorkOrder",
    shapes.OFFERED_WORK_ORDER["CancelWorkOrder"],
    "CWO",
    "/tmf-api/workOrderManagement/v4",
    indexes=(Index("state"), Index("workOrder.id")),
    states=CANCEL_WORK_ORDER_STATE,
    operations=frozenset({"list", "get", "create"}),
)
WORK_ORDER_ATTACHMENT = Resource(
    "workOrderAttachment",
    shapes.WORK_ORDER_ATTACHMENT["WorkOrderAttachment"],
    "WA",
    _OWN_BASE,
    # Whoever may read work orders may read their files, one at a time: a list would carry the content of all.
    operations=frozenset({"get"}),
    audited=False,
    searched=False,
)
CREW = Resource(
    "crew",
    shapes.CREW["Crew"],
    "CR",
    _OWN_BASE,
    indexes=(Index("name"),),
    permissions=_BY_MANAGERS,
)
CREW_ABSENCE = Resource(
    "crewAbsence",
    shapes.CREW["CrewAbsence"],
    "CA",
    _OWN_BASE,
    indexes=(Index("crew.id"), Index("validFor.endDateTime", name="ends_at")),
    permissions=_BY_MANAGERS,
)
CREW_DAY = Resource("crewDay", shapes.CREW["CrewDay"], "CD", audited=False, searched=False)

RESOURCES = (
    APPOINTMENT,
    SEARCH_TIME_SLOT,
    WORK_ORDER,
    CANCEL_WORK_ORDER,
    CREW,
    CREW_ABSENCE,
    CREW_DAY,
    WORK_ORDER_ATTACHMENT,
)
