"""Wire types of appointments, work orders and crews.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SERVICE_SHAPES, SHAPES
from abonent.kit.shapes import Vocabulary

# TMF646 Appointment Management.
APPOINTMENT = Vocabulary(
    SHAPES,
    """
Appointment: id= href= category creationDate=:date-time description externalId lastUpdate^:date-time
    attachment:AttachmentRefOrValue[] calendarEvent:CalendarEventRef contactMedium:ContactMedium[]
    note:Note[] relatedEntity:RelatedEntity[] relatedParty:RelatedParty[]
    relatedPlace:RelatedPlaceRefOrValue status^:AppointmentStateType validFor!:TimePeriod @*
SearchTimeSlot: id= href= searchDate=:date-time searchResult= availableTimeSlot^:TimeSlot[]
    relatedEntity:RelatedEntity[] relatedParty:RelatedParty relatedPlace:RelatedPlaceRefOrValue
    requestedTimeSlot:TimeSlot[] status^:SearchTimeSlotStateType @*
CalendarEventRef: id! href name @* @referredType
TimeSlot: id href relatedParty:RelatedParty validFor!:TimePeriod @*
AppointmentStateType: initialized | confirmed | cancelled | completed | failed
SearchTimeSlotStateType: inProgress | done | rejected | terminatedWithError
""",
)

# TMF697 Work Order Management.
_WORK_ORDER = """
CancelWorkOrder: id= href= cancellationReason effectiveCancellationDate=:date-time
    requestedCancellationDate:date-time state=:TaskStateType workOrder!:WorkOrderRef @*
WorkOrder: id= href= cancellationDate:date-time cancellationReason category completionDate^:date-time
    description expectedCompletionDate^:date-time externalId notificationContact orderDate=:date-time
    priority requestedCompletionDate:date-time requestedStartDate:date-time startDate:date-time
    stateChangeDate:date-time version agreement:AgreementRef[] appointment:AppointmentRef
    attachment^:AttachmentRefOrValue[]
    billingAccount:BillingAccountRef channel:RelatedChannel[] note:Note order:OrderRef[]
    orderTotalPrice:OrderPrice[] payment:PaymentRef[] place:PlaceRefOrValue quote:QuoteRef[]
    relatedEntity:RelatedEntity[] relatedParty:RelatedParty[] state^:WorkOrderStateType
    workOrderItem!:WorkOrderItem[] workOrderRelationship:OrderRelationship[] @*
BillingAccountRef: id! href name ratingType @* @referredType
ContactMedium: id href mediumType preferred:boolean characteristic:MediumCharacteristic validFor:TimePeriod
    @*
ExternalReference: id href externalReferenceType name @*
MediumCharacteristic: id href city contactType country emailAddress faxNumber phoneNumber postCode
    socialNetworkId stateOrProvince street1 street2 @*
OrderItemPrice: id href description name priceType! recurringChargePeriod unitOfMeasure
    billingAccount:BillingAccountRef price!:Price priceAlteration:PriceAlteration[]
    productOfferingPrice:ProductOfferingPriceRef @*
OrderItemRef: id! href name @* @referredType
OrderItemRelationship: id href relationshipType @*
OrderPrice: id href description name priceType recurringChargePeriod unitOfMeasure
    billingAccount:BillingAccountRef price:Price priceAlteration:PriceAlteration[]
    productOfferingPrice:ProductOfferingPriceRef @*
OrderRef: id! href name @* @referredType
OrderRelationship: id href relationshipType @*
PartyCreditProfile: id href creditAgencyName creditAgencyType ratingReference ratingScore:integer
    validFor:TimePeriod @*
PartyRefOrValue: id href name contactMedium:ContactMedium[] creditRating:PartyCreditProfile[]
    externalReference:ExternalReference[] partyCharacteristic:Characteristic[] relatedParty:RelatedParty[]
    taxExemptionCertificate:TaxExemptionCertificate[] @* @referredType
PlaceRefOrValue: id href name @* @referredType
Price: id href percentage:number taxRate:number dutyFreeAmount:Money taxIncludedAmount:Money @*
PriceAlteration: id href applicationDuration:integer description name priceType! priority:integer
    recurringChargePeriod unitOfMeasure price!:Price productOfferingPrice:ProductOfferingPriceRef @*
RelatedWorkOrderItem: orderItemAction orderItemId! role workOrderHref workOrderId! @* @referredType
TaxDefinition: id jurisdictionLevel jurisdictionName name taxType validFor:TimePeriod @*
TaxExemptionCertificate: id certificateNumber issuingJurisdiction reason attachment:AttachmentRefOrValue
    taxDefinition:TaxDefinition[] validFor:TimePeriod @*
TimeSlot: id href relatedParty:RelatedParty validFor:TimePeriod @*
WorkOrderItem: id! description action!:OrderItemActionType appointment:AppointmentRef
    billingAccount:BillingAccountRef itemPrice:OrderItemPrice[] itemTotalPrice:OrderItemPrice[] note:Note
    orderItem:OrderItemRef[] payment:PaymentRef[] relatedEntity:RelatedEntity[] state:WorkOrderItemStateType
    work:WorkRefOrValue workOrderItem:WorkOrderItem[] workOrderItemRelationship:OrderItemRelationship[] @*
WorkOrderRef: id! href name @* @referredType
WorkPrice: description name recurringChargePeriod unitOfMeasure billingAccount:BillingAccountRef price:Price
    priceAlteration:PriceAlteration[] priceType:PriceType productOfferingPrice:ProductOfferingPriceRef @*
WorkRefOrValue: id href completionDate:date-time description expectedCompletionDate:date-time name
    orderDate:date-time percentageComplete:number workPriority workType actualDuration:Quantity
    agreement:AgreementRef[] appointment:AppointmentRef currentDuration:Quantity deliveryTimeSlot:TimePeriod
    note:Note place:RelatedPlaceRefOrValue[] plannedDuration:Quantity quantity:Quantity
    relatedParty:RelatedParty[] scheduledDuration:Quantity state:WorkStateType work:WorkRefOrValue[]
    workCharacteristic:Characteristic[] workOrderItem:RelatedWorkOrderItem[] workPrice:WorkPrice[]
    workRelationship:WorkRelationship[] workSpecification:WorkSpecificationRef
    workforceEmployeeAssignment:WorkforceEmployeeAssignment[] @* @referredType
WorkRelationship: id href relationshipType! work:WorkRefOrValue
    workRelationshipCharacteristic:Characteristic[] @*
WorkSpecificationRef: id! href name @* @referredType
WorkforceEmployeeAssignment: id! description! skillType! state:WorkforceEmployeeAssignmentStateType
    timeSlot:TimeSlot[] workforceEmployee!:PartyRefOrValue @*
PriceType: recurring | oneTime | usage
WorkOrderItemStateType: acknowledged | rejected | pending | held | inProgress | cancelled | completed |
    failed | partial | assessingCancellation | pendingCancellation
WorkOrderStateType: acknowledged | rejected | pending | held | inProgress | cancelled | completed | failed |
    partial | assessingCancellation | pendingCancellation
WorkStateType: acknowledged | rejected | pending | held | inProgress | cancelled | completed | failed |
    partial
WorkforceEmployeeAssignmentStateType: acknowledged | rejected | pending | held | inProgress | cancelled |
    completed | failed | partial
"""
# What we add: why a cancellation was refused, and what can still be done with the work.
_ADDED = """
CancelWorkOrder: id= href= cancellationReason effectiveCancellationDate=:date-time
    requestedCancellationDate:date-time state=:TaskStateType workOrder!:WorkOrderRef
    errorMessage=:CancellationError @*
CancellationError: code reason message status @*
"""
WORK_ORDER = Vocabulary(SHAPES, SERVICE_SHAPES, _WORK_ORDER)
OFFERED_WORK_ORDER = Vocabulary(SHAPES, SERVICE_SHAPES, _WORK_ORDER, _ADDED)

# Our own: the content of a work order's file, in base64.
WORK_ORDER_ATTACHMENT = Vocabulary(
    SHAPES,
    SERVICE_SHAPES,
    """
WorkOrderAttachment: id= href= name= attachmentType= mimeType= size=:Quantity content= author= date=:date-time
    workOrder=:WorkOrderRef @*
WorkOrderRef: id! href name @* @referredType
""",
)

# Our own: who goes out, when and where.
CREW = Vocabulary(
    SHAPES,
    """
# timeZone: an IANA name. workingHours: local times, "24:00" is the end of the day. district: where the crew goes, by
# city (all of it, or these streets) or by access node; none: everywhere. capacity: visits at the same time, 1 unless
# said. slotMinutes: length of the slots that are offered, 120 unless said. travel: how long it is on its way between
# two visits, by coordinates or by legs between towns; none: it is not counted.
Crew: id= href= name! description person:CrewPerson[] skill!:string[] district:CrewDistrict[] timeZone!
    workingHours!:CrewHours[] capacity:integer slotMinutes:integer travel:CrewTravel @*
CrewPerson: id name! phone @*
CrewDistrict: city street:string[] accessNode:string[] @*
CrewTravel: kmPerHour:number minimumMinutes:integer leg:CrewLeg[] @*
CrewLeg: from! to! minutes!:integer @*
CrewHours: day!:Weekday[] from! to! break:CrewBreak[] @*
CrewBreak: from! to!
Weekday: mon | tue | wed | thu | fri | sat | sun
CrewAbsence: id= href= crew!:CrewRef validFor!:TimePeriod reason! @*
CrewRef: id! href name @* @referredType
# What is booked of one crew on one local day; one document, so that two bookings of it cannot both be saved.
CrewDay: id= href= crew=:CrewRef date=:date booking=:CrewBooking[] @*
# minutes, address, city, latitude, longitude: the work and where it is, for the way to the next visit.
CrewBooking: appointment! start!:date-time end!:date-time minutes:integer address city latitude:number
    longitude:number @*
""",
)
