//! A workshop for forged tokens: the classes of the Wycheproof vectors, RFC 8725 2 and security.md 37, 38, 45, made with
//! the right key wherever it is not the signature that is wrong, so that only the rule in question can refuse them.
//!
//! Each forgery is tried on the ring of the provider and on the key set of a client, for each algorithm, and each trial
//! also accepts the untouched token, so that a bench that refuses everything is found out.

mod claims;
mod encodings;
mod headers;
mod mutations;
mod signatures;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, EdDSA, PS256, RS256};
use serde_json::{Value, json};

use crate::algorithm::Algorithm;
use crate::client_keys::ClientKeySet;
use crate::error::Invalid;
use crate::ring::{Audience, Expectation, Expiry, KeyRing, RingKey};
use crate::signing_key::SigningKey;

const NOW: i64 = 1_800_000_000_000;
const ISSUER: &str = "https://id.example";

/// Who is to be deceived.
enum Target {
    Provider(KeyRing),
    Client(ClientKeySet),
}

/// One key, its verifier, and the private key to make forgeries with.
struct Bench {
    target: Target,
    alg: &'static str,
    kid: String,
    private: Jwk,
    public: Value,
}

/// A token that must be refused, and why.
struct Forgery {
    name: String,
    token: String,
    reason: Invalid,
}

fn forgery(name: impl Into<String>, token: String, reason: Invalid) -> Forgery {
    Forgery { name: name.into(), token, reason }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

impl Bench {
    /// The provider with each of its algorithms, and a client with each of its own.
    fn all() -> Vec<Self> {
        let own = Algorithm::ALL.map(Self::of_provider);
        own.into_iter().chain(["ES256", "RS256", "PS256", "EdDSA"].map(Self::of_client)).collect()
    }

    fn of_provider(algorithm: Algorithm) -> Self {
        let private = algorithm.generate().unwrap();
        let key = SigningKey::from_jwk(algorithm, &private).unwrap();
        let (kid, public) = (key.kid().to_owned(), key.public_jwk());
        // A second key, so that naming another one is possible.
        let other = SigningKey::generate(algorithm).unwrap();
        let keys = [key, other].map(|key| RingKey {
            key,
            active_from: NOW - 1,
            retired_at: None,
            is_published: true,
        });
        let target = Target::Provider(KeyRing::new(keys.into()));
        Self { target, alg: algorithm.as_str(), kid, private, public }
    }

    fn of_client(alg: &'static str) -> Self {
        let algorithm = match alg {
            "ES256" => Algorithm::Es256,
            "EdDSA" => Algorithm::EdDsa,
            _ => Algorithm::Rs256,
        };
        let private = algorithm.generate().unwrap();
        let public_of = |key: &Jwk, kid: &str| {
            let mut public = Value::Object(key.to_public_key().unwrap().as_ref().clone());
            public["kid"] = json!(kid);
            public["alg"] = json!(alg);
            public
        };
        let public = public_of(&private, "k1");
        let other = public_of(&algorithm.generate().unwrap(), "k2");
        let set = json!({"keys": [public, other]}).to_string();
        let target = Target::Client(ClientKeySet::parse(set.as_bytes()).unwrap());
        Self { target, alg, kid: "k1".to_owned(), private, public }
    }

    fn is_provider(&self) -> bool {
        matches!(self.target, Target::Provider(_))
    }

    fn verify(&self, token: &str) -> Result<(), Invalid> {
        match &self.target {
            Target::Provider(ring) => ring.verify(token, &expected()).map(drop),
            Target::Client(set) => set.verify(token, None).map(drop),
        }
    }

    fn typ(&self) -> &'static str {
        if self.is_provider() { "at+jwt" } else { "JWT" }
    }

    fn header(&self) -> Value {
        json!({"alg": self.alg, "kid": self.kid, "typ": self.typ()})
    }

    fn header_with(&self, name: &str, value: Value) -> Value {
        let mut header = self.header();
        header[name] = value;
        header
    }

    /// The right signature of whatever is written.
    fn signature(&self, message: &[u8]) -> Vec<u8> {
        use josekit::jws::JwsSigner as _;
        let key = &self.private;
        match self.alg {
            "ES256" => ES256.signer_from_jwk(key).unwrap().sign(message),
            "RS256" => RS256.signer_from_jwk(key).unwrap().sign(message),
            "PS256" => PS256.signer_from_jwk(key).unwrap().sign(message),
            _ => EdDSA.signer_from_jwk(key).unwrap().sign(message),
        }
        .unwrap()
    }

    /// Signs two parts as they are.
    fn sign_parts(&self, header: &str, payload: &str) -> String {
        let message = format!("{header}.{payload}");
        let signature = encode(self.signature(message.as_bytes()));
        format!("{message}.{signature}")
    }

    /// Encodes and signs any bytes.
    fn sign(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        self.sign_parts(&encode(header), &encode(payload))
    }

    fn good(&self) -> String {
        self.sign(self.header().to_string(), payload().to_string())
    }

    /// Tries forgeries, each beside the token that is none.
    fn try_all(&self, forgeries: Vec<Forgery>) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for Forgery { name, token, reason } in forgeries {
            assert_eq!(self.verify(&token), Err(reason), "{name}, {self:?}: {token}");
            assert_eq!(self.verify(&self.good()), Ok(()), "the untouched token, {self:?}");
            assert!(names.insert(name.clone()), "two forgeries are called {name}");
        }
        names
    }
}

/// Never the private key.
impl std::fmt::Debug for Bench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of the {}", self.alg, self.target)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Provider(_) => "provider",
            Self::Client(_) => "client",
        })
    }
}

fn expected() -> Expectation<'static> {
    Expectation {
        typ: "at+jwt",
        iss: ISSUER,
        aud: Audience::Claim("client_id"),
        algorithms: &Algorithm::ALL,
        now: NOW,
        leeway: 5_000,
        expiry: Expiry::Enforced,
    }
}

fn payload() -> Value {
    json!({
        "iss": ISSUER, "sub": "c", "aud": "c", "client_id": "c", "iat": NOW / 1000, "exp": NOW / 1000 + 60,
        "more": {"a": 1},
    })
}

/// security.md 37, 38, 39, 45; RFC 8725 2, 3
#[test]
fn rfc8725_2_hundreds_of_kinds_of_forgery_are_refused() {
    let mut names = BTreeSet::new();
    for bench in Bench::all() {
        let families = [
            encodings::forgeries(&bench),
            headers::forgeries(&bench),
            signatures::forgeries(&bench),
        ];
        for family in families {
            names.extend(bench.try_all(family));
        }
    }
    assert!(names.len() > 370, "{}", names.len());
}
