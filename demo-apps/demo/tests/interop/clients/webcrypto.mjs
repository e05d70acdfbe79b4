// Debian 12 ships Node 18, where the Web Crypto API is there but not yet global. Imported first.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
