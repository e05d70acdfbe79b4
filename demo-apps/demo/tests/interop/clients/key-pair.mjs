// Prints a new key pair for the algorithm on the command line, as a JSON object: the JWKs `private` and `public`, and
// the private key once more as `pem`.

import "./webcrypto.mjs";
import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair } from "jose";

const [alg] = process.argv.slice(2);
const pair = await generateKeyPair(alg, { extractable: true });
const known = await exportJWK(pair.publicKey);
const common = { alg, use: "sig", kid: await calculateJwkThumbprint(known) };
console.log(
  JSON.stringify({
    private: { ...(await exportJWK(pair.privateKey)), ...common },
    public: { ...known, ...common },
    pem: await exportPKCS8(pair.privateKey),
  }),
);
