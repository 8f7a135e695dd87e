"""Wire types of accounts.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.shapes import Vocabulary

# TMF666 Account Management.
ACCOUNT = Vocabulary(
    SHAPES,
    """
BillFormat: id= href= description name! @*
BillPresentationMedia: id= href= description name! @*
BillingAccount: id= href= accountType description lastModified:date-time name! paymentStatus state
    accountBalance~:AccountBalance[] accountRelationship:AccountRelationship[] billStructure:BillStructure
    contact:Contact[] creditLimit:Money defaultPaymentMethod:PaymentMethodRef
    financialAccount:FinancialAccountRef paymentPlan:PaymentPlan[] relatedParty!:RelatedParty[]
    taxExemption:AccountTaxExemption[] @*
BillingCycleSpecification: id= href= billingDateShift:integer billingPeriod chargeDateOffset:integer
    creditDateOffset:integer description frequency mailingDateOffset:integer name!
    paymentDueDateOffset:integer validFor:TimePeriod @*
FinancialAccount: id= href= accountType description lastModified~:date-time name! state
    accountBalance:AccountBalance[] accountRelationship:AccountRelationship[] contact:Contact[]
    creditLimit:Money relatedParty:RelatedParty[] taxExemption:AccountTaxExemption[] @*
PartyAccount: id= href= accountType description lastModified:date-time name! paymentStatus state
    accountBalance~:AccountBalance[] accountRelationship:AccountRelationship[] billStructure:BillStructure
    contact:Contact[] creditLimit:Money defaultPaymentMethod:PaymentMethodRef
    financialAccount:FinancialAccountRef paymentPlan:PaymentPlan[] relatedParty!:RelatedParty[]
    taxExemption:AccountTaxExemption[] @*
SettlementAccount: id= href= accountType description lastModified:date-time name! paymentStatus state
    accountBalance~:AccountBalance[] accountRelationship:AccountRelationship[] billStructure:BillStructure
    contact:Contact[] creditLimit:Money defaultPaymentMethod:PaymentMethodRef
    financialAccount:FinancialAccountRef paymentPlan:PaymentPlan[] relatedParty!:RelatedParty[]
    taxExemption:AccountTaxExemption[] @*
AccountBalance: balanceType! amount!:Money validFor!:TimePeriod @*
AccountRef: id! href description name @* @referredType
AccountRelationship: relationshipType! account:AccountRef validFor!:TimePeriod @*
AccountTaxExemption: certificateNumber issuingJurisdiction! reason validFor!:TimePeriod @*
BillFormatRefOrValue: id href description isRef!:boolean name! @* @referredType
BillPresentationMediaRefOrValue: id href description isRef!:boolean name! @* @referredType
BillStructure: cycleSpecification:BillingCycleSpecificationRefOrValue format:BillFormatRefOrValue
    presentationMedia:BillPresentationMediaRefOrValue[] @*
BillingCycleSpecificationRefOrValue: id href billingDateShift:integer billingPeriod chargeDateOffset:integer
    creditDateOffset:integer dateShift:integer description frequency isRef!:boolean
    mailingDateOffset:integer name! paymentDueDateOffset:integer validFor:TimePeriod @* @referredType
Contact: contactName contactType! partyRoleType contactMedium:ContactMedium[] relatedParty:RelatedParty
    validFor!:TimePeriod @*
FinancialAccountRef: id! href name accountBalance:AccountBalance @* @referredType
PaymentPlan: numberOfPayments:integer paymentFrequency planType priority:integer status
    paymentMethod:PaymentMethodRef totalAmount:Money validFor:TimePeriod @*
RelatedParty: id! href name! role @* @referredType!
""",
)
