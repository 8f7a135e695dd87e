"""Wire types of qualification: can this be delivered there, and where is there.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SERVICE_SHAPES, SHAPES
from abonent.kit.shapes import Vocabulary

# TMF679 Product Offering Qualification Management.
OFFERING_QUALIFICATION = Vocabulary(
    SHAPES,
    """
ProductOfferingQualification: id= href= description effectiveQualificationDate^:date-time
    expectedPOQCompletionDate^:date-time expirationDate^:date-time instantSyncQualification:boolean
    productOfferingQualificationDate=:date-time provideAlternative:boolean provideOnlyAvailable:boolean
    provideUnavailabilityReason:boolean qualificationResult^ requestedPOQCompletionDate:date-time
    category:CategoryRef channel:ChannelRef note:Note[] place:RelatedPlaceRefOrValue[]
    productOfferingQualificationItem:ProductOfferingQualificationItem[] relatedParty:RelatedParty[]
    state^:TaskStateType @*
AlternateProductOfferingProposal: id alternateActivationDate:date-time alternateProduct:ProductRefOrValue
    alternateProductOffering:ProductOfferingRef @*
EligibilityUnavailabilityReason: code label @*
Note: id! author date:date-time text! @*
ProductOfferingQualificationItem: id! expectedActivationDate:date-time qualificationItemResult
    action:ProductActionType alternateProductOfferingProposal:AlternateProductOfferingProposal[]
    eligibilityUnavailabilityReason:EligibilityUnavailabilityReason[] note:Note[] product:ProductRefOrValue
    productOffering:ProductOfferingRef qualificationItemRelationship:QualificationItemRelationship[]
    state:TaskStateType terminationError:TerminationError[] @*
QualificationItemRelationship: id relationshipType @*
ProductActionType: add | modify | delete | noChange
TaskStateType: acknowledged | terminatedWithError | inProgress | done
""",
)

# TMF645 Service Qualification Management.
SERVICE_QUALIFICATION = Vocabulary(
    SHAPES,
    SERVICE_SHAPES,
    """
CheckServiceQualification: id= href= checkServiceQualificationDate=:date-time description
    effectiveQualificationDate^:date-time estimatedResponseDate^:date-time
    expectedQualificationDate:date-time expirationDate^:date-time externalId
    instantSyncQualification:boolean provideAlternative:boolean provideUnavailabilityReason:boolean
    qualificationResult^ relatedParty:RelatedParty[]
    serviceQualificationItem!:CheckServiceQualificationItem[] state^:TaskStateType @*
QueryServiceQualification: id= href= description effectiveQualificationDate^:date-time
    estimatedResponseDate^:date-time expectedQualificationDate:date-time expirationDate^:date-time
    externalId instantSyncQualification:boolean queryServiceQualificationDate=:date-time
    relatedParty:RelatedParty[] searchCriteria!:ServiceQualificationItem
    serviceQualificationItem^:ServiceQualificationItem[] state^:TaskStateType @*
AlternateServiceProposal: id alternateServiceAvailabilityDate:date-time alternateService:ServiceRefOrValue
    @*
CharacteristicRelationship: id relationshipType @*
CheckServiceQualificationItem: id expectedActivationDate:date-time expectedServiceAvailabilityDate:date-time
    expirationDate:date-time qualificationResult state alternateServiceProposal:AlternateServiceProposal[]
    category:ServiceCategoryRef eligibilityUnavailabilityReason:ServiceEligibilityUnavailabilityReason[]
    qualificationItemRelationship:ServiceQualificationItemRelationship[]
    qualificationRelationship:ServiceQualificationRelationship[] service:ServiceRefOrValue
    terminationError:TerminationError[] @*
Feature: id isBundle:boolean isEnabled:boolean name! constraint:ConstraintRef[]
    featureCharacteristic!:Characteristic[] featureRelationship:FeatureRelationship[] @*
FeatureRelationship: id name! relationshipType! validFor:TimePeriod @*
Note: id author date:date-time text @*
RelatedServiceOrderItem: itemId! role serviceOrderHref serviceOrderId! itemAction:OrderItemActionType @*
    @referredType
ServiceEligibilityUnavailabilityReason: code label @*
ServiceQualificationItem: id expectedActivationDate:date-time expectedServiceAvailabilityDate:date-time
    expirationDate:date-time category:ServiceCategoryRef service:ServiceRefOrValue @*
ServiceQualificationItemRelationship: id relationshipType @*
ServiceQualificationRelationship: id relationshipType @*
ServiceRelationship: relationshipType! service:ServiceRefOrValue
    serviceRelationshipCharacteristic:Characteristic[] @*
TimePeriod: endDateTime:date-time startDateTime:date-time @*
""",
)

# Geographic addresses in the manner of TMF673: a place where service may be wanted.
ADDRESS = Vocabulary(
    SHAPES,
    """
GeographicAddress: id= href= name city country locality postcode stateOrProvince streetName streetNr
    streetNrSuffix streetNrLast streetNrLastSuffix streetSuffix streetType geographicLocation:any
    geographicSubAddress:GeographicSubAddress[] @*
GeographicSubAddress: id href name buildingName levelNumber levelType privateStreetName privateStreetNumber
    subAddressType subUnitNumber subUnitType @*
""",
)
