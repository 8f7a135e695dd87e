"""Legal moves of import and export jobs (TMF620, TMF633), whose states are words with blanks. Data only."""

from abonent.kit.states import StateMachine

NOT_STARTED, RUNNING, SUCCEEDED, FAILED = "Not Started", "Running", "Succeeded", "Failed"
JOB = StateMachine(
    {
        NOT_STARTED: frozenset({RUNNING}),
        RUNNING: frozenset({SUCCEEDED, FAILED}),
        SUCCEEDED: frozenset(),
        FAILED: frozenset(),
    },
    frozenset({NOT_STARTED}),
    "status",
)
