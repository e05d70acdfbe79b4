// Prints a new key pair for the algorithm on the command line, as a JSON object with the JWKs `private` and `public`.

import "./webcrypto.mjs";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";

const [alg] = process.argv.slice(2);
const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
const known = await exportJWK(publicKey);
const common = { alg, use: "sig", kid: await calculateJwkThumbprint(known) };
console.log(JSON.stringify({ private: { ...(await exportJWK(privateKey)), ...common }, public: { ...known, ...common } }));
