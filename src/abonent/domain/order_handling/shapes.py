"""Wire types of orders and quotes.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SERVICE_SHAPES, SHAPES
from abonent.kit.shapes import Vocabulary

# TMF622 Product Ordering Management.
PRODUCT_ORDERING = Vocabulary(
    SHAPES,
    """
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
""",
)

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

# TMF648 Quote Management.
QUOTE = Vocabulary(
    SHAPES,
    """
Quote: id= href= category description effectiveQuoteCompletionDate^:date-time
    expectedFulfillmentStartDate:date-time expectedQuoteCompletionDate^:date-time externalId
    instantSyncQuote:boolean quoteDate=:date-time requestedQuoteCompletionDate:date-time version
    agreement:AgreementRef[] authorization:Authorization[] billingAccount:BillingAccountRef[]
    contactMedium:ContactMedium[] note:Note[] productOfferingQualification:ProductOfferingQualificationRef[]
    quoteItem!:QuoteItem[] quoteTotalPrice^:QuotePrice[] relatedParty:RelatedParty[] state^:QuoteStateType
    validFor^:TimePeriod @*
Authorization: givenDate:date-time name requestedDate:date-time signatureRepresentation state
    approver:RelatedParty[] @*
Note: id! author date:date-time text! @*
QuoteItem: id action quantity:integer state appointment:AppointmentRef[] attachment:AttachmentRefOrValue[]
    note:Note[] product:ProductRefOrValue productOffering:ProductOfferingRef
    productOfferingQualificationItem:ProductOfferingQualificationItemRef quoteItem:QuoteItem[]
    quoteItemAuthorization:Authorization[] quoteItemPrice:QuotePrice[]
    quoteItemRelationship:QuoteItemRelationship[] relatedParty:RelatedParty[] @*
QuoteItemRelationship: id relationshipType @*
QuotePrice: description name priceType recurringChargePeriod unitOfMeasure price:Price
    priceAlteration:PriceAlteration[] productOfferingPrice:ProductOfferingPriceRef @*
QuoteStateType: rejected | pending | inProgress | cancelled | approved | accepted
""",
)
