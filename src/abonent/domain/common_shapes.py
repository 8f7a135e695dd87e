"""Wire types that several TM Forum APIs have in common; the syntax is told in kit/shape_parser.

SHAPES is the ground of every vocabulary. SERVICE_SHAPES goes on top of it for the APIs near the network
(services, work orders, tests, messages), which share other shapes of a few names. An API that differs
once more overrides the name in its own text. An `href` is text everywhere, as the APIs disagree on it.
"""

SHAPES = """
AccountRef: id href description name! @* @referredType
AgreementItemRef: id! href agreementItemId name @* @referredType
AgreementRef: id! href name @* @referredType
AppointmentRef: id! href description @* @referredType
AssociationSpecificationRef: id! href name @* @referredType
AttachmentRefOrValue: id href attachmentType content description mimeType name url size:Quantity
    validFor:TimePeriod @* @referredType
BillingAccountRef: id! href name @* @referredType
CategoryRef: id! href name version @* @referredType
ChannelRef: id! href name @* @referredType
Characteristic: name! valueType value!:any @*
CharacteristicSpecification: id configurable:boolean description extensible:boolean isUnique:boolean
    maxCardinality:integer minCardinality:integer name regex valueType
    charSpecRelationship:CharacteristicSpecificationRelationship[]
    characteristicValueSpecification:CharacteristicValueSpecification[] validFor:TimePeriod @*
    @valueSchemaLocation
CharacteristicSpecificationRelationship: characteristicSpecificationId name parentSpecificationHref:uri
    parentSpecificationId relationshipType validFor:TimePeriod
CharacteristicValueSpecification: isDefault:boolean rangeInterval regex unitOfMeasure valueFrom:integer
    valueTo:integer valueType validFor:TimePeriod value:any @*
ConstraintRef: id! href name version @* @referredType
ContactMedium: mediumType preferred:boolean characteristic:MediumCharacteristic validFor:TimePeriod @*
CreditProfile: creditProfileDate!:date-time creditRiskRating:integer creditScore:integer
    validFor!:TimePeriod @*
Duration: amount:integer units
EntitySpecificationRelationship: id href name relationshipType! role
    associationSpec:AssociationSpecificationRef validFor:TimePeriod @* @referredType
MediumCharacteristic: city contactType country emailAddress faxNumber phoneNumber postCode socialNetworkId
    stateOrProvince street1 street2 @*
Money: unit value:number
Note: id author date:date-time text @*
PaymentMethodRef: id! href name @* @referredType
PaymentRef: id! href name @* @referredType
Price: percentage:number taxRate:number dutyFreeAmount:Money taxIncludedAmount:Money @*
PriceAlteration: applicationDuration:integer description name priceType! priority:integer
    recurringChargePeriod unitOfMeasure price!:Price productOfferingPrice:ProductOfferingPriceRef @*
ProductOfferingPriceRef: id! href name @* @referredType
ProductOfferingQualificationItemRef: id! href name productOfferingQualificationHref
    productOfferingQualificationId! productOfferingQualificationName @* @referredType
ProductOfferingQualificationRef: id! href name @* @referredType
ProductOfferingRef: id! href name @* @referredType
ProductPrice: description name priceType! recurringChargePeriod unitOfMeasure
    billingAccount:BillingAccountRef price!:Price productOfferingPrice:ProductOfferingPriceRef
    productPriceAlteration:PriceAlteration[] @*
ProductRefOrValue: id href description isBundle:boolean isCustomerVisible:boolean name orderDate:date-time
    productSerialNumber startDate:date-time terminationDate:date-time agreement:AgreementItemRef[]
    billingAccount:BillingAccountRef place:RelatedPlaceRefOrValue[] product:ProductRefOrValue[]
    productCharacteristic:Characteristic[] productOffering:ProductOfferingRef
    productOrderItem:RelatedProductOrderItem[] productPrice:ProductPrice[]
    productRelationship:ProductRelationship[] productSpecification:ProductSpecificationRef
    productTerm:ProductTerm[] realizingResource:ResourceRef[] realizingService:ServiceRef[]
    relatedParty:RelatedParty[] status:ProductStatusType @* @referredType
ProductRelationship: relationshipType! product!:ProductRefOrValue @*
ProductSpecificationRef: id! href name version targetProductSchema:TargetProductSchema @* @referredType
ProductTerm: description name duration:Quantity validFor:TimePeriod @*
Quantity: amount:number units
QuoteRef: id! href name @* @referredType
RelatedChannel: id! href name role @* @referredType
RelatedEntity: id! href name role! @* @referredType!
RelatedEntityRefOrValue: id href name role! @* @referredType
RelatedParty: id! href name role @* @referredType!
RelatedPlaceRefOrValue: id href name role! @* @referredType
RelatedProductOrderItem: orderItemAction orderItemId! productOrderHref productOrderId! role @* @referredType
ResourceRef: id! href name value @* @referredType
ResourceSpecificationRef: id! href name version @* @referredType
ServiceCandidateRef: id! href name version @* @referredType
ServiceCategoryRef: id! href name version @* @referredType
ServiceRef: id! href name @* @referredType
ServiceSpecificationRef: id! href name version @* @referredType
TargetEntitySchema: @schemaLocation!:uri @type!
TargetProductSchema: @baseType @schemaLocation!:uri @type!
TerminationError: id value @*
TimePeriod: endDateTime:date-time startDateTime:date-time
JobStateType: Not Started | Running | Succeeded | Failed
OrderItemActionType: add | modify | delete | noChange
ProductStatusType: created | pendingActive | cancelled | active | pendingTerminate | terminated | suspended
    | aborted
"""

SERVICE_SHAPES = """
Characteristic: id name! valueType characteristicRelationship:CharacteristicRelationship[] value!:any @*
CharacteristicRelationship: id href relationshipType @*
Feature: id! isBundle:boolean isEnabled:boolean name! constraint:ConstraintRef[]
    featureCharacteristic!:Characteristic[] featureRelationship:FeatureRelationship[]
FeatureRelationship: id name! relationshipType! validFor:TimePeriod
Note: id author date:date-time text! @*
RelatedServiceOrderItem: itemId! role serviceOrderHref serviceOrderId! itemAction:OrderItemActionType
    @referredType
ResourceRef: id! href name @* @referredType
ServiceRefOrValue: id href category description endDate:date-time hasStarted:boolean isBundle:boolean
    isServiceEnabled:boolean isStateful:boolean name serviceDate serviceType startDate:date-time startMode
    feature:Feature[] note:Note[] place:RelatedPlaceRefOrValue[] relatedEntity:RelatedEntityRefOrValue[]
    relatedParty:RelatedParty[] serviceCharacteristic:Characteristic[]
    serviceOrderItem:RelatedServiceOrderItem[] serviceRelationship:ServiceRelationship[]
    serviceSpecification:ServiceSpecificationRef state:ServiceStateType supportingResource:ResourceRef[]
    supportingService:ServiceRefOrValue[] @* @referredType
ServiceRelationship: relationshipType! service!:ServiceRefOrValue
    serviceRelationshipCharacteristic:Characteristic[]
ServiceStateType: feasibilityChecked | designed | reserved | inactive | active | terminated
TaskStateType: accepted | terminatedWithError | inProgress | done
"""
