"""Wire type of the assessment of a request outside the catalogue; syntax: kit/shape_parser."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.shapes import Vocabulary

ENGINEERING = Vocabulary(
    SHAPES,
    """
# What is wanted, for whom, where; the parts with their answers; what was decided and by whom.
EngineeringAssessment: id= href= description! kind!:RequestKind requestedBy= requestedDate=:date-time
    dueDate:date-time relatedParty!:RelatedParty[] place:RelatedPlaceRefOrValue[]
    productOffering:ProductOfferingRef requestedCharacteristic:Characteristic[]
    qualification:QualificationRef part^:AssessmentPart[] total=:AssessedCost leadTimeDays=:integer
    validFor=:TimePeriod decision=:AssessmentDecision[] quote=:QuoteRef[] basedOn=:AssessmentRef
    statusReason^ state^:AssessmentState @*
# Answers are given once; amounts are what it costs the operator, with tax.
AssessmentPart: id kind!:PartKind engineer! dueDate:date-time once:Money monthly:Money leadTimeDays:integer
    validUntil:date-time risk alternative node technology downstreamMbps:integer answeredBy
    answeredDate:date-time basedOn
AssessedCost: once:Money monthly:Money
AssessmentDecision: kind outcome reason by role at:date-time
AssessmentRef: id! @referredType
QualificationRef: id! @referredType
RequestKind: speed | build | sla | other
PartKind: access | equipment | sla | other
AssessmentState: requested | assigned | assessed | approved | rejected | expired | withdrawn
""",
)
