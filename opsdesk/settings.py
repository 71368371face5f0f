"""Settings of OpsDesk: one file, every choice an environment variable with a checked value.

`OPSDESK_ENV` is `local` (embedded servers on one machine), `test`, or `production` (the default: the
strictest, so that a forgotten variable fails closed). No number of the field's process stands here: those
are rows with an editor.
"""

import json
import os
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

ENVIRONMENTS = ("local", "test", "production")
ENVIRONMENT = env("OPSDESK_ENV", default="production")
if ENVIRONMENT not in ENVIRONMENTS:
    raise ImproperlyConfigured(f"OPSDESK_ENV is {ENVIRONMENT!r}; it must be one of {', '.join(ENVIRONMENTS)}")
IS_PRODUCTION = ENVIRONMENT == "production"

SECRET_KEY = env("SECRET_KEY", default="" if IS_PRODUCTION else "only-for-tests-" + "0" * 40)
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to a long random value (50 characters or more)")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # former ones, still good for reading
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if IS_PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATA_DIR = Path(env("OPSDESK_DATA", default=str(BASE_DIR / ".data")))

# The order is the import order: an app imports only apps above it (opsdesk/tests/test_architecture.py).
OUR_APPS = [
    "staff",
    "clients",
    "duty",
    "tickets",
    "visits",
    "surveys",
    "audits",
    "meetings",
    "reports",
    "opsdesk",
]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "drf_spectacular",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "js_lib_bootstrap5",
    "axes",
    "csp",
    *OUR_APPS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "opsdesk.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "opsdesk.middleware.LanguageMiddleware",
    "opsdesk.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "opsdesk.urls"
WSGI_APPLICATION = "opsdesk.wsgi.application"
FORM_RENDERER = "staff.widgets.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opsdesk.frame.frame",
            ],
            "builtins": ["staff.templatetags.look", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

# Postgres holds every fact and every deadline; Redis only wakes workers up.
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://opsdesk@/opsdesk")}
DATABASES["default"] |= {"ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
if template := env("TEST_DATABASE_TEMPLATE", default=""):
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_IGNORE_RESULT = True
# Acknowledged when taken: a tick that dies is replaced by the next one, and a worker that holds
# unacknowledged messages while Redis goes away may not come back.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Tasks only say "wake up and look", so a lost one is replaced by the next tick: the timeouts can be short.
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_BEAT_SYNC_EVERY = 1

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if ENVIRONMENT == "test":  # a cast of thirteen signs in before every test
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# How long a process may link to clauses of a version of the process that is no longer in force.
CLAUSE_LINKS_KEPT = timedelta(seconds=0 if ENVIRONMENT == "test" else 30)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
# Locking the pair of name and address slows a guesser down and never locks the person out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS: list[str] = []

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env("TIME_ZONE", default="Asia/Shanghai")
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT", default=str(DATA_DIR / "static")) if IS_PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
# A test begins with a server of its own, which would look through all files each time.
WHITENOISE_AUTOREFRESH = DEBUG or ENVIRONMENT == "test"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "uploads"
# How much disk and memory files may take: limits of the machine, not of the process.
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_MB", default=25) * 2**20
ATTACHMENT_MAX_PIXELS = env.int("ATTACHMENT_MAX_MEGAPIXELS", default=40) * 1_000_000
ATTACHMENTS_AT_ONCE = env.int("ATTACHMENTS_AT_ONCE", default=10)
ATTACHMENTS_PER_RECORD = env.int("ATTACHMENTS_PER_RECORD", default=100)
ATTACHMENTS_MAX_BYTES_PER_RECORD = env.int("ATTACHMENTS_MAX_MB_PER_RECORD", default=200) * 2**20
FILE_UPLOAD_HANDLERS = [
    "opsdesk.uploading.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["staff.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "opsdesk.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "OpsDesk",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "tickets.models.Kind",
        "CallKindEnum": "tickets.models.OF_CALLS",
        "WorkChangeStateEnum": "tickets.changes.ChangeState",
        "ClockKindEnum": "tickets.models.ClockKind",
        "EntryKindEnum": "tickets.models.EntryKind",
        "DocumentKindEnum": "tickets.documents.kinds.DocumentKind",
        "DocumentPartEnum": "tickets.documentapi.PARTS",
        "DocumentEditionEnum": "tickets.documents.kinds.Edition",
        "MonthlyEditionEnum": "reports.monthly.kinds.Edition",
        "MonthlyEventKindEnum": "reports.monthly.kinds.ReportEventKind",
        "MonthlyPartEnum": "reports.monthly.api.shapes.PARTS",
        "KpiUnitEnum": "reports.api.shapes.UNITS",
        "UnitEnum": "duty.models.rotation.TurnUnit",
        "ChannelEnum": "clients.models.Channel",
        "PhoneKindEnum": "clients.models.PhoneKind",
        "ClientLanguageEnum": "clients.models.Language",
        "LanguageEnum": LANGUAGES,
        "HappeningEnum": "clients.happenings.About",
        "RelationEnum": "tickets.related.RELATIONS",
        "RelationByHandEnum": "tickets.related.RELATIONS_BY_HAND",
        "TextKindEnum": "tickets.models.TextKind",
        "OnSiteStepEnum": "tickets.models.OnSiteStep",
        "OnSiteOutcomeEnum": "tickets.models.OnSiteOutcome",
        "VerdictOutcomeEnum": "tickets.models.Outcome",
        "HowGivenEnum": "tickets.remote.HowGiven",
        "CauseEnum": "tickets.models.Cause",
        "OverrunCauseEnum": "tickets.models.OverrunCause",
        "OverrunCauseFilterEnum": "tickets.overrunapi.CAUSES_ASKED",
        "HandoverStateEnum": "tickets.handover.HandoverState",
        "CorrectiveStateEnum": "surveys.correcting.CorrectiveState",
        "CorrectiveSourceEnum": "surveys.correcting.Source",
        "CorrectiveEventKindEnum": "surveys.models.CorrectiveEventKind",
        "AuditKindEnum": "audits.kinds.AuditKind",
        "AuditStateEnum": "audits.kinds.AuditState",
        "AuditResultEnum": "audits.kinds.Result",
        "AuditEventKindEnum": "audits.kinds.EventKind",
        "PlannedAuditStateEnum": "audits.kinds.PlanState",
        "FindingKindEnum": "audits.kinds.FindingKind",
        "FindingStateEnum": "audits.kinds.FindingState",
        "FindingListEnum": "audits.filters.FINDING_QUEUES",
        "ProcessStateEnum": "audits.models.ProcessState",
        "ProcessEventKindEnum": "audits.models.ProcessEventKind",
        "AssessmentStateEnum": "reports.assessment.kinds.AssessmentState",
        "AssessmentEventKindEnum": "reports.assessment.kinds.EventKind",
        "AssessmentOutcomeEnum": "reports.assessment.kinds.Outcome",
        "SchemeStateEnum": "reports.assessment.kinds.SchemeState",
        "SuggestionStateEnum": "audits.suggesting.SuggestionState",
        "PolicyStateEnum": "tickets.models.PolicyState",
        "NoticeChannelKindEnum": "staff.models.ChannelKind",
        "DeliveryStateEnum": "staff.models.DeliveryState",
        "DutyEnum": "duty.models.DutyRole",
        "DayKindEnum": "duty.models.DayKind",
        "OverrideKindEnum": "duty.models.OverrideKind",
        "RosterEventKindEnum": "duty.models.RosterEventKind",
        "WishKindEnum": "duty.models.WishKind",
        "LeaveStateEnum": "duty.models.LeaveState",
        "SwapStateEnum": "duty.models.SwapState",
        "MisfitEnum": "duty.suitability.Misfit",
        "ObstacleEnum": "duty.eligibility.Reason",
        "MeetingStateEnum": "meetings.kinds.MeetingState",
        "MeetingWhyEnum": "meetings.kinds.Why",
        "MeetingOrderEnum": "meetings.kinds.Order",
        "MeetingPresenceEnum": "meetings.kinds.Presence",
        "MeetingEventKindEnum": "meetings.kinds.EventKind",
        "MeetingListEnum": "meetings.api.shapes.LISTS",
        "DecisionListEnum": "meetings.api.shapes.DECISION_LISTS",
        "DecisionStateEnum": "meetings.kinds.DecisionState",
        "CallbackKindEnum": "visits.kinds.Kind",
        "CallbackMethodEnum": "visits.kinds.Method",
        "CallbackStateEnum": "visits.kinds.State",
        "CallbackListEnum": "visits.queues.Queue",
        "ResultEnum": "duty.inspecting.Result",
        "CallbackResultEnum": "visits.kinds.Result",
        "CallbackEventKindEnum": "visits.kinds.EventKind",
        "CallbackFileKindEnum": "visits.kinds.FileKind",
        "CallbackUnitEnum": "visits.planning.Unit",
        "NeedStateEnum": "visits.kinds.NeedState",
        "NeedListEnum": "visits.api.collected.NEED_LISTS",
        "PromiseStateEnum": "visits.kinds.PromiseState",
        "PromiseListEnum": "visits.api.collected.PROMISE_LISTS",
        "WeeklyReportStateEnum": "meetings.reporting.Standing",
        "WeeklyReportEventKindEnum": "meetings.reporting.ReportEventKind",
        "MeetingJoinedEnum": "tickets.coordination.Joined",
        "FollowUpKindEnum": "tickets.coordination.FollowUpKind",
        "FollowUpStateEnum": "tickets.coordination.FollowUpState",
        "QuestionKindEnum": "surveys.questions.QuestionKind",
        "CampaignKindEnum": "surveys.models.CampaignKind",
        "CampaignStateEnum": "surveys.models.CampaignState",
        "InvitationStateEnum": "surveys.models.InvitationState",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
}

# E-mail: a mail server by EMAIL_URL (smtp://user:password@host:port), else into a folder for looking at.
if env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="OpsDesk <opsdesk@localhost>")
# Where clients write to: the sender of what goes out to them, or the address that their answers go to.
MAIL_ADDRESS = env("MAIL_ADDRESS", default=parseaddr(DEFAULT_FROM_EMAIL)[1])
MAIL_DOMAIN = MAIL_ADDRESS.rpartition("@")[2]
if not MAIL_DOMAIN:
    raise ImproperlyConfigured("MAIL_ADDRESS (or DEFAULT_FROM_EMAIL) must be an e-mail address")
MAIL_OWN_ADDRESSES = frozenset({MAIL_ADDRESS.lower(), parseaddr(DEFAULT_FROM_EMAIL)[1].lower()})
# The mailbox that clients write to, imaps://user:password@host:993/INBOX; empty: e-mail is not read.
MAIL_IN_URL = env("MAIL_IN_URL", default="")
MAIL_IN_DONE = env("MAIL_IN_DONE", default="Processed")  # the folder for what was taken
_mailbox = urlsplit(MAIL_IN_URL)
if MAIL_IN_URL and not (_mailbox.scheme in ("imap", "imaps") and _mailbox.hostname and _mailbox.username):
    raise ImproperlyConfigured("MAIL_IN_URL must be like imaps://user:password@host:993/INBOX")
if IS_PRODUCTION and _mailbox.scheme == "imap" and _mailbox.hostname not in ("127.0.0.1", "::1", "localhost"):
    raise ImproperlyConfigured("MAIL_IN_URL must begin with imaps:// so that no password is read on the way")
# What the machine and good manners allow, not the process.
MAIL_MAX_BYTES = env.int("MAIL_MAX_MB", default=25) * 1_000_000
MAIL_MOST_FILES = env.int("MAIL_MOST_FILES", default=50)
MAIL_PER_SENDER_AN_HOUR = env.int("MAIL_PER_SENDER_AN_HOUR", default=30)
MAIL_CONFIRM_PER_DAY = env.int("MAIL_CONFIRM_PER_DAY", default=5)  # automatic confirmations; 0: none
MAIL_ANSWERS_DAYS = env.int("MAIL_ANSWERS_DAYS", default=14)  # how long e-mail goes into a closed record
# What encrypts passwords in custody, the newest first; empty: no password is stored. Never in the database.
CUSTODY_KEYS = env.list("OPSDESK_CUSTODY_KEYS", default=[])
try:
    for _key in CUSTODY_KEYS:
        Fernet(_key)
except ValueError:
    raise ImproperlyConfigured("OPSDESK_CUSTODY_KEYS must list 32 random bytes each, as base64") from None
# Where notices may be posted to: the makers of chat robots. Administrators allow further hosts by rows.
NOTICE_HOSTS = {
    "wecom": env.list("WECOM_HOSTS", default=["qyapi.weixin.qq.com"]),
    "dingtalk": env.list("DINGTALK_HOSTS", default=["oapi.dingtalk.com", "api.dingtalk.com"]),
    "feishu": env.list("FEISHU_HOSTS", default=["open.feishu.cn", "open.larksuite.com"]),
}
# Hosts that may have a private address and be reached by plain http, such as a gateway in the house.
NOTICE_PRIVATE_HOSTS = env.list("NOTICE_PRIVATE_HOSTS", default=[])
# The gateway for text messages; empty: none are sent.
SMS_URL = env("SMS_URL", default="")
SMS_HEADERS = env.json("SMS_HEADERS", default={})  # {"Authorization": "Bearer …"}
SMS_BODY = env("SMS_BODY", default='{"phone": "{phone}", "text": "{text}", "id": "{id}"}')
SMS_OK = env("SMS_OK", default="")  # code=0: what the answer must say; empty: HTTP 2xx is enough
SMS_ID = env("SMS_ID", default="")  # data.id: where the answer has its own id
try:
    json.loads(SMS_BODY)
except ValueError:
    raise ImproperlyConfigured("SMS_BODY must be JSON with the blanks {phone}, {text} and {id}") from None
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"secrets": {"()": "opsdesk.logs.MaskSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "django.request": {"filters": ["secrets"]},  # has other ways out than the console, by Django's own
    },
}
