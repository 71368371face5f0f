"""The KPI dictionary (§3.2b, §5.2): every figure of the department, defined once."""

from collections.abc import Mapping

from reports.kpis.definition import Kpi
from reports.kpis.records import BACKLOG, MTTR, RESPONSE

KPIS: Mapping[str, Kpi] = {kpi.key: kpi for kpi in (RESPONSE, MTTR, BACKLOG)}
