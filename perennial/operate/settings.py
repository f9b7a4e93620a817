"""Django's settings, all derived from the checked configuration."""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from perennial import __version__
from perennial.operate.configuration import read_configuration

CONFIGURATION = read_configuration()
PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = CONFIGURATION.debug
SECRET_KEY = CONFIGURATION.keys.signing[0]
SECRET_KEY_FALLBACKS = list(CONFIGURATION.keys.signing[1:])
ALLOWED_HOSTS = list(CONFIGURATION.hosts)
BASE_URL = CONFIGURATION.base_url
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# Perennial's own names; kernel and mail read these and never the environment.
PERENNIAL_DEMO = CONFIGURATION.demo
PERENNIAL_DATA_DIR = CONFIGURATION.data_dir
PERENNIAL_DATA_KEYS = CONFIGURATION.keys.data
PERENNIAL_FINGERPRINT_KEYS = CONFIGURATION.keys.fingerprint
PERENNIAL_MAIL_SERVER = CONFIGURATION.mail
PERENNIAL_TRUSTED_PROXIES = CONFIGURATION.trusted_proxies
PERENNIAL_TIME_TRAVEL = CONFIGURATION.time_travel
PERENNIAL_WATCH_DIR = CONFIGURATION.watch_dir
PERENNIAL_STANDS_IN = CONFIGURATION.stands_in

INSTALLED_APPS = [
    "perennial.audit",
    "perennial.accounts",
    "perennial.programme",
    "perennial.people",
    "perennial.consent",
    "perennial.contact",
    "perennial.mail",
    "perennial.departures",
    "perennial.intake",
    "perennial.outreach",
    "perennial.insights",
    "perennial.privacy",
    "perennial.web",
    "perennial.desk",
    "perennial.portal",
    "perennial.operate",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "perennial.web.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "perennial.web.middleware.AccessMiddleware",
]

ROOT_URLCONF = "perennial.operate.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "perennial.web.context.house",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": CONFIGURATION.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Rate limits must hold over all processes, so they live in the database.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "perennial_cache",
        # The default of 300 would let a stranger push the limits of others out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["perennial.accounts.backends.StaffBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "perennial.accounts.passwords.CommonLongValidator"},
    {"NAME": "perennial.accounts.passwords.CommonCoreValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

EMAIL_BACKEND = "perennial.mail.backend.QueueBackend"
DEFAULT_FROM_EMAIL = "perennial@localhost"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch")), ("de", _("German")), ("ru", _("Russian"))]
LOCALE_PATHS = [PACKAGE / "locale"]
FORMAT_MODULE_PATH = ["perennial.locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# The version stands in the address, so that every release has its own files and they may be kept for ever.
STATIC_URL = f"/static/{__version__}/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG or CONFIGURATION.demo else 31_536_000

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

SESSION_ENGINE = "perennial.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
PASSWORD_RESET_TIMEOUT = 60 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
if CONFIGURATION.https:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
# Signed links stand in the address of public pages: no referrer leaves them.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_TEMP_DIR = None

# allauth: staff only; nobody signs up by themselves. Its mail goes through ours, its routes are in web/account_urls.py.
ACCOUNT_ADAPTER = "perennial.accounts.adapter.StaffAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A stranger cannot make us write to an address that has no account.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = "strict"
# allauth's own keeps a table of addresses for it: a known address would cost more statements than an unknown one.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 (a class)
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "perennial.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "login_webauthn": "perennial.accounts.passkeys.SignInForm",
    "authenticate_webauthn": "perennial.accounts.passkeys.SecondFactorForm",
    "reauthenticate_webauthn": "perennial.accounts.passkeys.OnceMoreForm",
    "add_webauthn": "perennial.accounts.passkeys.AddForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not CONFIGURATION.https
MFA_TOTP_ISSUER = "Perennial"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "perennial.operate.logs.DiscreetFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"perennial": {"level": "INFO"}},
}
