"""Legal moves of a message, as TMF681 names its states. Data only.

initial     written; it waits (for quiet hours to end, for an address, for a transport) or is about to be sent
inProgress  being sent, tried again after a failure that may pass, or sent and its delivery report is awaited
completed   the last server took it; of an SMS with reports: the phone has it
failed      refused for good on every channel
cancelled   by hand before it was sent, or the client wants no messages on its topic

A message that is sent at once is written `inProgress`: one write less. Sending again by hand leads back from
completed and failed.
"""

from abonent.kit.states import StateMachine

COMMUNICATION_MESSAGE = StateMachine(
    {
        "initial": frozenset({"inProgress", "cancelled", "failed"}),
        "inProgress": frozenset({"completed", "failed", "cancelled"}),
        "completed": frozenset({"inProgress", "failed"}),
        "failed": frozenset({"inProgress"}),
        "cancelled": frozenset(),
    },
    initial=frozenset({"initial", "inProgress", "cancelled"}),
)
