"""Notices and reports of a record through the REST interface."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from staff.idempotency import KEY, once
from staff.rest import ListQuery, Moment, Person, Strict, checked, page_of
from staff.restaddresses import ID, IF_MATCH
from tickets import actions
from tickets.documents.kinds import LONGEST, DocumentKind, Edition, Entered, Order
from tickets.documents.making import Form, NotMade
from tickets.documents.reading import as_read_by
from tickets.models import IssuedDocument
from tickets.restverbs import BY_NUMBER
from tickets.views.documents import file_of

PARTS = [(kind, kind) for kind in ("text", "pairs", "table")]
DOCUMENT = rf"documents/(?P<document>{ID})"
BY_DOCUMENT = OpenApiParameter("document", int, OpenApiParameter.PATH, description=_("The document's id."))


class TryAgain(APIException):
    status_code = 503
    default_code = "unavailable"
    default_detail = _("The file could not be made in time. Repeat the request in a minute.")
    wait = 60


def _text(*, help_text: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=LONGEST, help_text=help_text)


class DocumentBody(Strict):
    """A notice needs affected, next_step and next_message_at; a report needs impact and measures."""

    kind = serializers.ChoiceField(DocumentKind.choices)
    edition = serializers.ChoiceField(Edition.choices)
    language = serializers.ChoiceField(settings.LANGUAGES, default="zh-hans")
    affected = _text(help_text=_("Of a notice: which services, which places, how many people."))
    done = _text(help_text=_("Of a notice: what has been done, in a few words."))
    next_step = _text(help_text=_("Of a notice: what is done next, and when."))
    next_message_at = Moment(
        required=False,
        allow_null=True,
        help_text=_("Of a notice: when the next message comes at the latest."),
    )
    impact = _text(help_text=_("Of a report: what did not work, for whom, for how long; losses."))
    root_cause = _text(help_text=_("Of a report: where it lies deeper than the diagnosis says."))
    measures = _text(help_text=_("Of a report: prevention and corrective measures, with who and by when."))

    def order(self, data: dict[str, Any]) -> Order:
        """Return what was ordered, of data that were checked."""
        texts = {name: value for name, value in data.items() if name not in ("kind", "edition", "language")}
        kind, edition = DocumentKind(data["kind"]), Edition(data["edition"])
        return Order(kind, edition, data["language"], Entered(**texts))


class PartSerializer(serializers.Serializer):
    """A text, pairs of a name and a value, or a table: by its kind, what it has."""

    kind = serializers.ChoiceField(PARTS)
    text = serializers.CharField(required=False)
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()), required=False)
    head = serializers.ListField(child=serializers.CharField(), required=False)


class SectionSerializer(serializers.Serializer):
    title = serializers.CharField()
    parts = PartSerializer(many=True)


class IssuedDocumentRow(serializers.Serializer):
    """One issue of a notice or a report, and where its files are."""

    id = serializers.IntegerField(source="pk")
    reference = serializers.CharField(help_text=_("What it is called: T-10234-NC2."))
    kind = serializers.ChoiceField(DocumentKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    edition = serializers.ChoiceField(Edition.choices)
    edition_label = serializers.CharField(source="get_edition_display")
    number = serializers.IntegerField(help_text=_("Counted from 1 for each kind and edition."))
    language = serializers.ChoiceField(settings.LANGUAGES)
    by = Person()
    at = Moment()
    pdf = serializers.SerializerMethodField()
    docx = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_pdf(self, issued: IssuedDocument) -> str:
        return self._address(issued, Form.PDF)

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_docx(self, issued: IssuedDocument) -> str:
        return self._address(issued, Form.WORD)

    def _address(self, issued: IssuedDocument, form: Form) -> str:
        facts = {"id": f"T-{issued.ticket_id}", "document": issued.pk, "form": form.value}
        return self.context["request"].build_absolute_uri(reverse("api:ticket-document-file", kwargs=facts))


class IssuedDocumentSerializer(IssuedDocumentRow):
    """The same with all that it says, in the order in which it is read."""

    title = serializers.SerializerMethodField()
    head = serializers.SerializerMethodField(help_text=_("Pairs of a name and a value."))
    sections = serializers.SerializerMethodField()

    def get_title(self, issued: IssuedDocument) -> str:
        return issued.document.title

    @extend_schema_field(serializers.ListField(child=serializers.ListField(child=serializers.CharField())))
    def get_head(self, issued: IssuedDocument) -> Any:
        return issued.document.head

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, issued: IssuedDocument) -> Any:
        document = as_read_by(issued.document, self.context["user"], ticket=issued.ticket_id)
        return [
            {
                "title": section["title"],
                "parts": [
                    {name: part[name] for name in ("kind", "text", "head", "rows") if name in part}
                    for part in section["parts"]
                ],
            }
            for section in document.as_json()["sections"]
        ]


class DocumentVerbs:
    """The addresses of a record's notices and reports."""

    @extend_schema(
        operation_id="tickets_documents",
        summary=_("A record's notices and reports, the oldest first"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(IssuedDocumentRow, "DocumentPage"),
    )
    @action(detail=True, methods=["get"])
    def documents(self, request: Request, id: str) -> Response:
        rows = IssuedDocument.objects.visible_to(request.user).filter(ticket=self.record())
        return self.page(
            rows.without_content().select_related("by"),
            self.asked(ListQuery),
            order="pk",
            shown=lambda found: IssuedDocumentRow(found, many=True, context=self._context()).data,
        )

    @extend_schema(
        operation_id="tickets_issue_document",
        summary=_("Issue a major-fault notice or a fault report; it is frozen as it stands"),
        tags=["tickets"],
        parameters=[BY_NUMBER, KEY, IF_MATCH],
        request=DocumentBody,
        responses={
            201: OpenApiResponse(IssuedDocumentSerializer, description=_("Issued; Location is its address."))
        },
        examples=[
            OpenApiExample(
                "issue_notice",
                value={
                    "kind": "notice",
                    "edition": "client",
                    "language": "en",
                    "affected": "HIS inpatient: nobody can sign in, all wards",
                    "next_step": "The standby database is started by 15:00",
                    "next_message_at": "2026-12-01T16:00:00+08:00",
                },
                summary=_("A notice of what runs"),
                request_only=True,
            ),
            OpenApiExample(
                "issue_report",
                value={
                    "kind": "report",
                    "edition": "internal",
                    "language": "en",
                    "impact": "No admissions for 2 hours",
                    "measures": "Li Min: alarm at 80 % of the archive volume, by 12-15",
                },
                summary=_("A report of what is solved"),
                request_only=True,
            ),
        ],
    )
    @documents.mapping.post
    def issue(self, request: Request, id: str) -> Response:
        now = timezone.now()

        def do() -> Response:
            order = DocumentBody().order(checked(DocumentBody, request.data))
            issued = actions.issue_document(self._unchanged(), order, by=request.user, now=now)
            facts = {"id": f"T-{issued.ticket_id}", "document": issued.pk}
            address = request.build_absolute_uri(reverse("api:ticket-document", kwargs=facts))
            shown = IssuedDocumentSerializer(issued, context=self._context()).data
            return Response(shown, status=201, headers={"Location": address})

        return once(request, do, required=False, now=now)

    @extend_schema(
        operation_id="tickets_document",
        summary=_("One notice or report with all that it says"),
        tags=["tickets"],
        parameters=[BY_NUMBER, BY_DOCUMENT],
        responses=IssuedDocumentSerializer,
    )
    @action(detail=True, methods=["get"], url_path=DOCUMENT, url_name="document")
    def document(self, request: Request, id: str, document: str) -> Response:
        return Response(IssuedDocumentSerializer(self._issued(document), context=self._context()).data)

    @extend_schema(
        operation_id="tickets_document_file",
        summary=_("A notice or report as PDF or Word file"),
        tags=["tickets"],
        parameters=[
            BY_NUMBER,
            BY_DOCUMENT,
            OpenApiParameter("form", {"type": "string", "enum": Form.values}, OpenApiParameter.PATH),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY, description=_("The file, under its media type and its name.")
            )
        },
    )
    @action(
        detail=True, methods=["get"], url_path=rf"{DOCUMENT}/(?P<form>pdf|docx)", url_name="document-file"
    )
    def document_file(self, request: Request, id: str, document: str, form: str) -> HttpResponse:
        try:
            return file_of(request, self._issued(document), Form(form))
        except NotMade:
            raise TryAgain from None

    def _issued(self, document: str) -> IssuedDocument:
        rows = IssuedDocument.objects.visible_to(self.request.user).filter(ticket=self.record())
        if (found := rows.select_related("by").filter(pk=int(document)).first()) is None:
            raise Http404
        return found
