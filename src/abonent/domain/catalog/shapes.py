"""Wire types of the product and service catalogues.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.shapes import Vocabulary

# TMF620 Product Catalog Management.
PRODUCT_CATALOG = Vocabulary(
    SHAPES,
    """
Catalog: id= href= catalogType description lastUpdate~:date-time lifecycleStatus name! version
    category:CategoryRef[] relatedParty:RelatedParty[] validFor:TimePeriod @baseType~ @schemaLocation:uri
    @type~
Category: id= href= description isRoot:boolean lastUpdate~:date-time lifecycleStatus name! parentId version
    productOffering:ProductOfferingRef[] subCategory:CategoryRef[] validFor:TimePeriod @baseType~
    @schemaLocation:uri @type~
ExportJob: id= href= completionDate:date-time contentType creationDate:date-time errorLog path query
    url!:uri status:JobStateType @*
ImportJob: id= href= completionDate:date-time contentType creationDate:date-time errorLog path url!:uri
    status:JobStateType @*
ProductOffering: id= href= description isBundle:boolean isSellable:boolean lastUpdate~:date-time
    lifecycleStatus name! statusReason version agreement:AgreementRef[] attachment:AttachmentRefOrValue[]
    bundledProductOffering:BundledProductOffering[] category:CategoryRef[] channel:ChannelRef[]
    marketSegment:MarketSegmentRef[] place:PlaceRef[]
    prodSpecCharValueUse:ProductSpecificationCharacteristicValueUse[]
    productOfferingPrice:ProductOfferingPriceRefOrValue[]
    productOfferingRelationship:ProductOfferingRelationship[] productOfferingTerm:ProductOfferingTerm[]
    productSpecification:ProductSpecificationRef resourceCandidate:ResourceCandidateRef
    serviceCandidate:ServiceCandidateRef serviceLevelAgreement:SLARef validFor:TimePeriod @baseType~
    @schemaLocation:uri @type~
ProductOfferingPrice: id= href= description isBundle:boolean lastUpdate~:date-time lifecycleStatus name!
    percentage:number priceType recurringChargePeriodLength:integer recurringChargePeriodType version
    bundledPopRelationship:BundledProductOfferingPriceRelationship[] constraint:ConstraintRef[]
    place:PlaceRef[] popRelationship:ProductOfferingPriceRelationship[] price:Money
    pricingLogicAlgorithm:PricingLogicAlgorithm[]
    prodSpecCharValueUse:ProductSpecificationCharacteristicValueUse[]
    productOfferingTerm:ProductOfferingTerm[] tax:TaxItem[] unitOfMeasure:Quantity validFor:TimePeriod
    @baseType~ @schemaLocation:uri @type~
ProductSpecification: id= href= brand description isBundle:boolean lastUpdate~:date-time lifecycleStatus
    name! productNumber version attachment:AttachmentRefOrValue[]
    bundledProductSpecification:BundledProductSpecification[]
    productSpecCharacteristic:ProductSpecificationCharacteristic[]
    productSpecificationRelationship:ProductSpecificationRelationship[] relatedParty:RelatedParty[]
    resourceSpecification:ResourceSpecificationRef[] serviceSpecification:ServiceSpecificationRef[]
    targetProductSchema:TargetProductSchema validFor:TimePeriod @baseType~ @schemaLocation:uri @type~
BundledProductOffering: id href lifecycleStatus name
    bundledProductOfferingOption:BundledProductOfferingOption @*
BundledProductOfferingOption: numberRelOfferDefault:integer numberRelOfferLowerLimit:integer
    numberRelOfferUpperLimit:integer @*
BundledProductOfferingPriceRelationship: id href name @*
BundledProductSpecification: id href lifecycleStatus name @*
MarketSegmentRef: id! href name @* @referredType
POPAlteration: id href description name priceType! priority:integer recurringChargePeriod
    applicationDuration:Duration price!:ProductPriceValue unitOfMeasure:Quantity validFor:TimePeriod @*
PlaceRef: id! href name @* @referredType
PricingLogicAlgorithm: id href description name plaSpecId validFor:TimePeriod @*
ProductOfferingPriceRefOrValue: id href description lastUpdate:date-time lifecycleStatus name priceType
    recurringChargePeriod recurringChargePeriodLength:integer version constraint:ConstraintRef[]
    price:ProductPriceValue priceAlteration:POPAlteration[] unitOfMeasure:Quantity validFor:TimePeriod @*
    @referredType
ProductOfferingPriceRelationship: id href name relationshipType role @* @referredType
ProductOfferingRelationship: id href name relationshipType role validFor:TimePeriod @* @referredType
ProductOfferingTerm: description name duration:Duration validFor:TimePeriod @*
ProductPriceValue: percentage:number taxCategory taxRate:number dutyFreeAmount:Money taxIncludedAmount:Money
    @*
ProductSpecificationCharacteristic: id configurable:boolean description extensible:boolean isUnique:boolean
    maxCardinality:integer minCardinality:integer name regex valueType
    productSpecCharRelationship:ProductSpecificationCharacteristicRelationship[]
    productSpecCharacteristicValue:CharacteristicValueSpecification[] validFor:TimePeriod @*
    @valueSchemaLocation
ProductSpecificationCharacteristicRelationship: id href charSpecSeq:integer name relationshipType
    validFor:TimePeriod @*
ProductSpecificationCharacteristicValueUse: id description maxCardinality:integer minCardinality:integer
    name valueType productSpecCharacteristicValue:CharacteristicValueSpecification[]
    productSpecification:ProductSpecificationRef validFor:TimePeriod @*
ProductSpecificationRelationship: id href name relationshipType validFor:TimePeriod @* @referredType
ResourceCandidateRef: id! href name version @* @referredType
SLARef: id! href name @* @referredType
TargetProductSchema: @schemaLocation!:uri @type!
TaxItem: id href taxCategory taxRate:number taxAmount:Money @*
""",
)

# TMF633 Service Catalog Management.
SERVICE_CATALOG = Vocabulary(
    SHAPES,
    """
ExportJob: id= href= completionDate:date-time contentType creationDate:date-time errorLog path query
    url!:uri status:JobStateType
ImportJob: id= href= completionDate:date-time contentType creationDate:date-time errorLog path url!:uri
    status:JobStateType
ServiceCandidate: id= href= description lastUpdate~:date-time lifecycleStatus name! version
    category:ServiceCategoryRef[] serviceSpecification!:ServiceSpecificationRef validFor:TimePeriod @*
ServiceCatalog: id= href= description lastUpdate~:date-time lifecycleStatus name! version
    category:ServiceCategoryRef[] relatedParty:RelatedParty[] validFor:TimePeriod @*
ServiceCategory: id= href= description isRoot:boolean lastUpdate~:date-time lifecycleStatus name! parentId
    version category:ServiceCategoryRef[] serviceCandidate:ServiceCandidateRef[] validFor:TimePeriod @*
ServiceSpecification: id= href= description isBundle:boolean lastUpdate~:date-time lifecycleStatus name!
    version attachment:AttachmentRefOrValue[] constraint:ConstraintRef[]
    entitySpecRelationship:EntitySpecificationRelationship[] featureSpecification:FeatureSpecification[]
    relatedParty:RelatedParty[] resourceSpecification:ResourceSpecificationRef[]
    serviceLevelSpecification:ServiceLevelSpecificationRef[]
    serviceSpecRelationship:ServiceSpecRelationship[] specCharacteristic:CharacteristicSpecification[]
    targetEntitySchema:TargetEntitySchema validFor:TimePeriod @*
FeatureSpecification: id isBundle:boolean isEnabled:boolean name version constraint:ConstraintRef[]
    featureSpecCharacteristic:FeatureSpecificationCharacteristic[]
    featureSpecRelationship:FeatureSpecificationRelationship[] validFor:TimePeriod
FeatureSpecificationCharacteristic: id configurable:boolean description extensible:boolean isUnique:boolean
    maxCardinality:integer minCardinality:integer name! regex valueType
    featureSpecCharRelationship:FeatureSpecificationCharacteristicRelationship[]
    featureSpecCharacteristicValue:CharacteristicValueSpecification[] validFor:TimePeriod @*
    @valueSchemaLocation
FeatureSpecificationCharacteristicRelationship: characteristicId featureId name relationshipType
    resourceSpecificationHref:uri resourceSpecificationId validFor:TimePeriod
FeatureSpecificationRelationship: featureId name! parentSpecificationHref:uri parentSpecificationId
    relationshipType! validFor:TimePeriod
ServiceLevelSpecificationRef: id! href name @* @referredType
ServiceSpecRelationship: id href name relationshipType! role validFor:TimePeriod @* @referredType
""",
)
