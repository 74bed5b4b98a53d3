"""What the DPO reports each month, counted by the database."""

from erasure.reporting.files import as_csv, as_json
from erasure.reporting.period import Period, month_of, parse_month
from erasure.reporting.report import figures_of, monthly

__all__ = ["Period", "as_csv", "as_json", "figures_of", "month_of", "monthly", "parse_month"]
