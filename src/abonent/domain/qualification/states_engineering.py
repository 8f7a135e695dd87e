"""Legal moves of an engineering assessment. Data only."""

from abonent.kit.states import machine

ENGINEERING_ASSESSMENT = machine(
    initial="requested",
    # requested -> assessed: an earlier assessment is used again, and nobody works it out a second time.
    requested="assigned assessed rejected withdrawn",
    assigned="assessed rejected withdrawn",
    assessed="approved assigned rejected expired withdrawn",
    approved="expired withdrawn",
    rejected="",
    expired="",
    withdrawn="",
)
OPEN = ("requested", "assigned", "assessed")
