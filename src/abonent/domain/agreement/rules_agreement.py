"""The agreement (TMF651) that stands for a contract the client accepted. Pure.

A contract is a paper on its way: offered, accepted or expired, with its file. An agreement is what holds from then on.
So a contract that is accepted makes an agreement, which refers to it and is not changed any more.
"""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]

_START = "AGR-CTR-"
_SIGNED = {"link": "electronic", "office": "written"}


def agreement_number(contract: str) -> str:
    """Id of the agreement of a contract: AGR-CTR-10001 for CTR-10001. No agreement that is posted gets such a one."""
    return f"AGR-{contract}"


def contract_of(agreement: str) -> str | None:
    """The contract that an agreement stands for; None for one that was posted."""
    return agreement.removeprefix("AGR-") if agreement.startswith(_START) else None


def agreed(contract: Document) -> dict[str, Any]:
    """The agreement of a contract that was accepted."""
    acceptance, customer, number = contract["acceptance"], contract["customer"], contract["id"]
    return {
        "id": agreement_number(number),
        "agreementType": "commercial",
        "name": f"Contract {number}",
        "initialDate": contract["since"],
        "status": "approved",
        "version": str(contract["template"]["version"]),
        "agreementPeriod": {"startDateTime": acceptance["at"]},
        "engagedParty": [
            {
                "id": customer["id"],
                "name": customer.get("name") or customer["id"],
                "role": "customer",
                "@referredType": "Customer",
            }
        ],
        "agreementItem": [
            {
                "termOrCondition": [
                    {
                        "id": "1",
                        "description": f"As the file of {number} says (SHA-256 {contract['sha256']}).",
                    }
                ]
            }
        ],
        "agreementAuthorization": [
            {
                "date": acceptance["at"],
                "signatureRepresentation": _SIGNED.get(acceptance["how"], acceptance["how"]),
                "state": "approved",
            }
        ],
        "characteristic": [
            {"name": "contract", "value": number},
            {"name": "productOrder", "value": contract["productOrder"]["id"]},
        ],
    }
