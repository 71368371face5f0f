"""Who calls the REST interface: bearer tokens, found by their SHA-256."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from staff.actions import digest_of
from staff.models import ApiToken, User
from staff.prepared import prepared

# "Last used" is for people to read; a write on every request would be a high price for its seconds.
USE_NOTED_EVERY = timedelta(minutes=1)
SPOKEN = {"zh": "zh-hans", "en": "en"}


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer opsd_…`. From here on the answer is in the caller's language."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, *rest = get_authorization_header(request).split() or [b""]
        if scheme.lower() != b"bearer":
            return None
        if len(rest) != 1:
            raise AuthenticationFailed(
                _("Send the token as “Authorization: Bearer <token>”."), code="token_invalid"
            )
        now = timezone.now()
        token = self._token(rest[0].decode("latin-1"), now)
        translation.activate(language_of(request, token.user))
        if request.method not in SAFE_METHODS and not token.may_write:
            raise PermissionDenied(_("This token may only read."), code="read_only_token")
        _note_use(token, now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="OpsDesk"'

    def _token(self, secret: str, now: datetime) -> ApiToken:
        token = _valid_token.first(digest_of(secret), now)
        if token is None:
            # One answer for every reason: a stranger learns nothing about which tokens there have been.
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."), code="token_invalid")
        return token


class BearerScheme(OpenApiAuthenticationExtension):
    """How the schema speaks of it."""

    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, object]:
        return {"type": "http", "scheme": "bearer"}


def language_of(request: Request, user: User) -> str:
    """The language that the request asks for, else the person's own, else the one already spoken."""
    for language, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if spoken := SPOKEN.get(language[:2]):
            return spoken
    return user.language or translation.get_language() or SPOKEN["zh"]


@prepared
def _valid_token(digest: str, now: datetime) -> QuerySet[ApiToken]:
    return ApiToken.objects.valid(now).select_related("user__group").filter(digest=digest)


def _note_use(token: ApiToken, now: datetime) -> None:
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
