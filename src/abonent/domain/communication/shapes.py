"""Wire types of messages to clients and interactions with them.

A vocabulary for each API, as version 4 of its TM Forum specification has it; syntax: kit/shape_parser.
"""

from abonent.domain.common_shapes import SERVICE_SHAPES, SHAPES
from abonent.kit.shapes import Vocabulary

# TMF681 Communication Management.
COMMUNICATION = Vocabulary(
    SHAPES,
    SERVICE_SHAPES,
    """
CommunicationMessage: id= href= content! description logFlag:boolean messageType! priority
    scheduledSendTime:date-time sendTime:date-time sendTimeComplete:date-time subject tryTimes:integer
    attachment:Attachment[] characteristic:Characteristic[] receiver!:Receiver[] sender!:Sender
    state:CommunicationMessageStateType @*
Attachment: id href attachmentType content description mimeType name url size:Quantity validFor:TimePeriod
    @*
CharacteristicRelationship: id relationshipType @*
Receiver: id appUserId email ip name phoneNumber party:RelatedParty @*
Sender: id email name phoneNumber party:RelatedParty @*
CommunicationMessageStateType: initial | inProgress | completed | cancelled | failed
""",
)

# Our own: what is said at which event. A template holds both languages, so that neither can be forgotten.
TEMPLATES = Vocabulary(
    SHAPES,
    """
MessageTemplate: id= href= name event!~ channel!~:MessageChannel variant~ text!:MessageText[]
    active:boolean urgent:boolean version=:integer lastUpdate=:date-time @*
MessageText: language!:MessageLanguage subject content! @*
MessageChannel: email | SMS
MessageLanguage: en | ru
""",
)

# TMF683 Party Interaction Management.
INTERACTION = Vocabulary(
    SHAPES,
    """
PartyInteraction: id= href= creationDate:date-time description direction!~ reason! status!
    statusChangeDate:date-time attachment:AttachmentRefOrValue[] channel!:RelatedChannel[]
    interactionDate!:TimePeriod interactionItem:InteractionItem[]
    interactionRelationship:InteractionRelationship[] note:Note[] relatedParty:RelatedParty[] @*
InteractionItem: id creationDate:date-time reason resolution attachment:AttachmentRefOrValue[]
    channel:RelatedChannel[] item:RelatedEntityRefOrValue itemDate:TimePeriod note:Note[]
    relatedParty:RelatedParty[] @*
InteractionRelationship: id href relationshipType @*
RelatedChannel: id! href! name role @* @referredType
RelatedParty: id! href! name role @* @referredType!
""",
)
