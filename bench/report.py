"""The figures as text: Markdown, so that they can be put into docs/benchmarks.md as they are."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from compare import Contestant
from flow import Flow
from plans import PlanTimes
from sales import Rates

_PACKAGES = ("asyncpg", "uvicorn", "uvloop", "httptools", "msgspec", "procrastinate")


def machine(server_version: str) -> str:
    """Where and with what it was measured."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores of {processor}, {memory:.0f} GB;"
        f" load {os.getloadavg()[0]:.1f} before.\n"
        f"Python {platform.python_version()}, PostgreSQL {server_version}, {packages}."
    )


def compared(title: str, contestants: list[Contestant], goal: float) -> str:
    """One comparison; the last contestant is Abonent, its ratio is told against each other one."""
    ours = contestants[-1]
    lines = [
        "",
        f"### {title}",
        "",
        "| | requests/s | p50 ms | p99 ms | web CPU us | database CPU us | Abonent has |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in contestants:
        ratio = "" if one is ours else f"**{ours.against(one):.2f}**"
        lines.append(
            f"| {one.name} | {one.median('rate'):,.0f} | {one.median('p50'):.2f} | {one.median('p99'):.1f} "
            f"| {one.median('web'):.0f} | {one.median('database'):.0f} | {ratio} |"
        )
    lines += ["", f"Goal: at least {goal:.2f} of the first line. Medians of {len(ours.rate)} rounds."]
    return "\n".join(lines)


def planned(times: PlanTimes) -> str:
    """The benchmark of plans."""
    return (
        "\n### Plan of an order of three items that rely on each other\n\n"
        f"- {times.tasks} tasks; median {times.median:.2f} ms, **p95 {times.p95:.2f} ms**, worst {times.worst:.1f} ms"
        "\n\nGoal: p95 under 2 ms."
    )


def flowed(flow: Flow) -> str:
    """The benchmark of whole orders."""
    processor = ", ".join(f"{name} {ms:.1f}" for name, ms in flow.processor.items())
    lines = [
        "",
        "### Orders from POST to completed",
        "",
        f"- {flow.orders} orders, all done with their messages in {flow.seconds:.1f} s:"
        f" **{flow.rate:.1f} orders a second**; the first after {flow.first:.1f} s,"
        f" half of them after {flow.half:.1f} s",
        f"- posting: {flow.posting.requests / flow.posting.seconds:.0f} a second while the worker works,"
        f" p50 {flow.posting.p50:.0f} ms, p99 {flow.posting.p99:.0f} ms",
        f"- an order takes {flow.jobs:.1f} jobs, {flow.statements:.1f} SQL statements, {flow.messages:.1f} messages",
        f"- milliseconds of processor an order: {processor}; together {sum(flow.processor.values()):.1f}",
        "",
        "Heaviest statements (ms in the database an order, calls an order):",
        "",
        *(f"- {ms:.2f} ms, {calls:.1f} calls: `{text}`" for ms, calls, text in flow.heaviest),
        "",
        "Goal: at least 20 orders a second.",
    ]
    return "\n".join(lines)


def sold(rates: Rates) -> str:
    """The benchmark beside the peer."""
    return (
        "\n### Orders of three items beside Tryton's sales of three lines\n\n"
        f"- {rates.orders} each, {len(rates.ours)} rounds in turns: Tryton {median(rates.peer):.1f} a second (created, "
        f"credit checked, confirmed), Abonent {median(rates.ours):.1f} a second (qualified, credit decided, planned, "
        f"released): **{rates.ratio:.1f} times**; completed, with products and messages, {median(rates.completed):.1f}"
        " a second\n\nGoal: at least 10 times."
    )
