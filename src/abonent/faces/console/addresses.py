"""Where the pages of things are: one function a kind, whatever letters an id has."""

from urllib.parse import quote, urlencode


def _page(room: str, *ids: str) -> str:
    return "/".join((room, *(quote(id, safe="") for id in ids)))


def order_path(number: str) -> str:
    """An order's page."""
    return _page("/orders", number)


def contract_path(order: str) -> str:
    """The page of an order's contract, where it is accepted in the office."""
    return _page("/contracts", order)


def fallout_path(order: str, task: str) -> str:
    """The page of a task that failed."""
    return _page("/orders/fallout", order, task)


def client_path(id: str) -> str:
    return _page("/clients", id)


def product_path(id: str) -> str:
    return _page("/products", id)


def offering_path(id: str) -> str:
    return _page("/catalogue", id)


def message_path(id: str) -> str:
    return _page("/messages", id)


def template_path(id: str) -> str:
    """The page of a message's text."""
    return _page("/messages/templates", id)


def rule_path(id: str) -> str:
    """The page of a rule of what is told."""
    return _page("/messages/rules", id)


def arrival_path(id: str) -> str:
    """A mail or SMS in the demo's mailbox."""
    return _page("/mailbox", id)


def work_path(id: str) -> str:
    """A work order's page."""
    return _page("/work-orders", id)


def crew_path(id: str) -> str:
    return _page("/crews", id)


def request_path(id: str) -> str:
    """The page of a request outside the catalogue."""
    return _page("/requests", id)


def case_path(order: str) -> str:
    """The page of an order's credit case."""
    return _page("/credit", order)


def give_path(order: str) -> str:
    """The page on which an order's money is given back."""
    return "/refunds/give?" + urlencode({"order": order})


def table_path(id: str) -> str:
    """The page of a version of the credit table."""
    return _page("/credit/tables", id)


def bulk_path(id: str) -> str:
    """The page of a bulk order."""
    return _page("/bulk-orders", id)


def new_order_path(client: str) -> str:
    """The page on which an order is entered for a client."""
    return "/orders/new?" + urlencode({"client": client})


def amend_path(order: str) -> str:
    """The page on which an order is amended."""
    return f"{order_path(order)}/amend"


def amended_path(order: str) -> str:
    """The page that says what the last amendment of an order changed."""
    return f"{order_path(order)}/amended"
