"""What can go wrong with the embedded server, told so that an operator can mend it."""

from abonent.kit.errors import N_, Problem


class EmbeddedPostgresProblem(Problem):
    """The embedded PostgreSQL cannot serve; the text says why and what to do."""


def unsupported_system(system: str) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "embeddedPostgresUnsupported",
        N_("The embedded PostgreSQL runs on Linux only, not on {system}. Set DATABASE_URL to a server."),
        system=system,
    )


def no_binaries(oldest: int) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "postgresNotFound",
        N_(
            "No PostgreSQL {oldest} or newer was found for this platform. Install PostgreSQL "
            "(Debian: apt-get install postgresql) or set DATABASE_URL to a PostgreSQL server."
        ),
        oldest=oldest,
    )


def other_version(major: int, data: str) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "postgresVersionNotFound",
        N_(
            "The data in {data} were made by PostgreSQL {major}, which was not found. "
            "Install PostgreSQL {major}, or set DATABASE_URL to a server that holds a copy of the data."
        ),
        major=major,
        data=data,
    )


def no_account(wanted: str) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "noServerAccount",
        N_(
            "PostgreSQL refuses to run as root, and no unprivileged account ({wanted}) exists. Create one, "
            "run as an ordinary user or set DATABASE_URL."
        ),
        wanted=wanted,
    )


def nameless_account(uid: int) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "namelessAccount",
        N_(
            "User id {uid} has no name on this system, which PostgreSQL needs. "
            "Add it to /etc/passwd or set DATABASE_URL."
        ),
        uid=uid,
    )


def belongs_to_other(folder: str, account: str) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "dataOfAnotherUser",
        N_(
            "The data in {folder} belong to the user {account}. "
            "Run as that user or choose another data folder."
        ),
        folder=folder,
        account=account,
    )


def folder_unusable(folder: str, reason: str) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "dataFolderUnusable",
        N_(
            "The folder {folder} cannot be used: {reason}. "
            "Mend it, choose another data folder or set DATABASE_URL."
        ),
        folder=folder,
        reason=reason,
    )


def initialisation_failed(folder: str, output: str) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "databaseNotInitialised",
        N_("PostgreSQL could not initialise {folder}: {output}"),
        folder=folder,
        output=output,
    )


def start_failed(log: str, output: str) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "databaseNotStarted",
        N_("PostgreSQL did not start: {output} (log: {log})"),
        log=log,
        output=output,
    )


def connection_refused(socket: str, reason: str) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "databaseRefused",
        N_("PostgreSQL at {socket} refuses the connection: {reason}"),
        socket=socket,
        reason=reason,
    )


def not_ready(seconds: float, owner: str, log: str) -> EmbeddedPostgresProblem:
    return EmbeddedPostgresProblem(
        "databaseNotReady",
        N_("PostgreSQL, run by process {owner}, did not answer within {seconds} s. See its log: {log}"),
        seconds=f"{seconds:g}",
        owner=owner,
        log=log,
    )
