"""Wire types of parties, customers and party roles.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.shapes import Vocabulary

# TMF632 Party Management.
PARTY = Vocabulary(
    SHAPES,
    """
Individual: id= href= aristocraticTitle birthDate:date-time countryOfBirth deathDate:date-time familyName!
    familyNamePrefix formattedName fullName gender generation givenName! legalName location maritalStatus
    middleName nationality placeOfBirth preferredGivenName title contactMedium:ContactMedium[]
    creditRating:PartyCreditProfile[] disability:Disability[] externalReference:ExternalReference[]
    individualIdentification:IndividualIdentification[] languageAbility:LanguageAbility[]
    otherName:OtherNameIndividual[] partyCharacteristic:Characteristic[] relatedParty:RelatedParty[]
    skill:Skill[] status:IndividualStateType taxExemptionCertificate:TaxExemptionCertificate[] @*
Organization: id= href= isHeadOffice:boolean isLegalEntity:boolean name nameType organizationType
    tradingName! contactMedium:ContactMedium[] creditRating:PartyCreditProfile[] existsDuring:TimePeriod
    externalReference:ExternalReference[] organizationChildRelationship:OrganizationChildRelationship[]
    organizationIdentification:OrganizationIdentification[]
    organizationParentRelationship:OrganizationParentRelationship otherName:OtherNameOrganization[]
    partyCharacteristic:Characteristic[] relatedParty:RelatedParty[] status:OrganizationStateType
    taxExemptionCertificate:TaxExemptionCertificate[] @*
Disability: disabilityCode disabilityName validFor:TimePeriod @*
ExternalReference: externalReferenceType name @*
IndividualIdentification: identificationId identificationType issuingAuthority issuingDate:date-time
    attachment:AttachmentRefOrValue validFor:TimePeriod @*
LanguageAbility: isFavouriteLanguage:boolean languageCode languageName listeningProficiency
    readingProficiency speakingProficiency writingProficiency validFor:TimePeriod @*
OrganizationChildRelationship: relationshipType organization:OrganizationRef @*
OrganizationIdentification: identificationId identificationType issuingAuthority issuingDate:date-time
    attachment:AttachmentRefOrValue validFor:TimePeriod @*
OrganizationParentRelationship: relationshipType organization:OrganizationRef @*
OrganizationRef: id! href name @* @referredType
OtherNameIndividual: aristocraticTitle familyName familyNamePrefix formattedName fullName generation
    givenName legalName middleName preferredGivenName title validFor:TimePeriod @*
OtherNameOrganization: name nameType tradingName validFor:TimePeriod @*
PartyCreditProfile: creditAgencyName creditAgencyType ratingReference ratingScore:integer
    validFor:TimePeriod @*
Skill: comment evaluatedLevel skillCode skillName validFor:TimePeriod @*
TaxDefinition: id name taxType @* @referredType
TaxExemptionCertificate: id attachment:AttachmentRefOrValue taxDefinition:TaxDefinition[]
    validFor:TimePeriod @*
IndividualStateType: initialized | validated | deceaded
OrganizationStateType: initialized | validated | closed
""",
)

# TMF629 Customer Management.
CUSTOMER = Vocabulary(
    SHAPES,
    """
Customer: id= href= name! status statusReason account:AccountRef[] agreement:AgreementRef[]
    characteristic:Characteristic[] contactMedium:ContactMedium[] creditProfile:CreditProfile[]
    engagedParty!:RelatedParty paymentMethod:PaymentMethodRef[] relatedParty:RelatedParty[]
    validFor:TimePeriod @*
ContactMedium: mediumType! preferred:boolean characteristic!:MediumCharacteristic validFor:TimePeriod @*
""",
)

# TMF669 Party Role Management.
PARTY_ROLE = Vocabulary(
    SHAPES,
    """
PartyRole: id= href= name! status statusReason account:AccountRef[] agreement:AgreementRef[]
    characteristic:Characteristic[] contactMedium:ContactMedium[] creditProfile:CreditProfile[]
    engagedParty:RelatedParty paymentMethod:PaymentMethodRef[] relatedParty:RelatedParty[]
    validFor:TimePeriod @*
ContactMedium: mediumType! preferred:boolean characteristic!:MediumCharacteristic validFor:TimePeriod @*
""",
)
