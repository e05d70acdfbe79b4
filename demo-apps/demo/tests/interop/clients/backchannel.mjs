// The client's end of back-channel logout: an address of its own, and what it must check before it believes
// (OpenID Connect Back-Channel Logout 2.5, 2.6).

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { createRemoteJWKSet, jwtVerify } from "jose";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
/** A provider has this long to tell, milliseconds. */
const PATIENCE = 60_000;

/** Listens at an address; `told` is the first logout token that comes. */
export async function listen(address) {
  const { port, pathname } = new URL(address);
  const server = createServer();
  const told = new Promise((tell, fail) => {
    const timer = setTimeout(fail, PATIENCE, new Error("no logout token came"));
    server.on("request", async (request, response) => {
      assert.equal(request.method, "POST");
      assert.equal(request.url, pathname);
      assert.equal(request.headers["content-type"], "application/x-www-form-urlencoded");
      const body = new URLSearchParams(await text(request));
      response.writeHead(200, { "cache-control": "no-store", connection: "close" }).end();
      clearTimeout(timer);
      tell(body.get("logout_token"));
    });
  });
  await new Promise((ready) => server.listen(port, "localhost", ready));
  return { told, close: () => server.close() };
}

/** Verifies a logout token with the published keys, and that it is about this session. */
export async function checkLogoutToken(token, { provider, clientId, algorithm, session, subject }) {
  const keys = createRemoteJWKSet(new URL(provider.jwks_uri));
  const { payload } = await jwtVerify(token, keys, {
    issuer: provider.issuer,
    audience: clientId,
    typ: "logout+jwt",
    algorithms: [algorithm],
    requiredClaims: ["iat", "exp", "jti", "events"],
    maxTokenAge: 120,
  });
  assert.deepEqual(payload.events[EVENT], {});
  assert.equal(payload.sid, session);
  assert.equal(payload.sub ?? subject, subject);
  assert.ok(!("nonce" in payload), "a logout token has no nonce");
}
