// oauth4webapi, the low-level client: every request and every answer is one call, and every answer is validated by the
// library as the specifications say. What it does not look at is asserted here.

import "./webcrypto.mjs";
import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { CookieBrowser } from "./cookie-browser.mjs";
import {
  headerOf,
  isRefused,
  issuer,
  metadata,
  passLogin,
  perform,
  postLogoutRedirectUri,
  redirectUri,
  signIn,
  user,
} from "./journey.mjs";

const plainHttp = { [oauth.allowInsecureRequests]: true };
const client = { ...metadata };
const authentication = {
  client_secret_basic: () => oauth.ClientSecretBasic(metadata.client_secret),
  client_secret_post: () => oauth.ClientSecretPost(metadata.client_secret),
  none: () => oauth.None(),
}[metadata.token_endpoint_auth_method]();

/** The metadata of the provider, by OpenID Connect Discovery (`oidc`) or by RFC 8414 (`oauth2`). */
async function discover(algorithm = "oidc") {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { algorithm, ...plainHttp });
  return oauth.processDiscoveryResponse(url, response);
}

/** Makes an authorization request; returns its address and what the answer must fit. */
async function authorizationRequest(provider, parameters = {}) {
  const checks = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  };
  const url = new URL(provider.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: metadata.scope,
    state: checks.state,
    nonce: checks.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: "S256",
    ...parameters,
  });
  return { url, checks };
}

/** Redeems the code of a callback; the library checks `state`, `iss` and the ID token with its signature. */
async function redeem(provider, callback, checks, options = {}) {
  const parameters = oauth.validateAuthResponse(provider, client, callback, checks.state);
  const response = await oauth.authorizationCodeGrantRequest(
    provider,
    client,
    authentication,
    parameters,
    redirectUri,
    options.verifier ?? checks.verifier,
    plainHttp,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(provider, client, response, {
    expectedNonce: checks.nonce,
    requireIdToken: true,
    ...(options.maxAge && { maxAge: options.maxAge }),
  });
  await oauth.validateApplicationLevelSignature(provider, response, plainHttp);
  return tokens;
}

async function refresh(provider, refreshToken) {
  const response = await oauth.refreshTokenGrantRequest(provider, client, authentication, refreshToken, plainHttp);
  return oauth.processRefreshTokenResponse(provider, client, response);
}

async function userinfo(provider, accessToken, subject) {
  const response = await oauth.userInfoRequest(provider, client, accessToken, plainHttp);
  return oauth.processUserInfoResponse(provider, client, subject, response);
}

/** Reads an access token as a resource server does (RFC 9068 4): signature, `typ`, `iss`, `aud`, `exp`. */
async function asResourceServer(provider, accessToken, audience) {
  const request = new Request("http://localhost/resource", {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return oauth.validateJwtAccessToken(provider, request, audience, plainHttp);
}

async function signInAnew(provider, parameters = {}) {
  const browser = new CookieBrowser();
  const { url, checks } = await authorizationRequest(provider, parameters);
  return { browser, callback: await signIn(browser, url), checks };
}

/** Discovery, code with PKCE, ID token, access token, userinfo, refresh, the client's own token, sign-out. */
async function wholeLife() {
  const provider = await discover();
  const { browser, callback, checks } = await signInAnew(provider, { max_age: "3600" });
  const tokens = await redeem(provider, callback, checks, { maxAge: 3600 });
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  assert.equal(headerOf(tokens.id_token).alg, metadata.id_token_signed_response_alg);
  assert.deepEqual(claims.groups, user.groups);
  assert.ok(claims.sid && claims.acr && claims.amr.length > 0);

  const access = await asResourceServer(provider, tokens.access_token, client.client_id);
  assert.equal(access.sub, claims.sub);
  assert.equal(access.client_id, client.client_id);
  assert.deepEqual(access.groups, user.groups);

  const person = await userinfo(provider, tokens.access_token, claims.sub);
  assert.equal(person.email, user.email);
  assert.deepEqual(person.groups, user.groups);

  const rotated = await refresh(provider, tokens.refresh_token);
  assert.notEqual(rotated.refresh_token, tokens.refresh_token);
  assert.equal(oauth.getValidatedIdTokenClaims(rotated).auth_time, claims.auth_time);
  await userinfo(provider, rotated.access_token, claims.sub);

  const answer = await oauth.clientCredentialsGrantRequest(provider, client, authentication, {}, plainHttp);
  const own = await oauth.processClientCredentialsResponse(provider, client, answer);
  assert.equal(own.refresh_token, undefined);
  const itself = await asResourceServer(provider, own.access_token, client.client_id);
  assert.equal(itself.sub, client.client_id);

  const state = oauth.generateRandomState();
  const logout = new URL(provider.end_session_endpoint);
  logout.search = new URLSearchParams({
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: postLogoutRedirectUri,
    state,
  });
  const goodbye = await browser.open(logout, postLogoutRedirectUri);
  assert.equal(goodbye.address.href, `${postLogoutRedirectUri}?state=${state}`);
  await isRefused(refresh(provider, rotated.refresh_token), "invalid_grant");
}

/** What is refused is refused in words that the library reads. */
async function refusals() {
  const provider = await discover("oauth2");

  const silent = await authorizationRequest(provider, { prompt: "none" });
  const { address } = await new CookieBrowser().open(silent.url, redirectUri);
  const answer = () => oauth.validateAuthResponse(provider, client, address, silent.checks.state);
  assert.throws(answer, (reason) => reason.error === "login_required" || assert.fail(reason));

  const { callback, checks } = await signInAnew(provider);
  const wrong = new URL(callback);
  wrong.searchParams.set("code", "ac_never-issued");
  await isRefused(redeem(provider, wrong, checks), "invalid_grant");
  const verifier = oauth.generateRandomCodeVerifier();
  await isRefused(redeem(provider, callback, checks, { verifier }), "invalid_grant");

  const second = await signInAnew(provider);
  const tokens = await redeem(provider, second.callback, second.checks);
  const subject = oauth.getValidatedIdTokenClaims(tokens).sub;
  await isRefused(redeem(provider, second.callback, second.checks), "invalid_grant");
  await isRefused(refresh(provider, tokens.refresh_token), "invalid_grant");
  await assert.rejects(userinfo(provider, tokens.access_token, subject), (reason) => {
    assert.equal(reason.code, oauth.WWW_AUTHENTICATE_CHALLENGE, reason);
    assert.equal(reason.status, 401);
    assert.equal(reason.cause[0].scheme, "bearer");
    assert.equal(reason.cause[0].parameters.error, "invalid_token");
    return true;
  });

  const wrongSecret = oauth.ClientSecretBasic("cs_wrong");
  const refused = await oauth.clientCredentialsGrantRequest(provider, client, wrongSecret, {}, plainHttp);
  const challenge = refused.headers.get("www-authenticate");
  assert.match(challenge, /^basic /i);
  await assert.rejects(oauth.processClientCredentialsResponse(provider, client, refused), (reason) => reason.status === 401);
}

/** The answer may come as a form that the browser posts (OAuth 2.0 Form Post Response Mode 2). */
async function formPost() {
  const provider = await discover();
  const { url, checks } = await authorizationRequest(provider, { response_mode: "form_post" });
  const page = await passLogin(new CookieBrowser(), url);
  const request = CookieBrowser.requestOf(page, "code");
  assert.equal(request.url, redirectUri);
  const body = await oauth.formPostResponse(request);
  const tokens = await redeem(provider, new URLSearchParams(body), checks);
  assert.deepEqual(oauth.getValidatedIdTokenClaims(tokens).groups, user.groups);
}

await perform({ wholeLife, refusals, formPost });
