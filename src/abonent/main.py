"""Where everything is put together: resources, actions, jobs, reactions, and the gateways behind the ports."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from abonent.domain.agreement import agreements, contracts, quotes
from abonent.domain.agreement import contract_resources as contract
from abonent.domain.agreement import resources as agreement
from abonent.domain.agreement.ports import QuoteLinks
from abonent.domain.billing import charging
from abonent.domain.billing import resources as billing
from abonent.domain.catalog import exchange, exchange_resources
from abonent.domain.catalog import resources as catalog
from abonent.domain.catalog.ports import SiteAddress
from abonent.domain.communication import delivery, interactions, telling_resources, telling_rules, templates
from abonent.domain.communication import messages as messaging
from abonent.domain.communication import reactions as communication
from abonent.domain.communication import resources as messages
from abonent.domain.communication.ports import Mailbox, MailTransport, SmsTransport
from abonent.domain.inventory import reservation_resources, reservations
from abonent.domain.inventory import resources as inventory
from abonent.domain.order_handling import (
    activation,
    amend,
    assessment,
    bulk,
    bulk_check,
    bulk_resources,
    cancel,
    contract_task,
    credit_cases,
    deposit,
    ending,
    intake,
    numbers,
    porting,
    progress,
    quoted,
    refunds,
    rules_numbers,
    service_orders,
    tasks,
)
from abonent.domain.order_handling import credit_resources as credit_case
from abonent.domain.order_handling import deposit_resources as payments
from abonent.domain.order_handling import ending_resources as endings
from abonent.domain.order_handling import porting_resources as number_porting
from abonent.domain.order_handling import reactions as order_reactions
from abonent.domain.order_handling import resources as orders
from abonent.domain.order_handling import visits as order_visits
from abonent.domain.order_handling.ports import (
    NumberPortability,
    OrderLinks,
    PaymentProvider,
    ServiceActivation,
)
from abonent.domain.party import kept_dates
from abonent.domain.party import resources as party
from abonent.domain.qualification import actions as qualifying
from abonent.domain.qualification import credit_resources as credit
from abonent.domain.qualification import credit_tables, engineering, engineering_quote, service_query
from abonent.domain.qualification import resources as qualification
from abonent.domain.qualification.ports import CreditBureau
from abonent.domain.service_test import resources as service_test
from abonent.domain.service_test.ports import ServiceTesting
from abonent.domain.workforce import cancel_requests as work_cancellations
from abonent.domain.workforce import requests as visits
from abonent.domain.workforce import resources as workforce
from abonent.faces.signed_links import SignedOrders, SignedQuotes
from abonent.faces.tokens import secret_of
from abonent.gateways.activation import BASE_PATH as ACTIVATION_PATH
from abonent.gateways.activation import HttpServiceActivation, parse_notification
from abonent.gateways.credit_bureau import HttpCreditBureau
from abonent.gateways.listener_http import HttpListeners
from abonent.gateways.mail_smtp import SmtpMail
from abonent.gateways.mailbox_http import HttpMailbox
from abonent.gateways.payment import EVENT as PAYMENT_EVENT
from abonent.gateways.payment import HttpPayments
from abonent.gateways.porting import EVENT as PORTING_EVENT
from abonent.gateways.porting import HttpPortability
from abonent.gateways.service_test_http import BASE_PATH as TEST_PATH
from abonent.gateways.service_test_http import HttpServiceTesting
from abonent.gateways.sms_http import EVENT as SMS_EVENT
from abonent.gateways.sms_http import HttpSms, parse_report
from abonent.kit.clock import Clock
from abonent.kit.context import Context, correlation
from abonent.kit.crud import Actions
from abonent.kit.db import Database, open_pool
from abonent.kit.errors import N_, NotFound
from abonent.kit.events import Reactions
from abonent.kit.hub import Listeners, topics
from abonent.kit.jobs import Handlers
from abonent.kit.resource import ResourceRegistry
from abonent.kit.store import Store
from abonent.settings import Settings

# What the SMS gateway calls its delivery reports: the end of the callback address.
SMS_REPORT = SMS_EVENT
# The same for the payment provider.
PAYMENT_REPORT = PAYMENT_EVENT
# The same for the clearing house of number portability.
PORTING_REPORT = PORTING_EVENT

REGISTRY = ResourceRegistry(
    party.RESOURCES,
    catalog.RESOURCES,
    exchange_resources.RESOURCES,
    agreement.RESOURCES,
    inventory.RESOURCES,
    reservation_resources.RESOURCES,
    qualification.RESOURCES,
    credit.RESOURCES,
    workforce.RESOURCES,
    service_test.RESOURCES,
    orders.RESOURCES,
    credit_case.RESOURCES,
    bulk_resources.RESOURCES,
    endings.RESOURCES,
    payments.RESOURCES,
    number_porting.RESOURCES,
    contract.RESOURCES,
    messages.RESOURCES,
    telling_resources.RESOURCES,
    billing.RESOURCES,
    topics.RESOURCES,
)


def actions() -> Actions:
    """What API and console call; processes put their own in place of the plain ones."""
    registered = Actions()
    registered.register(
        orders.PRODUCT_ORDER, create=intake.place_order, change=amend.change_order, remove=amend.remove_order
    )
    registered.register(bulk_resources.BULK_ORDER, create=bulk.create_bulk, change=bulk.change_bulk)
    registered.register(orders.CANCEL_PRODUCT_ORDER, create=cancel.post_cancellation)
    registered.register(
        credit.CREDIT_TABLE,
        create=credit_tables.create_table,
        change=credit_tables.change_table,
        remove=credit_tables.remove_table,
    )
    registered.register(
        reservation_resources.RESOURCE_RESERVATION,
        create=reservations.post_reservation,
        change=reservations.patch_reservation,
    )
    registered.register(endings.EQUIPMENT_RETURN, change=ending.patch_return)
    registered.register(credit_case.CREDIT_CASE, change=credit_cases.change_case)
    registered.register(payments.PAYMENT_REQUEST, change=refunds.change_request)
    registered.register(payments.DEPOSIT_POLICY, create=deposit.create_policy, change=deposit.change_policy)
    registered.register(qualification.PRODUCT_OFFERING_QUALIFICATION, create=qualifying.qualify_offering)
    registered.register(qualification.CHECK_SERVICE_QUALIFICATION, create=qualifying.check_service)
    registered.register(
        qualification.ENGINEERING_ASSESSMENT,
        create=engineering.request,
        change=engineering_quote.change_assessment,
    )
    registered.register(
        agreement.QUOTE, create=quotes.ask_for_quote, change=quotes.change_quote, remove=quotes.remove_quote
    )
    registered.register(
        contract.CONTRACT_TEMPLATE, create=contracts.create_template, change=contracts.change_template
    )
    registered.register(agreement.QUOTE_POLICY, create=quotes.create_policy, change=quotes.change_policy)
    registered.register(
        messages.COMMUNICATION_MESSAGE,
        create=messaging.create_message,
        change=messaging.change_message,
        remove=messaging.remove_message,
    )
    registered.register(
        messages.MESSAGE_TEMPLATE, create=templates.create_template, change=templates.change_template
    )
    registered.register(
        telling_resources.COMMUNICATION_RULE,
        create=telling_rules.create_rule,
        change=telling_rules.change_rule,
    )
    for process in (
        agreements,
        exchange,
        interactions,
        kept_dates,
        service_orders,
        service_query,
        visits,
        work_cancellations,
    ):
        process.register(registered)
    topics.register(registered, REGISTRY)
    return registered


def handlers() -> Handlers:
    """Background jobs by name."""
    jobs = Handlers()
    jobs.add(intake.ASSESS, assessment.assess)
    jobs.add(credit_cases.REOPEN, credit_cases.reopen)
    for name, job in (
        *(*contracts.JOBS, *deposit.JOBS, *refunds.JOBS, *porting.JOBS),
        *(*exchange.JOBS, *service_orders.JOBS, *work_cancellations.JOBS),
    ):
        jobs.add(name, job)
    jobs.add(contract_task.FOLLOW, contract_task.follow)
    jobs.add(communication.TELL_OF_CONTRACT, communication.tell_of_contract)
    jobs.add(quotes.EXPIRE, quotes.expire)
    jobs.add(quoted.PLACE_QUOTED, quoted.place_quoted)
    jobs.add(engineering.EXPIRE, engineering.expire)
    jobs.add(engineering_quote.OPEN_FOR_QUOTE, engineering_quote.open_for_quote)
    jobs.add(assessment.RUN_TASK, tasks.run_task)
    jobs.add(activation.POLL, activation.poll)
    jobs.add(reservations.EXPIRE, reservations.expire)
    jobs.add(reservations.QUARANTINE_OVER, reservations.end_quarantine)
    jobs.add(rules_numbers.CLOSE, numbers.close_order)
    jobs.add(ending.OVERDUE, ending.charge_overdue)
    jobs.add(order_visits.CANCEL, order_visits.cancel_visits)
    jobs.add(order_visits.CANCEL_WORK, order_visits.cancel_work_orders)
    jobs.add(order_visits.LATER, order_visits.move_later)
    jobs.add(cancel.CARRY_OUT, cancel.carry_out)
    jobs.add(progress.CLOSE_CANCELLATIONS, cancel.close_cancellations)
    jobs.add(progress.RETRY, progress.retry_task)
    jobs.add(order_reactions.FOLLOW_WORK, order_reactions.follow_work)
    jobs.add(communication.TELL_OF_ORDER, communication.tell_of_order)
    jobs.add(communication.TELL_OF_DELAY, communication.tell_of_delay)
    jobs.add(communication.TELL_OF_VISIT, communication.tell_of_visit)
    jobs.add(communication.TELL_OF_QUOTE, communication.tell_of_quote)
    jobs.add(communication.TELL_OF_DEPOSIT, communication.tell_of_deposit)
    jobs.add(communication.TELL_OF_PORTING, communication.tell_of_porting)
    jobs.add(delivery.DELIVER, delivery.deliver)
    jobs.add(bulk.CHECK, bulk_check.check_bulk)
    jobs.add(bulk.PLACE, bulk.place_bulk)
    jobs.add(charging.FOLLOW, charging.follow_product)
    jobs.add(charging.FOLLOW_RETURN, charging.follow_return)
    return jobs


def reactions() -> Reactions:
    """Who hears what. The publisher does not know."""
    heard = Reactions()
    heard.on(engineering_quote.EVENT, engineering_quote.OPEN_FOR_QUOTE)
    heard.on(quoted.EVENT, quoted.PLACE_QUOTED)
    for event in contract_task.EVENTS:
        heard.on(event, contract_task.FOLLOW)
    for event in communication.CONTRACT_EVENTS:
        heard.on(event, communication.TELL_OF_CONTRACT)
    for event in deposit.EVENTS:
        heard.on(event, deposit.FOLLOW)
    for event in communication.DEPOSIT_EVENTS:
        heard.on(event, communication.TELL_OF_DEPOSIT)
    for event in communication.PORTING_EVENTS:
        heard.on(event, communication.TELL_OF_PORTING)
    for event in communication.ORDER_EVENTS:
        heard.on(event, communication.TELL_OF_ORDER)
    for event in communication.QUOTE_EVENTS:
        heard.on(event, communication.TELL_OF_QUOTE)
    for event in communication.DELAY_EVENTS:
        heard.on(event, communication.TELL_OF_DELAY)
    for event in communication.VISIT_EVENTS:
        heard.on(event, communication.TELL_OF_VISIT)
    for event in order_reactions.EVENTS:
        heard.on(event, order_reactions.FOLLOW_WORK)
    for event in charging.EVENTS:
        heard.on(event, charging.FOLLOW)
    for event in charging.RETURN_EVENTS:
        heard.on(event, charging.FOLLOW_RETURN)
    return heard


def reports(context: Context) -> dict[str, Callable[[str, bytes], Awaitable[None]]]:
    """What other systems report back, by the name their callback address carries: (event name, body) -> None."""

    async def network(event: str, body: bytes) -> None:
        await activation.report(context, parse_notification(event, body))

    async def sms(event: str, body: bytes) -> None:
        told = parse_report(event, body)
        if told is not None:
            await delivery.report(context, told)

    async def paid(event: str, body: bytes) -> None:
        # A process without a provider knows no secret to trust a report by.
        provider = context.ports.get(PaymentProvider)
        if provider is None:
            raise NotFound("noProvider", N_("No payment provider is connected here."))
        await deposit.report(context, provider.parse(event, body))

    async def ported(event: str, body: bytes) -> None:
        house = context.ports.get(NumberPortability)
        if house is None:
            raise NotFound(
                "noClearingHouse", N_("No clearing house of number portability is connected here.")
            )
        await porting.report(context, house.parse(event, body))

    return {"network": network, "sms": sms, "payments": paid, "porting": ported}


@dataclass(frozen=True, slots=True)
class Process:
    """The shared parts of one running process."""

    context: Context
    database: Database
    activation: HttpServiceActivation | None
    sms: HttpSms | None = None
    payments: HttpPayments | None = None
    porting: HttpPortability | None = None


def _message_gateways(settings: Settings) -> dict[type, Any]:
    """Mail server, SMS gateway and mailbox by port, where the settings name them. BadInput for settings that are
    none."""
    ports: dict[type, Any] = {}
    if settings.smtp_url:
        ports[MailTransport] = SmtpMail(settings.smtp_url, settings.mail_from)
    if settings.sms_url:
        bearer = f"Bearer {settings.sms_token}" if settings.sms_token else None
        ports[SmsTransport] = HttpSms(
            settings.sms_url, correlation.get, sender=settings.sms_from, authorization=bearer
        )
    if settings.mailbox_url:
        ports[Mailbox] = HttpMailbox(settings.mailbox_url, correlation.get)
    return ports


@asynccontextmanager
async def open_process(settings: Settings, dsn: str, name: str) -> AsyncIterator[Process]:
    """Pool, store, clock and gateways; closed at the end."""
    database = Database(await open_pool(dsn, size=settings.pool_size, name=name))
    clock = Clock()
    ports: dict[type, Any] = {}
    secret = secret_of(settings.data, settings.secret)
    network: HttpServiceActivation | None = None
    testing: HttpServiceTesting | None = None
    if settings.network_url:
        bearer = f"Bearer {settings.network_token}" if settings.network_token else None
        network = HttpServiceActivation(
            settings.network_url + ACTIVATION_PATH, correlation.get, authorization=bearer
        )
        testing = HttpServiceTesting(settings.network_url + TEST_PATH, correlation.get, authorization=bearer)
        ports = {ServiceActivation: network, ServiceTesting: testing}
    if settings.bureau_url:
        bearer = f"Bearer {settings.bureau_token}" if settings.bureau_token else None
        ports[CreditBureau] = HttpCreditBureau(settings.bureau_url, correlation.get, authorization=bearer)
    if settings.payment_url:
        bearer = f"Bearer {settings.payment_token}" if settings.payment_token else None
        ports[PaymentProvider] = HttpPayments(
            settings.payment_url,
            correlation.get,
            secret=settings.payment_secret or secret,
            authorization=bearer,
        )
    if settings.porting_url:
        bearer = f"Bearer {settings.porting_token}" if settings.porting_token else None
        ports[NumberPortability] = HttpPortability(
            settings.porting_url,
            correlation.get,
            secret=settings.porting_secret or secret,
            authorization=bearer,
        )
    ports |= _message_gateways(settings)
    ports[Listeners] = HttpListeners(settings.hub_allow)
    public = settings.public_url or ""
    ports[SiteAddress] = SiteAddress(public)
    ports[QuoteLinks], ports[OrderLinks] = SignedQuotes(secret, public), SignedOrders(secret, public)
    try:
        async with database.connection() as conn:
            await clock.refresh(conn)
        context = Context(Store(database), clock, reactions(), ports)
        yield Process(
            context,
            database,
            network,
            ports.get(SmsTransport),
            ports.get(PaymentProvider),
            ports.get(NumberPortability),
        )
    finally:
        for gateway in ports.values():
            await gateway.close()
        await database.close()
