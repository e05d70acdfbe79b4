// Prints a new key pair for the algorithm on the command line, as a JSON object: the JWKs `private` and `public`, and
// both once more as PEM.

import "./webcrypto.mjs";
import { calculateJwkThumbprint, exportJWK, exportPKCS8, exportSPKI, generateKeyPair } from "jose";

const [alg] = process.argv.slice(2);
const pair = await generateKeyPair(alg, { extractable: true });
const known = await exportJWK(pair.publicKey);
const common = { alg, use: "sig", kid: await calculateJwkThumbprint(known) };
console.log(
  JSON.stringify({
    private: { ...(await exportJWK(pair.privateKey)), ...common },
    public: { ...known, ...common },
    privatePem: await exportPKCS8(pair.privateKey),
    publicPem: await exportSPKI(pair.publicKey),
  }),
);
