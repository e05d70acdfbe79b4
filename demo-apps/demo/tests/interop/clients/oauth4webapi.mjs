// oauth4webapi, the low-level client: every request and every answer is one call, and every answer is validated by the
// library as the specifications say. What it does not look at is asserted here.

import "./webcrypto.mjs";
import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { checkLogoutToken, listen } from "./backchannel.mjs";
import { CookieBrowser } from "./cookie-browser.mjs";
import {
  headerOf,
  initialAccessToken,
  isRefused,
  issuer,
  metadata,
  passLogin,
  perform,
  postLogoutRedirectUri,
  privateKey,
  redirectUri,
  signIn,
  signOutOfPortal,
  user,
} from "./journey.mjs";

const plainHttp = { [oauth.allowInsecureRequests]: true };
/** What the provider knows of this client; with dynamic registration, what it answered. */
const client = metadata;
let authentication = client.client_id && (await authenticationOf(client));

async function authenticationOf({ token_endpoint_auth_method: method, client_secret: secret }) {
  if (method === "private_key_jwt") return oauth.PrivateKeyJwt(await privateKey());
  if (method === "none") return oauth.None();
  return method === "client_secret_post" ? oauth.ClientSecretPost(secret) : oauth.ClientSecretBasic(secret);
}

/** The metadata of the provider, by OpenID Connect Discovery (`oidc`) or by RFC 8414 (`oauth2`). */
async function discover(algorithm = "oidc") {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { algorithm, ...plainHttp });
  return oauth.processDiscoveryResponse(url, response);
}

/** Makes an authorization request; returns its address and what the answer must fit. */
async function authorizationRequest(provider, { resource = [], ...parameters } = {}) {
  const checks = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  };
  const request = new URLSearchParams({
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
  for (const address of resource) request.append("resource", address);
  const url = new URL(provider.authorization_endpoint);
  url.search = metadata.require_pushed_authorization_requests ? await push(provider, request) : request;
  return { url, checks };
}

/** Pushes a request; what the browser carries is only its name (RFC 9126 4). */
async function push(provider, request) {
  const response = await oauth.pushedAuthorizationRequest(provider, client, authentication, request, plainHttp);
  const { request_uri } = await oauth.processPushedAuthorizationResponse(provider, client, response);
  return new URLSearchParams({ client_id: client.client_id, request_uri });
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
    { ...plainHttp, additionalParameters: options.additionalParameters },
  );
  const tokens = await oauth.processAuthorizationCodeResponse(provider, client, response, {
    expectedNonce: checks.nonce,
    requireIdToken: true,
    ...(options.maxAge && { maxAge: options.maxAge }),
  });
  await oauth.validateApplicationLevelSignature(provider, response, plainHttp);
  return tokens;
}

async function refresh(provider, refreshToken, additionalParameters = {}) {
  const options = { ...plainHttp, additionalParameters };
  const response = await oauth.refreshTokenGrantRequest(provider, client, authentication, refreshToken, options);
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

/** Asks for claims and a context by name, and for tokens for one resource server each (RFC 8707 2). */
async function preciseRequest() {
  const provider = await discover();
  const { resources } = metadata;
  const [first, second] = resources;
  const { callback, checks } = await signInAnew(provider, {
    scope: "openid offline_access",
    claims: JSON.stringify({ id_token: { email: { essential: true } }, userinfo: { given_name: null } }),
    acr_values: provider.acr_values_supported.join(" "),
    resource: [...resources, issuer],
  });
  const tokens = await redeem(provider, callback, checks, { additionalParameters: { resource: first } });
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  assert.equal(claims.email, user.email);
  assert.ok(provider.acr_values_supported.includes(claims.acr));
  assert.equal((await asResourceServer(provider, tokens.access_token, first)).aud, first);

  const other = await refresh(provider, tokens.refresh_token, { resource: second });
  assert.equal((await asResourceServer(provider, other.access_token, second)).aud, second);
  const own = await refresh(provider, other.refresh_token, { resource: issuer });
  const person = await userinfo(provider, own.access_token, claims.sub);
  assert.deepEqual(Object.keys(person).sort(), ["given_name", "sub"]);
  const foreign = refresh(provider, own.refresh_token, { resource: "https://elsewhere.example/" });
  await isRefused(foreign, "invalid_target");
}

async function introspect(provider, token) {
  const response = await oauth.introspectionRequest(provider, client, authentication, token, plainHttp);
  return oauth.processIntrospectionResponse(provider, client, response);
}

/** Tells a live token from a revoked one (RFC 7662 2.2, RFC 7009 2.1). */
async function endOfTokens() {
  const provider = await discover();
  const { callback, checks } = await signInAnew(provider);
  const tokens = await redeem(provider, callback, checks);
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  const live = await introspect(provider, tokens.access_token);
  assert.equal(live.active, true);
  assert.equal(live.iss, issuer);
  assert.equal(live.sub, sub);
  assert.equal(live.client_id, client.client_id);
  const next = await refresh(provider, tokens.refresh_token);
  assert.equal((await introspect(provider, next.refresh_token)).active, true);

  const response = await oauth.revocationRequest(provider, client, authentication, next.access_token, plainHttp);
  await oauth.processRevocationResponse(response);
  assert.deepEqual(await introspect(provider, next.access_token), { active: false });
  await assert.rejects(userinfo(provider, next.access_token, sub), (reason) => reason.status === 401);
}

/** Hears from the portal that a session has ended (OpenID Connect Back-Channel Logout 2.5). */
async function backchannelLogout() {
  const provider = await discover();
  assert.ok(provider.backchannel_logout_supported && provider.backchannel_logout_session_supported);
  const listener = await listen(metadata.backchannel_logout_uri);
  const { browser, callback, checks } = await signInAnew(provider);
  const tokens = await redeem(provider, callback, checks);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  await signOutOfPortal(browser);
  await checkLogoutToken(await listener.told, {
    provider,
    clientId: client.client_id,
    algorithm: metadata.id_token_signed_response_alg,
    session: claims.sid,
    subject: claims.sub,
  });
  listener.close();
}

/** Registers itself with the operator's permission, works, and takes itself away (RFC 7591 3, RFC 7592 2). */
async function registration() {
  const provider = await discover();
  const denied = await oauth.dynamicClientRegistrationRequest(provider, metadata, plainHttp);
  await assert.rejects(oauth.processDynamicClientRegistrationResponse(denied), (reason) => reason.status === 401);

  const options = { initialAccessToken, ...plainHttp };
  const response = await oauth.dynamicClientRegistrationRequest(provider, metadata, options);
  Object.assign(client, await oauth.processDynamicClientRegistrationResponse(response));
  authentication = await authenticationOf(client);

  const { callback, checks } = await signInAnew(provider);
  const tokens = await redeem(provider, callback, checks);
  assert.deepEqual(oauth.getValidatedIdTokenClaims(tokens).groups, user.groups);

  const manage = (method) =>
    fetch(client.registration_client_uri, {
      method,
      headers: { authorization: `Bearer ${client.registration_access_token}` },
    });
  const read = await manage("GET");
  assert.equal((await read.json()).client_id, client.client_id);
  assert.equal((await manage("DELETE")).status, 204);
  assert.equal((await manage("GET")).status, 401);
  await assert.rejects(refresh(provider, tokens.refresh_token), (reason) => reason.status === 401);
}

await perform({
  wholeLife,
  refusals,
  formPost,
  preciseRequest,
  endOfTokens,
  registration,
  backchannelLogout,
});
