"""Wire types of orders.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SERVICE_SHAPES, SHAPES
from abonent.kit.shapes import Vocabulary

_PRODUCT_ORDERING = """
CancelProductOrder: id= href= cancellationReason effectiveCancellationDate=:date-time
    requestedCancellationDate:date-time productOrder!:ProductOrderRef state=:TaskStateType @*
ProductOrder: id= href= cancellationDate:date-time cancellationReason category completionDate^:date-time
    description expectedCompletionDate^:date-time externalId notificationContact orderDate=:date-time
    priority requestedCompletionDate:date-time requestedStartDate:date-time agreement:AgreementRef[]
    billingAccount:BillingAccountRef channel:RelatedChannel[] note:Note[] orderTotalPrice:OrderPrice[]
    payment:PaymentRef[] productOfferingQualification:ProductOfferingQualificationRef[]
    productOrderItem!:ProductOrderItem[] quote:QuoteRef[] relatedParty:RelatedParty[]
    state^:ProductOrderStateType @*
Note: id author date:date-time text! @*
OrderItemRelationship: id relationshipType @*
OrderPrice: description name priceType recurringChargePeriod unitOfMeasure billingAccount:BillingAccountRef
    price:Price priceAlteration:PriceAlteration[] productOfferingPrice:ProductOfferingPriceRef @*
OrderTerm: description name duration:Quantity @*
ProductOrderItem: id! quantity:integer action!:OrderItemActionType appointment:AppointmentRef
    billingAccount:BillingAccountRef itemPrice:OrderPrice[] itemTerm:OrderTerm[] itemTotalPrice:OrderPrice[]
    payment:PaymentRef[] product:ProductRefOrValue productOffering:ProductOfferingRef
    productOfferingQualificationItem:ProductOfferingQualificationItemRef productOrderItem:ProductOrderItem[]
    productOrderItemRelationship:OrderItemRelationship[] qualification:ProductOfferingQualificationRef[]
    quoteItem:QuoteItemRef state:ProductOrderItemStateType @*
ProductOrderRef: id! href name @* @referredType
QuoteItemRef: id! href name quoteHref quoteId! quoteName @* @referredType
ProductOrderItemStateType: acknowledged | rejected | pending | held | inProgress | cancelled | completed |
    failed | assessingCancellation | pendingCancellation
ProductOrderStateType: acknowledged | rejected | pending | held | inProgress | cancelled | completed |
    failed | partial | assessingCancellation | pendingCancellation
TaskStateType: acknowledged | terminatedWithError | inProgress | done
"""
# What we add: version 5's milestones and alerts (an alert says which end it forecasts), and cancelling of single items
# with the reason when it is refused.
_ADDED = """
CancelProductOrder: id= href= cancellationReason effectiveCancellationDate=:date-time
    requestedCancellationDate:date-time productOrder!:ProductOrderRef state=:TaskStateType
    productOrderItem:ProductOrderItemRef[] creationDate=:date-time errorMessage=:CancellationError
    relatedParty=:RelatedParty[] @*
CancellationError: code reason message status productOrderItem:ProductOrderItemRef[] @*
ProductOrder: id= href= cancellationDate:date-time cancellationReason category completionDate^:date-time
    description expectedCompletionDate^:date-time externalId notificationContact orderDate=:date-time
    priority requestedCompletionDate:date-time requestedStartDate:date-time agreement:AgreementRef[]
    billingAccount:BillingAccountRef channel:RelatedChannel[] note:Note[] orderTotalPrice:OrderPrice[]
    payment:PaymentRef[] productOfferingQualification:ProductOfferingQualificationRef[]
    productOrderItem!:ProductOrderItem[] quote:QuoteRef[] relatedParty:RelatedParty[]
    productOrderJeopardyAlert=:ProductOrderJeopardyAlert[] productOrderMilestone=:ProductOrderMilestone[]
    state^:ProductOrderStateType @*
ProductOrderItemRef: productOrderItemId! productOrderId productOrderHref @* @referredType
ProductOrderJeopardyAlert: id alertDate:date-time exception jeopardyType message name
    expectedCompletionDate:date-time productOrderItem:ProductOrderItemRef[] @*
ProductOrderMilestone: id description message milestoneDate:date-time name status
    productOrderItem:ProductOrderItemRef[] @*
"""

# TMF622 Product Ordering Management: as the specification has it, and as we offer it.
PRODUCT_ORDERING = Vocabulary(SHAPES, _PRODUCT_ORDERING)
OFFERED_ORDERING = Vocabulary(SHAPES, _PRODUCT_ORDERING, _ADDED)

# TMF641 Service Ordering Management.
SERVICE_ORDERING = Vocabulary(
    SHAPES,
    SERVICE_SHAPES,
    """
CancelServiceOrder: id= href= cancellationReason completionMessage= effectiveCancellationDate=:date-time
    requestedCancellationDate:date-time errorMessage=:ErrorMessage serviceOrder!:ServiceOrderRef
    state=:TaskStateType @*
ServiceOrder: id= href= cancellationDate~:date-time cancellationReason~ category~ completionDate=:date-time
    description expectedCompletionDate^:date-time externalId notificationContact orderDate=:date-time
    priority requestedCompletionDate:date-time requestedStartDate:date-time startDate=:date-time
    errorMessage=:ServiceOrderErrorMessage[] externalReference:ExternalReference[]
    jeopardyAlert=:ServiceOrderJeopardyAlert[] milestone=:ServiceOrderMilestone[] note:Note[]
    orderRelationship:ServiceOrderRelationship[] relatedParty:RelatedParty[]
    serviceOrderItem!:ServiceOrderItem[] state^:ServiceOrderStateType @*~
ErrorMessage: code message reason referenceError:uri status @*
ExternalReference: id href externalReferenceType name! @*
Feature: id isBundle:boolean isEnabled:boolean name! constraint:ConstraintRef[]
    featureCharacteristic!:Characteristic[] featureRelationship:FeatureRelationship[]
RelatedParty: id! href name role @baseType @schemaLocation:uri @type! @referredType!
RelatedServiceOrderItem: id href itemId role serviceOrderHref serviceOrderId itemAction:OrderItemActionType
    @* @referredType
ServiceOrderErrorMessage: code message reason referenceError:uri status timestamp:date-time
    serviceOrderItem:ServiceOrderItemRef[] @*
ServiceOrderItem: id! quantity:integer action!:OrderItemActionType appointment:AppointmentRef
    errorMessage:ServiceOrderItemErrorMessage[] service!:ServiceRefOrValue
    serviceOrderItem:ServiceOrderItem[] serviceOrderItemRelationship:ServiceOrderItemRelationship[]
    state:ServiceOrderItemStateType @*
ServiceOrderItemErrorMessage: code message reason referenceError:uri status timestamp:date-time @*
ServiceOrderItemRef: itemId serviceOrderHref:uri serviceOrderId @* @referredType
ServiceOrderItemRelationship: relationshipType orderItem:ServiceOrderItemRef @*
ServiceOrderJeopardyAlert: id alertDate:date-time exception jeopardyType message name
    serviceOrderItem:ServiceOrderItemRef[] @*
ServiceOrderMilestone: id description message milestoneDate:date-time name status
    serviceOrderItem:ServiceOrderItemRef[] @*
ServiceOrderRef: id! href name @* @referredType
ServiceOrderRelationship: id! href relationshipType! @* @referredType
ServiceRelationship: id href relationshipType! service:ServiceRefOrValue
    serviceRelationshipCharacteristic:Characteristic[] @*
ServiceOrderItemStateType: acknowledged | rejected | pending | held | inProgress | cancelled | completed |
    failed | assessingCancellation | pendingCancellation | partial
ServiceOrderStateType: acknowledged | rejected | pending | held | inProgress | cancelled | completed |
    failed | partial | assessingCancellation | pendingCancellation
""",
)
