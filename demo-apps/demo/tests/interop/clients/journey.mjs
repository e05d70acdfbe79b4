// What every journey of a JavaScript client needs: its setting, a person who signs in, and its name on the command line.
//
// Environment: INTEROP, a JSON object with `issuer`; `client` (RFC 7591 metadata with client_id, client_secret and
// private_jwk where it has them); `user` with email, password, code and the `groups` that its ID token must say.

import assert from "node:assert/strict";

export const { issuer, client: metadata, user, ...more } = JSON.parse(process.env.INTEROP);
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
  return browser.submit(second, "code", { code }, redirectUri);
}

/** Signs in through the pages; returns the address at which the client is called back. */
export async function signIn(browser, url) {
  const { address } = await passLogin(browser, url);
  assert.ok(address.href.startsWith(redirectUri), `the sign-in ended at ${address}`);
  return address;
}

/** The header of a JWT. */
export function headerOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
}

/** Whether the library itself reads the answer as this OAuth error. */
export async function isRefused(promise, error) {
  await assert.rejects(promise, (reason) => reason.error === error || assert.fail(reason));
}
