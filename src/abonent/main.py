"""Where everything is put together: resources, actions, jobs, reactions, and the gateways behind the ports."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abonent.domain.catalog import resources as catalog
from abonent.domain.communication import reactions as communication
from abonent.domain.communication import resources as messages
from abonent.domain.inventory import resources as inventory
from abonent.domain.order_handling import activation, amend, assessment, credit_policy, intake, tasks
from abonent.domain.order_handling import resources as orders
from abonent.domain.order_handling.ports import ServiceActivation
from abonent.domain.party import resources as party
from abonent.domain.qualification import actions as qualifying
from abonent.domain.qualification import resources as qualification
from abonent.domain.service_test import resources as service_test
from abonent.domain.service_test.ports import ServiceTesting
from abonent.gateways.activation import BASE_PATH as ACTIVATION_PATH
from abonent.gateways.activation import HttpServiceActivation, parse_notification
from abonent.gateways.service_test_http import BASE_PATH as TEST_PATH
from abonent.gateways.service_test_http import HttpServiceTesting
from abonent.kit.clock import Clock
from abonent.kit.context import Context, correlation
from abonent.kit.crud import Actions
from abonent.kit.db import Database, open_pool
from abonent.kit.events import Reactions
from abonent.kit.jobs import Handlers
from abonent.kit.resource import ResourceRegistry
from abonent.kit.store import Store

REGISTRY = ResourceRegistry(
    party.RESOURCES,
    catalog.RESOURCES,
    inventory.RESOURCES,
    qualification.RESOURCES,
    service_test.RESOURCES,
    orders.RESOURCES,
    messages.RESOURCES,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process is told by its command line and environment.

    database_url   DATABASE_URL; None: the embedded PostgreSQL in `data`
    public_url     ABONENT_PUBLIC_URL: start of hrefs and of the address the network reports to
    network_url    ABONENT_NETWORK_URL: base of the TMF641 and TMF653 systems; None: none is connected
    network_token  ABONENT_NETWORK_TOKEN: bearer token for them
    secret         ABONENT_SECRET: signs tokens and cookies; None: a key kept in `data`
    """

    data: Path
    database_url: str | None = None
    public_url: str | None = None
    network_url: str | None = None
    network_token: str | None = None
    secret: str | None = None
    pool_size: int = field(default=10)

    @classmethod
    def read(cls, data: Path, environment: Mapping[str, str] = os.environ) -> "Settings":
        return cls(
            data=data,
            database_url=environment.get("DATABASE_URL"),
            public_url=(environment.get("ABONENT_PUBLIC_URL") or "").rstrip("/") or None,
            network_url=(environment.get("ABONENT_NETWORK_URL") or "").rstrip("/") or None,
            network_token=environment.get("ABONENT_NETWORK_TOKEN"),
            secret=environment.get("ABONENT_SECRET"),
            pool_size=int(environment.get("ABONENT_POOL_SIZE", "10")),
        )


def actions() -> Actions:
    """What API and console call; processes put their own in place of the plain ones."""
    registered = Actions()
    registered.register(
        orders.PRODUCT_ORDER, create=intake.place_order, change=amend.change_order, remove=amend.remove_order
    )
    registered.register(
        orders.CREDIT_POLICY, create=credit_policy.create_policy, change=credit_policy.change_policy
    )
    registered.register(qualification.PRODUCT_OFFERING_QUALIFICATION, create=qualifying.qualify_offering)
    registered.register(qualification.CHECK_SERVICE_QUALIFICATION, create=qualifying.check_service)
    return registered


def handlers() -> Handlers:
    """Background jobs by name."""
    jobs = Handlers()
    jobs.add(intake.ASSESS, assessment.assess)
    jobs.add(assessment.RUN_TASK, tasks.run_task)
    jobs.add(activation.POLL, activation.poll)
    jobs.add(communication.TELL_OF_ORDER, communication.tell_of_order)
    return jobs


def reactions() -> Reactions:
    """Who hears what. The publisher does not know."""
    heard = Reactions()
    for event in communication.EVENTS:
        heard.on(event, communication.TELL_OF_ORDER)
    return heard


def reports(context: Context) -> dict[str, Callable[[str, bytes], Awaitable[None]]]:
    """What other systems report back, by the name their callback address carries: (event name, body) -> None."""

    async def network(event: str, body: bytes) -> None:
        await activation.report(context, parse_notification(event, body))

    return {"network": network}


@dataclass(frozen=True, slots=True)
class Process:
    """The shared parts of one running process."""

    context: Context
    database: Database
    activation: HttpServiceActivation | None


@asynccontextmanager
async def open_process(settings: Settings, dsn: str, name: str) -> AsyncIterator[Process]:
    """Pool, store, clock and gateways; closed at the end."""
    database = Database(await open_pool(dsn, size=settings.pool_size, name=name))
    clock = Clock()
    ports: dict[type, Any] = {}
    network: HttpServiceActivation | None = None
    testing: HttpServiceTesting | None = None
    if settings.network_url:
        bearer = f"Bearer {settings.network_token}" if settings.network_token else None
        network = HttpServiceActivation(
            settings.network_url + ACTIVATION_PATH, correlation.get, authorization=bearer
        )
        testing = HttpServiceTesting(settings.network_url + TEST_PATH, correlation.get, authorization=bearer)
        ports = {ServiceActivation: network, ServiceTesting: testing}
    try:
        async with database.connection() as conn:
            await clock.refresh(conn)
        yield Process(Context(Store(database), clock, reactions(), ports), database, network)
    finally:
        for gateway in (network, testing):
            if gateway is not None:
                await gateway.close()
        await database.close()
