from urllib.parse import urlencode
from django.urls import reverse

def rows_address(kpi_key, chosen, period, part=""):
    more = {"part": part} if part else {}
    return f"{reverse('reports:rows')}?{chosen.query(kpi=kpi_key, period=period, **more)}"
