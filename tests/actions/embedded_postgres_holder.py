"""A process that holds the embedded server, driven line by line: the part `serve` and `worker` play.

Reads JSON commands from stdin, answers JSON lines on stdout, tends twice a second in between.
"""

import json
import logging
import os
import select
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from abonent.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresProblem

TEND_SECONDS = 0.5


def say(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def run_sql(dsn: str, statement: str) -> dict[str, Any]:
    import psycopg

    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=2) as connection:
            found = connection.execute(statement.encode())
            return {"rows": found.fetchall() if found.description else []}
    except psycopg.Error as error:
        return {"error": str(error)}


def obey(postgres: EmbeddedPostgres, dsn: str, command: dict[str, Any]) -> None:
    match command["do"]:
        case "sql":
            say(**run_sql(dsn, command["text"]))
        case "occupy":  # a backend that never looks whether its postmaster still lives
            statement = "DO $$ BEGIN LOOP END LOOP; END $$"
            threading.Thread(target=run_sql, args=(dsn, statement), daemon=True).start()
            say(started=True)
        case "owner":
            say(owner=postgres.owner)


def main() -> None:
    logging.basicConfig(stream=sys.stderr)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    postgres = EmbeddedPostgres(Path(sys.argv[1]))
    say(home=str(postgres.folder))
    try:
        dsn = postgres.attach()
    except EmbeddedPostgresProblem as problem:
        say(problem=problem.code, text=str(problem))
        return
    say(dsn=dsn, owner=postgres.owner)
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    pending = b""
    next_tend = 0.0
    while not stopping:
        if select.select([0], [], [], max(0.0, next_tend - time.monotonic()))[0]:
            piece = os.read(0, 65536)
            if not piece:
                break
            *lines, pending = (pending + piece).split(b"\n")
            for line in lines:
                obey(postgres, dsn, json.loads(line))
        if time.monotonic() >= next_tend:
            next_tend = time.monotonic() + TEND_SECONDS
            postgres.tend()
    postgres.detach()


if __name__ == "__main__":
    main()
