"""Wire types of service tests.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SERVICE_SHAPES, SHAPES
from abonent.kit.shapes import Vocabulary

# TMF653 Service Test Management.
SERVICE_TEST = Vocabulary(
    SHAPES,
    SERVICE_SHAPES,
    """
ServiceTest: id= href= description endDateTime:date-time mode name! startDateTime:date-time state
    characteristic:Characteristic[] relatedParty:RelatedParty[] relatedService!:ServiceRef
    testMeasure:TestMeasure[] testSpecification!:ServiceTestSpecificationRef validFor:TimePeriod @*~
ServiceTestSpecification: id= href= description isBundle:boolean lastUpdate:date-time lifecycleStatus name!
    version attachment:AttachmentRefOrValue[] constraint:ConstraintRef[]
    entitySpecRelationship:EntitySpecificationRelationship[] relatedParty:RelatedParty[]
    relatedServiceSpecification!:ServiceSpecificationRef[]
    serviceTestSpecRelationship:ServiceTestSpecRelationship[]
    specCharacteristic:CharacteristicSpecification[] targetEntitySchema:TargetEntitySchema
    testMeasureDefinition:TestMeasureDefinition[] validFor~:TimePeriod @*~
AppliedConsequence: appliedAction description name repeatAction:boolean @*
CharacteristicSpecificationRelationship: characteristicSpecificationId name parentSpecificationHref:uri
    parentSpecificationId relationshipType validFor:TimePeriod @*
MeasureThresholdRuleViolation: conformanceComparatorExact:boolean conformanceComparatorLower
    conformanceComparatorUpper conformanceTargetExact conformanceTargetLower conformanceTargetUpper
    description name numberOfAllowedCrossing:integer thresholdRuleSeverity
    appliedConsequence:AppliedConsequence[] tolerancePeriod:Duration @*
MetricDefMeasureConsequence: description name prescribeAction repeatAction:boolean validFor:TimePeriod @*
MetricDefMeasureThresholdRule: conformanceComparatorExact:boolean conformanceComparatorLower
    conformanceComparatorUpper conformanceTargetExact conformanceTargetLower conformanceTargetUpper
    description name numberOfAllowedCrossing:integer thresholdRuleSeverity
    consequence:MetricDefMeasureConsequence[] tolerancePeriod:Duration @*
ServiceTestSpecRelationship: id href name relationshipType! role validFor:TimePeriod @* @referredType
ServiceTestSpecificationRef: id! href version @* @referredType
TestMeasure: accuracy:number captureDateTime:date-time captureMethod metricDescription metricHref metricName
    unitOfMeasure ruleViolation:MeasureThresholdRuleViolation[] value:Characteristic @*
TestMeasureDefinition: captureFrequency captureMethod metricDescription metricHref metricName name
    unitOfMeasure valueType capturePeriod:Duration thresholdRule:MetricDefMeasureThresholdRule[]
    validFor:TimePeriod @*
""",
)
