"""Wire types of agreements and quotes.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.shapes import Vocabulary

# TMF651 Agreement Management.
AGREEMENT = Vocabulary(
    SHAPES,
    """
Agreement: id= href= agreementType! description documentNumber:integer initialDate:date-time name!
    statementOfIntent status version agreementAuthorization:AgreementAuthorization[]
    agreementItem!:AgreementItem[] agreementPeriod:TimePeriod
    agreementSpecification:AgreementSpecificationRef associatedAgreement:AgreementRef[]
    characteristic:Characteristic[] completionDate~:TimePeriod engagedParty!:RelatedParty[] @*
AgreementSpecification: id= href= description isBundle:boolean lastUpdate:date-time lifecycleStatus name!
    version attachment!:AttachmentRefOrValue[] relatedParty:RelatedParty[] serviceCategory:CategoryRef
    specificationCharacteristic:AgreementSpecCharacteristic[]
    specificationRelationship:AgreementSpecificationRelationship[] validFor:TimePeriod @*
AgreementAuthorization: date:date-time signatureRepresentation state @*
AgreementItem: product:ProductRef[] productOffering:ProductOfferingRef[]
    termOrCondition:AgreementTermOrCondition[] @*
AgreementSpecCharacteristic: configurable:boolean description name valueType
    specCharacteristicValue:AgreementSpecCharacteristicValue[] validFor:TimePeriod @*
AgreementSpecCharacteristicValue: default:boolean unitOfMeasure valueFrom valueTo valueType
    validFor:TimePeriod value:any @*
AgreementSpecificationRef: id! href description name @* @referredType
AgreementSpecificationRelationship: id href name relationshipType validFor:TimePeriod @* @referredType
AgreementTermOrCondition: id description validFor:TimePeriod @*
ProductRef: id! href name @* @referredType
RelatedParty: id! href name! role @* @referredType!
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

# What is ours: who may approve how much, and what is earned on it (rules_quote.py).
QUOTE_POLICY = Vocabulary(
    SHAPES,
    """
QuotePolicy: id= href= name version! marginOnce!:number marginMonthly!:number minimumMargin!:number
    quoteDays!:integer answerDays!:integer similarMetres!:integer approvalLimit!:ApprovalLimit[] @*
ApprovalLimit: role!:ApproverRole once!:number monthly!:number
ApproverRole: admin | manager | engineer | agent
""",
)
