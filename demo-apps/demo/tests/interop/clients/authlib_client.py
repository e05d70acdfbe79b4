"""Authlib, with ID tokens read by joserfc as Authlib's own integrations do. The library validates what it gets; what it
does not look at is asserted here.

Environment: INTEROP, as journey.mjs describes it. The command line names the journey.
"""

import json
import os
import sys
from urllib.parse import parse_qsl, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from authlib.oidc.discovery import get_well_known_url as get_openid_url
from joserfc import jwt
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry

from cookie_browser import CookieBrowser

INTEROP = json.loads(os.environ["INTEROP"])
ISSUER = INTEROP["issuer"]
CLIENT = INTEROP["client"]
USER = INTEROP["user"]
REDIRECT_URI = CLIENT["redirect_uris"][0]
POST_LOGOUT_REDIRECT_URI = CLIENT["post_logout_redirect_uris"][0]

# Authlib wants https everywhere; the demo is on this machine.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"


def get_json(url):
    answer = requests.get(url, timeout=10)
    answer.raise_for_status()
    return answer.json()


def discover():
    """The metadata of the provider by both specifications; the library looks at every member."""
    openid = get_json(get_openid_url(ISSUER, external=True))
    oauth = get_json(get_well_known_url(ISSUER, external=True))
    for read, metadata in ((OpenIDProviderMetadata, openid), (AuthorizationServerMetadata, oauth)):
        read(over_tls(metadata)).validate()
        assert metadata["issuer"] == ISSUER
    differing = [name for name in openid.keys() & oauth.keys() if openid[name] != oauth[name]]
    assert not differing, differing
    return openid


def over_tls(metadata):
    """The metadata of the same provider behind TLS: https is the one rule that a demo without it cannot keep."""
    return {
        name: value.replace("http://", "https://", 1) if isinstance(value, str) else value
        for name, value in metadata.items()
    }


class ShortLivedAssertion(PrivateKeyJWT):
    """An assertion of Authlib is good for an hour unless it is told otherwise; the portal takes five minutes at most."""

    def sign(self, auth, token_endpoint):
        return private_key_jwt_sign(
            auth.client_secret, auth.client_id, token_endpoint, self.alg, header=self.headers, expires_in=60
        )


def session(metadata):
    method = CLIENT["token_endpoint_auth_method"]
    key = CLIENT.get("private_jwk")
    client = OAuth2Session(
        CLIENT["client_id"],
        import_key(key) if key else CLIENT.get("client_secret"),
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        scope=CLIENT["scope"],
        redirect_uri=REDIRECT_URI,
        code_challenge_method="S256",
        token_endpoint=metadata["token_endpoint"],
    )
    if key:
        client.register_client_auth_method(
            ShortLivedAssertion(metadata["token_endpoint"], headers={"kid": key["kid"]}, alg=key["alg"])
        )
    return client


def read_id_token(metadata, token, nonce=None, max_age=None):
    """Signature by joserfc with the published keys, then the claims by Authlib."""
    keys = KeySet.import_key_set(get_json(metadata["jwks_uri"]))
    algorithms = [CLIENT["id_token_signed_response_alg"]]
    read = jwt.decode(token["id_token"], keys, registry=JWSRegistry(algorithms=algorithms))
    options = {
        "iss": {"essential": True, "value": ISSUER},
        "aud": {"essential": True, "value": CLIENT["client_id"]},
        "at_hash": {"essential": True},
        "nonce": {"essential": nonce is not None},
        "auth_time": {"essential": True},
        "acr": {"essential": True, "values": metadata["acr_values_supported"]},
        "amr": {"essential": True},
        "sid": {"essential": True},
    }
    expected = {
        "client_id": CLIENT["client_id"],
        "access_token": token["access_token"],
        "nonce": nonce,
        "max_age": max_age,
    }
    claims = CodeIDToken(read.claims, read.header, options, expected)
    claims.validate(leeway=5)
    return claims


def pass_login(browser, url):
    """Signs in through the pages; returns the address at which the client is called back."""
    login = browser.open(url)
    second = browser.submit(login, "password", email=USER["email"], password=USER["password"])
    callback = browser.submit(second, "code", code=USER["code"]).address
    assert callback.startswith(REDIRECT_URI), f"the sign-in ended at {callback}"
    return callback


def sign_in(client, metadata, **parameters):
    """A whole sign-in with state, nonce and PKCE; returns the browser, the tokens and the claims of the ID token."""
    nonce, verifier = generate_token(), generate_token(48)
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], nonce=nonce, code_verifier=verifier, **parameters
    )
    browser = CookieBrowser([REDIRECT_URI, POST_LOGOUT_REDIRECT_URI])
    callback = pass_login(browser, url)
    # RFC 9207 2.4: Authlib does not look at `iss` itself.
    assert parse_authorization_code_response(callback, state)["iss"] == ISSUER
    token = client.fetch_token(authorization_response=callback, state=state, code_verifier=verifier)
    return browser, token, read_id_token(metadata, token, nonce, parameters.get("max_age"))


def expect_error(error, call, *args, **options):
    try:
        call(*args, **options)
    except OAuthError as refusal:
        assert refusal.error == error, refusal
    else:
        raise AssertionError(f"{error} was expected")


def whole_life():
    """Discovery, code with PKCE, ID token, userinfo, refresh, the client's own token, sign-out."""
    metadata = discover()
    client = session(metadata)
    browser, token, claims = sign_in(client, metadata, max_age=3600)
    assert claims["groups"] == USER["groups"], claims
    assert token["token_type"] == "Bearer" and 0 < token["expires_in"] <= 600, token["expires_in"]

    person = client.get(metadata["userinfo_endpoint"]).json()
    assert person["sub"] == claims["sub"] and person["email"] == USER["email"], person

    rotated = dict(client.refresh_token())
    assert rotated["refresh_token"] != token["refresh_token"]
    again = read_id_token(metadata, rotated)
    assert again["sub"] == claims["sub"] and again["auth_time"] == claims["auth_time"]
    assert client.get(metadata["userinfo_endpoint"]).json() == person

    own = session(metadata).fetch_token(grant_type="client_credentials", scope="checks.run")
    assert "refresh_token" not in own and "id_token" not in own, own

    state = generate_token()
    parameters = {"post_logout_redirect_uri": POST_LOGOUT_REDIRECT_URI, "state": state}
    parameters["id_token_hint"] = token["id_token"]
    logout = add_params_to_uri(metadata["end_session_endpoint"], parameters.items())
    assert browser.open(logout).address == f"{POST_LOGOUT_REDIRECT_URI}?state={state}"
    expect_error("invalid_grant", client.refresh_token, refresh_token=rotated["refresh_token"])


def refusals():
    """What is refused is refused in words that the library reads."""
    metadata = discover()
    client = session(metadata)
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=generate_token(48), prompt="none"
    )
    callback = CookieBrowser([REDIRECT_URI, POST_LOGOUT_REDIRECT_URI]).open(url).address
    answer = dict(parse_qsl(urlsplit(callback).query))
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", state, ISSUER)
    expect_error("invalid_grant", client.fetch_token, code="ac_never-issued", code_verifier=generate_token(48))

    wrong = session(metadata)
    wrong.client_secret = "cs_wrong"
    expect_error("invalid_client", wrong.fetch_token, grant_type="client_credentials")

    client.token = {"access_token": "not-a-token", "token_type": "Bearer"}
    answer = client.get(metadata["userinfo_endpoint"])
    assert answer.status_code == 401 and 'error="invalid_token"' in answer.headers["www-authenticate"]


def end_of_tokens():
    """Tells a live token from a revoked one (RFC 7662 2.2, RFC 7009 2.1)."""
    metadata = discover()
    client = session(metadata)
    _, token, claims = sign_in(client, metadata)

    def introspect(kind):
        answer = client.introspect_token(metadata["introspection_endpoint"], token[kind], kind)
        answer.raise_for_status()
        return answer.json()

    live = introspect("access_token")
    assert live["active"] and live["sub"] == claims["sub"], live
    assert introspect("refresh_token")["active"]
    client.revoke_token(metadata["revocation_endpoint"], token["refresh_token"]).raise_for_status()
    for kind in ("refresh_token", "access_token"):
        assert introspect(kind) == {"active": False}, kind
    expect_error("invalid_grant", client.refresh_token, refresh_token=token["refresh_token"])


JOURNEYS = {journey.__name__: journey for journey in (whole_life, refusals, end_of_tokens)}

if __name__ == "__main__":
    [NAME] = sys.argv[1:]
    JOURNEYS[NAME]()
    print(f"{NAME} ({CLIENT['client_id']}) agrees with {ISSUER}")
