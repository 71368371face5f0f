from django.apps import AppConfig


class OpsDeskConfig(AppConfig):
    name = "opsdesk"
