"""The sign-in pages: the routes of allauth that we use, each with who may open it, and our own on sessions. What is
not here does not exist.

Left out on purpose: sign-up, changing or verifying an address (the coordinator keeps addresses), social accounts,
trusted browsers, and the page that tells a stranger that an account is disabled.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, path, re_path

from perennial.accounts.roles import Permission
from perennial.web import sessions
from perennial.web.access import public, requires, sensitive_to_see
from perennial.web.pace import KEY, SIGN_IN, even_paced

own: Callable[[Any], Any] = requires(Permission.OWN_ACCOUNT)
open_to_all: Callable[[Any], Any] = public(SIGN_IN)
with_a_key: Callable[[Any], Any] = public(KEY)

urlpatterns: list[URLPattern] = [
    # Signing in.
    path("sign-in/", open_to_all(account.login), name="account_login"),
    path("sign-in/code/", open_to_all(even_paced(account.request_login_code)), name="account_request_login_code"),
    path("sign-in/code/confirm/", open_to_all(account.confirm_login_code), name="account_confirm_login_code"),
    path("sign-in/second-factor/", open_to_all(mfa.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey/", open_to_all(webauthn.login_webauthn), name="mfa_login_webauthn"),
    # Open to all: it is also the way out of a sign-in that is only half done.
    path("sign-out/", open_to_all(account.logout), name="account_logout"),
    # A forgotten password. It opens no session, so it does not get around the second factor.
    path("password/reset/", open_to_all(even_paced(account.password_reset)), name="account_reset_password"),
    path("password/reset/sent/", open_to_all(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        with_a_key(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        open_to_all(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    # One's own account.
    path("password/change/", own(sensitive_to_see(account.password_change)), name="account_change_password"),
    path("password/set/", own(account.password_set), name="account_set_password"),
    path("sessions/", sessions.list_sessions, name="account_sessions"),
    path("sessions/end-others/", sessions.end_other_sessions, name="account_end_other_sessions"),
    path("sessions/<str:handle>/end/", sessions.end_session, name="account_end_session"),
    path("confirm/", own(account.reauthenticate), name="account_reauthenticate"),
    path("security/", own(mfa.index), name="mfa_index"),
    path("security/confirm/", own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("security/app/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("security/app/remove/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("security/recovery-codes/", own(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "security/recovery-codes/new/",
        own(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "security/recovery-codes/download/",
        own(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("security/passkeys/", own(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("security/passkeys/new/", own(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("security/passkeys/confirm/", own(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("security/passkeys/<int:pk>/remove/", own(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("security/passkeys/<int:pk>/rename/", own(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]
