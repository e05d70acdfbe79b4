// What every journey of a JavaScript client needs: its setting, a person who signs in, and its name on the command line.
//
// Environment: INTEROP, a JSON object with `issuer`; `client` (RFC 7591 metadata with client_id, and client_secret
// or private_jwk where it has one); `user` with email, password, code and the `groups` that its ID token must say;
// `initialAccessToken` where clients may register themselves.

import assert from "node:assert/strict";
import { importJWK } from "jose";

export const { issuer, client: metadata, user, initialAccessToken } = JSON.parse(process.env.INTEROP);
export const [redirectUri] = metadata.redirect_uris ?? [];
export const [postLogoutRedirectUri] = metadata.post_logout_redirect_uris ?? [];

/** Runs the journey that the command line names; the process fails with it. */
export async function perform(journeys) {
  const [name] = process.argv.slice(2);
  assert.ok(name in journeys, `no such journey: ${name}`);
  await journeys[name]();
  console.log(`${name} (${metadata.client_id}) agrees with ${issuer}`);
}

/** Signs in through the pages; returns the last page: the redirect URI, or a page that posts to it. */
export async function passLogin(browser, url) {
  const login = await browser.open(url, redirectUri);
  const { email, password, code } = user;
  const second = await browser.submit(login, "password", { email, password }, redirectUri);
  const last = await browser.submit(second, "code", { code }, redirectUri);
  return metadata.first_party === false ? browser.submit(last, "shown", { decision: "allow" }, redirectUri) : last;
}

/** Signs out in the portal itself, as a person does. */
export async function signOutOfPortal(browser) {
  const apps = await browser.open(`${issuer}/apps`, redirectUri);
  const bye = await browser.submit(apps, "csrf_token", {}, redirectUri);
  assert.equal(bye.status, 200, `the sign-out ended at ${bye.address}`);
}

/** Signs in through the pages; returns the address at which the client is called back. */
export async function signIn(browser, url) {
  const { address } = await passLogin(browser, url);
  assert.ok(address.href.startsWith(redirectUri), `the sign-in ended at ${address}`);
  return address;
}

/** The key of a client that signs its assertions. */
export async function privateKey() {
  const { private_jwk: jwk } = metadata;
  return { key: await importJWK(jwk, jwk.alg), kid: jwk.kid };
}

/** The header of a JWT. */
export function headerOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
}

/** The payload of a JWT; nothing is verified. */
export function payloadOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

/** Whether the library itself reads the answer as this OAuth error. */
export async function isRefused(promise, error) {
  await assert.rejects(promise, (reason) => reason.error === error || assert.fail(reason));
}
