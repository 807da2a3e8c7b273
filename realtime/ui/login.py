"""Login by OpenID Connect, where the operator has configured a provider.

The provider is the section `[auth]` of `.streamlit/secrets.toml`, as Streamlit reads it; without
that section everybody may use the pages. Operators are those whose e-mail address, verified by the
provider, the setting `operators` lists; all others are viewers.
"""

from __future__ import annotations

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from realtime.config import settings


def login_configured() -> bool:
    """Whether visitors must log in."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def is_operator() -> bool:
    """Whether the visitor has logged in as an operator."""
    if not (login_configured() and st.user.is_logged_in):
        return False
    address = str(st.user.get("email") or "").casefold()
    verified = st.user.get("email_verified") is not False
    return verified and address in {name.casefold() for name in settings().operators}


def require_login() -> None:
    """End the run of the page with a button to log in, unless the visitor has done so."""
    if not login_configured() or st.user.is_logged_in:
        return
    st.title("FaceStream")
    st.write("See masks and expressions on every face, live.")
    st.button("Log in", type="primary", on_click=st.login)
    st.stop()


def account() -> None:
    """Say who is logged in, with a button to log out."""
    if not login_configured():
        return
    role = "operator" if is_operator() else "viewer"
    name = st.user.get("name") or st.user.get("email") or "logged in"
    with st.popover(str(name), icon=":material/account_circle:"):
        st.caption(f"{st.user.get('email') or ''} ({role})")
        st.button("Log out", on_click=st.logout)
