"""A company that sells three services to 200 parties with a credit limit. Runs in the peer's own environment.

python bench/tryton_fill.py CONFIG
"""

import sys
from decimal import Decimal

from proteus import Model, config

config.set_trytond(database="tryton", config_file=sys.argv[1])

from trytond.modules.account.tests.tools import create_chart, get_accounts  # noqa: E402
from trytond.modules.company.tests.tools import create_company, get_company  # noqa: E402
from trytond.modules.currency.tests.tools import get_currency  # noqa: E402

create_company(currency=get_currency("USD"))
company = get_company()
create_chart(company)
accounts = get_accounts(company)
(unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
category = Model.get("product.category")(
    name="Services",
    accounting=True,
    account_expense=accounts["expense"],
    account_revenue=accounts["revenue"],
)
category.save()
for number in range(3):
    Model.get("product.template")(
        name=f"Option {number}",
        default_uom=unit,
        type="service",
        salable=True,
        list_price=Decimal("500"),
        account_category=category,
    ).save()
term = Model.get("account.invoice.payment_term")(name="At once")
term.lines.new(type="remainder")
term.save()
for number in range(200):
    party = Model.get("party.party")(name=f"C-{number}", customer_payment_term=term)
    party.credit_limit_amount = Decimal("100000000")
    if not party.addresses:
        party.addresses.new(street="Svobody 12")
    party.save()
