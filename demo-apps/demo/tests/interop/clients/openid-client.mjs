// openid-client, a library that was certified as a relying party. It validates what it gets; what it does not look at
// is asserted here.

import "./webcrypto.mjs";
import assert from "node:assert/strict";
import * as client from "openid-client";
import { checkLogoutToken, listen } from "./backchannel.mjs";
import { CookieBrowser } from "./cookie-browser.mjs";
import {
  headerOf,
  initialAccessToken,
  isRefused,
  issuer,
  metadata,
  passLogin,
  payloadOf,
  perform,
  postLogoutRedirectUri,
  privateKey,
  redirectUri,
  signIn,
  signOutOfPortal,
  user,
} from "./journey.mjs";

const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };

/** The provider as the library knows it after discovery, and this client. */
async function configure() {
  const authentication = await {
    client_secret_basic: () => client.ClientSecretBasic(metadata.client_secret),
    client_secret_post: () => client.ClientSecretPost(metadata.client_secret),
    private_key_jwt: async () => client.PrivateKeyJwt(await privateKey()),
    none: () => client.None(),
  }[metadata.token_endpoint_auth_method]();
  return client.discovery(new URL(issuer), metadata.client_id, metadata, authentication, options);
}

/** Makes an authorization request; returns its address and what the answer must fit. */
async function authorizationRequest(config, parameters = {}) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const request = metadata.require_pushed_authorization_requests
    ? client.buildAuthorizationUrlWithPAR
    : client.buildAuthorizationUrl;
  const url = await request(config, {
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

/** Discovery, code with PKCE, ID token, userinfo, refresh with rotation, the client's own token, sign-out. */
async function wholeLife() {
  const config = await configure();
  const browser = new CookieBrowser();

  // Nobody is signed in: prompt=none says so, and the library reads the error with `iss` and `state`.
  const silent = await authorizationRequest(config, { prompt: "none" });
  const refusal = await browser.open(silent.url, redirectUri);
  await isRefused(client.authorizationCodeGrant(config, refusal.address, silent.checks), "login_required");

  // Code and PKCE; the ID token is verified by signature (non-repudiation), iss, aud, nonce, auth_time and max_age.
  const { url, checks } = await authorizationRequest(config, { max_age: "3600" });
  const callback = await signIn(browser, url);
  const tokens = await client.authorizationCodeGrant(config, callback, { ...checks, maxAge: 3600 });
  const claims = tokens.claims();
  assert.equal(headerOf(tokens.id_token).alg, metadata.id_token_signed_response_alg);
  assert.equal(tokens.token_type, "bearer");
  assert.ok(tokens.expires_in > 0 && tokens.expires_in <= 600, `expires_in is ${tokens.expires_in}`);
  assert.deepEqual(claims.groups, user.groups);
  assert.ok(claims.sid && claims.acr && claims.amr.length > 0);

  // Userinfo speaks of the same person; the library compares `sub`.
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(userinfo.email, user.email);
  assert.deepEqual(userinfo.groups, claims.groups);

  // A second request needs no page: single sign-on.
  const second = await authorizationRequest(config, { prompt: "none", id_token_hint: tokens.id_token });
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
  const after = await authorizationRequest(config, { prompt: "none" });
  const refused = await browser.open(after.url, redirectUri);
  await isRefused(client.authorizationCodeGrant(config, refused.address, after.checks), "login_required");
  await isRefused(client.refreshTokenGrant(config, again.refresh_token), "invalid_grant");
}

/** The answer may come as a form that the browser posts (OAuth 2.0 Form Post Response Mode 2). */
async function formPost() {
  const config = await configure();
  const { url, checks } = await authorizationRequest(config, { response_mode: "form_post" });
  const page = await passLogin(new CookieBrowser(), url);
  const tokens = await client.authorizationCodeGrant(config, CookieBrowser.requestOf(page, "code"), checks);
  assert.deepEqual(tokens.claims().groups, user.groups);
}

/** Asks for a claim and a context by name, and for a token for one resource server (RFC 8707 2). */
async function preciseRequest() {
  const config = await configure();
  const [resource] = metadata.resources;
  const { acr_values_supported: contexts } = config.serverMetadata();
  const { url, checks } = await authorizationRequest(config, {
    scope: "openid offline_access",
    claims: JSON.stringify({ id_token: { email: { essential: true } } }),
    acr_values: contexts.join(" "),
    resource,
  });
  const callback = await signIn(new CookieBrowser(), url);
  const tokens = await client.authorizationCodeGrant(config, callback, checks, { resource });
  assert.equal(tokens.claims().email, user.email);
  assert.ok(contexts.includes(tokens.claims().acr));
  assert.equal(payloadOf(tokens.access_token).aud, resource);
}

/** Tells a live token from a revoked one (RFC 7662 2.2, RFC 7009 2.1). */
async function endOfTokens() {
  const config = await configure();
  const { url, checks } = await authorizationRequest(config);
  const callback = await signIn(new CookieBrowser(), url);
  const tokens = await client.authorizationCodeGrant(config, callback, checks);
  const live = await client.tokenIntrospection(config, tokens.access_token);
  assert.equal(live.active, true);
  assert.equal(live.sub, tokens.claims().sub);
  assert.equal(live.client_id, metadata.client_id);
  const family = await client.tokenIntrospection(config, tokens.refresh_token);
  assert.equal(family.active, true);

  await client.tokenRevocation(config, tokens.refresh_token);
  for (const token of [tokens.refresh_token, tokens.access_token, "never-issued"]) {
    assert.deepEqual(await client.tokenIntrospection(config, token), { active: false });
  }
  await isRefused(client.refreshTokenGrant(config, tokens.refresh_token), "invalid_grant");
}

/** Hears from the portal that a session has ended (OpenID Connect Back-Channel Logout 2.5). */
async function backchannelLogout() {
  const config = await configure();
  const listener = await listen(metadata.backchannel_logout_uri);
  const browser = new CookieBrowser();
  const { url, checks } = await authorizationRequest(config);
  const tokens = await client.authorizationCodeGrant(config, await signIn(browser, url), checks);
  const claims = tokens.claims();
  await signOutOfPortal(browser);
  await checkLogoutToken(await listener.told, {
    provider: config.serverMetadata(),
    clientId: metadata.client_id,
    algorithm: metadata.id_token_signed_response_alg,
    session: claims.sid,
    subject: claims.sub,
  });
  listener.close();
}

/** Registers itself with the operator's permission, and works (RFC 7591 3). */
async function registration() {
  const config = await client.dynamicClientRegistration(new URL(issuer), metadata, client.ClientSecretBasic(), {
    initialAccessToken,
    ...options,
  });
  const { url, checks } = await authorizationRequest(config);
  const callback = await signIn(new CookieBrowser(), url);
  const tokens = await client.authorizationCodeGrant(config, callback, checks);
  assert.deepEqual(tokens.claims().groups, user.groups);
}

await perform({ wholeLife, formPost, preciseRequest, endOfTokens, registration, backchannelLogout });
