"""Wire types of what clients hold: products, services and resources.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SERVICE_SHAPES, SHAPES
from abonent.kit.shapes import Vocabulary

# TMF637 Product Inventory Management.
PRODUCT_INVENTORY = Vocabulary(
    SHAPES,
    """
Product: id= href= description isBundle:boolean isCustomerVisible:boolean name orderDate:date-time
    productSerialNumber startDate:date-time terminationDate:date-time agreement:AgreementItemRef[]
    billingAccount:BillingAccountRef place:RelatedPlaceRefOrValue[] product:ProductRefOrValue[]
    productCharacteristic:Characteristic[] productOffering:ProductOfferingRef
    productOrderItem:RelatedProductOrderItem[] productPrice:ProductPrice[]
    productRelationship:ProductRelationship[] productSpecification:ProductSpecificationRef
    productTerm:ProductTerm[] realizingResource:ResourceRef[] realizingService:ServiceRef[]
    relatedParty:RelatedParty[] status!:ProductStatusType @*
""",
)

# TMF638 Service Inventory Management.
SERVICE_INVENTORY = Vocabulary(
    SHAPES,
    SERVICE_SHAPES,
    """
Service: id= href= category description endDate:date-time hasStarted:boolean isBundle:boolean
    isServiceEnabled:boolean isStateful:boolean name serviceDate~ serviceType startDate:date-time startMode
    feature:Feature[] note:Note[] place:RelatedPlaceRefOrValue[] relatedEntity:RelatedEntityRefOrValue[]
    relatedParty:RelatedParty[] serviceCharacteristic:Characteristic[]
    serviceOrderItem:RelatedServiceOrderItem[] serviceRelationship:ServiceRelationship[]
    serviceSpecification!:ServiceSpecificationRef state!:ServiceStateType supportingResource:ResourceRef[]
    supportingService:ServiceRefOrValue[]
CharacteristicRelationship: id relationshipType
Note: id author! date!:date-time text!
ServiceRefOrValue: id! href category description endDate:date-time hasStarted:boolean isBundle:boolean
    isServiceEnabled:boolean isStateful:boolean name serviceDate serviceType startDate:date-time startMode
    feature:Feature[] note:Note[] place:RelatedPlaceRefOrValue[] relatedEntity:RelatedEntityRefOrValue[]
    relatedParty:RelatedParty[] serviceCharacteristic:Characteristic[]
    serviceOrderItem:RelatedServiceOrderItem[] serviceRelationship:ServiceRelationship[]
    serviceSpecification:ServiceSpecificationRef state:ServiceStateType supportingResource:ResourceRef[]
    supportingService:ServiceRefOrValue[] @* @referredType
""",
)

# TMF639 Resource Inventory Management, version 5.
RESOURCE_INVENTORY = Vocabulary(
    SHAPES,
    """
Resource: id= href= activationFeature:Feature[] administrativeState:ResourceAdministrativeStateType
    attachment:AttachmentRef[] category containedResource:ResourceRefOrValue[] description
    endOperatingDate:date-time externalIdentifier:ExternalIdentifier[] intent:IntentRef
    manufactureDate:date-time name note:Note[] operationalState:ResourceOperationalStateType
    place:RelatedPlaceRef[] powerState relatedParty:RelatedPartyRefOrPartyRoleRef[]
    resourceCharacteristic:Characteristic[] resourceOrderItem:RelatedResourceOrderItem[]
    resourceRelationship:ResourceRelationship[] resourceSpecification:ResourceSpecificationRef
    resourceStatus:ResourceStatusType resourceVersion serialNumber startOperatingDate:date-time
    supportingResource:ResourceRefOrValue[] usageState:ResourceUsageStateType validFor:TimePeriod value
    versionNumber @baseType @schemaLocation:uri @type!
AttachmentRef: id! href description name url @referredType @baseType @schemaLocation:uri @type!
Characteristic: id characteristicRelationship:CharacteristicRelationship[] value:any name! valueType
    @baseType @schemaLocation:uri @type!
CharacteristicRelationship: id! relationshipType! @baseType @schemaLocation:uri @type!
ExternalIdentifier: id! externalIdentifierType owner @baseType @schemaLocation:uri @type!
Feature: id featureCharacteristic:Characteristic[] featureRelationship:FeatureRelationship[]
    isBundle:boolean isEnabled:boolean name! policyConstraint:PolicyRef[] @baseType @schemaLocation:uri
    @type!
FeatureRelationship: id! href name relationshipType! validFor:TimePeriod @referredType @baseType
    @schemaLocation:uri @type!
IntentRef: id! href name @referredType @baseType @schemaLocation:uri @type!
Note: id author date:date-time text @baseType @schemaLocation:uri @type!
PartyRefOrPartyRoleRef: id! href name partyId partyName @referredType @baseType @schemaLocation:uri @type!
PlaceRef: id! href name @referredType @baseType @schemaLocation:uri @type!
PolicyRef: id! href name version @referredType @baseType @schemaLocation:uri @type!
RelatedPartyRefOrPartyRoleRef: partyOrPartyRole:PartyRefOrPartyRoleRef role! @baseType @schemaLocation:uri
    @type!
RelatedPlaceRef: place!:PlaceRef role! @baseType @schemaLocation:uri @type!
RelatedResourceOrderItem: itemAction:OrderItemActionType itemId resourceOrderHref resourceOrderId role
    @referredType @baseType @schemaLocation:uri @type!
ResourceRef: id! href name @referredType @baseType @schemaLocation:uri @type!
ResourceRefOrValue: id href activationFeature:Feature[] administrativeState:ResourceAdministrativeStateType
    attachment:AttachmentRef[] category containedResource:ResourceRefOrValue[] description
    endOperatingDate:date-time externalIdentifier:ExternalIdentifier[] intent:IntentRef
    manufactureDate:date-time name note:Note[] operationalState:ResourceOperationalStateType
    place:RelatedPlaceRef[] powerState relatedParty:RelatedPartyRefOrPartyRoleRef[]
    resourceCharacteristic:Characteristic[] resourceOrderItem:RelatedResourceOrderItem[]
    resourceRelationship:ResourceRelationship[] resourceSpecification:ResourceSpecificationRef
    resourceStatus:ResourceStatusType resourceVersion serialNumber startOperatingDate:date-time
    supportingResource:ResourceRefOrValue[] usageState:ResourceUsageStateType validFor:TimePeriod value
    versionNumber @referredType @baseType @schemaLocation:uri @type!
ResourceRelationship: id! href name relationshipType! resource!:ResourceRefOrValue
    resourceRelationshipCharacteristic:Characteristic[] @referredType @baseType @schemaLocation:uri @type!
ResourceSpecificationRef: id! href name version @referredType @baseType @schemaLocation:uri @type!
ResourceAdministrativeStateType: locked | unlocked | shutdown
ResourceOperationalStateType: enable | disable
ResourceStatusType: alarm | available | installed | not exists | pendingRemoval | planned | reserved |
    standby | suspended | unknown
ResourceUsageStateType: idle | active | busy
""",
)
