// The whole life of a sign-in by openid-client, a library that was certified as a relying party: discovery, code with
// PKCE, ID token, userinfo, refresh with rotation, client credentials, RP-initiated logout. The library validates
// what it gets; what it does not look at is asserted here.
//
// Environment: INTEROP_ISSUER, INTEROP_CLIENT (JSON: RFC 7591 metadata with client_id and client_secret),
// INTEROP_USER, INTEROP_PASSWORD, INTEROP_CODE, INTEROP_GROUPS (JSON: what the ID token must say).

import "./webcrypto.mjs";
import assert from "node:assert/strict";
import * as client from "openid-client";
import { CookieBrowser } from "./cookie-browser.mjs";

const { INTEROP_ISSUER, INTEROP_CLIENT, INTEROP_USER, INTEROP_PASSWORD, INTEROP_CODE, INTEROP_GROUPS } = process.env;
const metadata = JSON.parse(INTEROP_CLIENT);
const [redirectUri] = metadata.redirect_uris;
const [postLogoutRedirectUri] = metadata.post_logout_redirect_uris;

const config = await client.discovery(
  new URL(INTEROP_ISSUER),
  metadata.client_id,
  metadata,
  metadata.token_endpoint_auth_method === "client_secret_post"
    ? client.ClientSecretPost(metadata.client_secret)
    : client.ClientSecretBasic(metadata.client_secret),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
);

/** Makes an authorization request; returns its address and what the answer must fit. */
async function authorizationRequest(parameters = {}) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: metadata.scope,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: "S256",
    ...parameters,
  });
  return { url, checks };
}

/** Signs in through the pages; returns the address at which the client is called back. */
async function signIn(browser, url) {
  const login = await browser.open(url, redirectUri);
  const credentials = { email: INTEROP_USER, password: INTEROP_PASSWORD };
  const code = await browser.submit(login, "password", credentials, redirectUri);
  const callback = await browser.submit(code, "code", { code: INTEROP_CODE }, redirectUri);
  assert.ok(callback.address.href.startsWith(redirectUri), `the sign-in ended at ${callback.address}`);
  return callback.address;
}

async function isRefused(promise, error) {
  await assert.rejects(promise, (reason) => reason.error === error || assert.fail(reason));
}

const browser = new CookieBrowser();

// Nobody is signed in: prompt=none says so, and the library reads the error with `iss` and `state`.
const silent = await authorizationRequest({ prompt: "none" });
const refusal = await browser.open(silent.url, redirectUri);
await isRefused(client.authorizationCodeGrant(config, refusal.address, silent.checks), "login_required");

// Code and PKCE; the ID token is verified by signature (non-repudiation), iss, aud, nonce, auth_time and max_age.
const { url, checks } = await authorizationRequest({ max_age: "3600" });
const callback = await signIn(browser, url);
const tokens = await client.authorizationCodeGrant(config, callback, { ...checks, maxAge: 3600 });
const claims = tokens.claims();
assert.equal(tokens.token_type, "bearer");
assert.ok(tokens.expires_in > 0 && tokens.expires_in <= 600, `expires_in is ${tokens.expires_in}`);
assert.deepEqual(claims.groups, JSON.parse(INTEROP_GROUPS));
assert.ok(claims.sid && claims.acr && claims.amr.length > 0);

// Userinfo speaks of the same person; the library compares `sub`.
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
assert.equal(userinfo.email, INTEROP_USER);
assert.deepEqual(userinfo.groups, claims.groups);

// A second request needs no page: single sign-on.
const second = await authorizationRequest({ prompt: "none", id_token_hint: tokens.id_token });
const silentCallback = await browser.open(second.url, redirectUri);
const again = await client.authorizationCodeGrant(config, silentCallback.address, second.checks);
assert.equal(again.claims().sub, claims.sub);
assert.equal(again.claims().auth_time, claims.auth_time);

// Refresh: the token is rotated; the used one ends the family once its successor was used.
const first = await client.refreshTokenGrant(config, tokens.refresh_token);
assert.notEqual(first.refresh_token, tokens.refresh_token);
assert.equal(first.claims().sub, claims.sub);
const successor = await client.refreshTokenGrant(config, first.refresh_token);
await client.fetchUserInfo(config, successor.access_token, claims.sub);
await isRefused(client.refreshTokenGrant(config, tokens.refresh_token), "invalid_grant");
await isRefused(client.refreshTokenGrant(config, successor.refresh_token), "invalid_grant");

// The client for itself.
const own = await client.clientCredentialsGrant(config);
assert.equal(own.refresh_token, undefined);

// Sign-out leads back with `state`, and the session is over.
const state = client.randomState();
const logout = client.buildEndSessionUrl(config, {
  id_token_hint: again.id_token,
  post_logout_redirect_uri: postLogoutRedirectUri,
  state,
});
const goodbye = await browser.open(logout, postLogoutRedirectUri);
assert.equal(goodbye.address.href, `${postLogoutRedirectUri}?state=${state}`);
const after = await authorizationRequest({ prompt: "none" });
const refused = await browser.open(after.url, redirectUri);
await isRefused(client.authorizationCodeGrant(config, refused.address, after.checks), "login_required");
await isRefused(client.refreshTokenGrant(config, again.refresh_token), "invalid_grant");

console.log(`openid-client agrees with ${INTEROP_ISSUER} (ID token ${alg(tokens.id_token)})`);

function alg(token) {
  return JSON.parse(Buffer.from(token.split(".")[0], "base64url")).alg;
}
