"""Real data that lies beside the checkout, where it does; tests that need it are skipped elsewhere."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
TELCO = SHARED / "ibm_telco_churn.csv"

needs_telco = pytest.mark.skipif(
    not TELCO.is_file(), reason=f"no real data: {TELCO.name} is not in ../shared/data"
)
