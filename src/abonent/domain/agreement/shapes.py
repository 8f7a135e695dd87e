"""Wire types of agreements.

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
