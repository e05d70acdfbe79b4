//! Key sets and assertions of clients: what is accepted, and every way not to be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jws::{ES256, EdDSA, JwsHeader, JwsSigner, PS256, RS256};
use serde_json::json;

use super::*;

/// A key pair of a client; `jwk` is the public one with `kid`.
pub(super) struct Pair {
    private: Jwk,
    pub(super) jwk: Value,
}

fn pair(kid: Option<&str>, private: Jwk) -> Pair {
    let mut jwk = Value::Object(private.to_public_key().unwrap().as_ref().clone());
    if let Some(kid) = kid {
        jwk["kid"] = json!(kid);
    }
    Pair { private, jwk }
}

pub(super) fn ec(kid: Option<&str>) -> Pair {
    pair(kid, Jwk::generate_ec_key(EcCurve::P256).unwrap())
}

pub(super) fn rsa(kid: Option<&str>, bits: u32) -> Pair {
    pair(kid, Jwk::generate_rsa_key(bits).unwrap())
}

pub(super) fn ed(kid: Option<&str>) -> Pair {
    pair(kid, Jwk::generate_ed_key(EdCurve::Ed25519).unwrap())
}

impl Pair {
    fn sign(&self, alg: &str, kid: Option<&str>, typ: Option<&str>) -> String {
        let signer: Box<dyn JwsSigner> = match alg {
            "ES256" => Box::new(ES256.signer_from_jwk(&self.private).unwrap()),
            "RS256" => Box::new(RS256.signer_from_jwk(&self.private).unwrap()),
            "PS256" => Box::new(PS256.signer_from_jwk(&self.private).unwrap()),
            _ => Box::new(EdDSA.signer_from_jwk(&self.private).unwrap()),
        };
        let mut header = JwsHeader::new();
        if let Some(kid) = kid {
            header.set_key_id(kid);
        }
        if let Some(typ) = typ {
            header.set_token_type(typ);
        }
        let payload = json!({"iss": "c", "sub": "c", "aud": "https://id.example", "exp": 1});
        josekit::jws::serialize_compact(payload.to_string().as_bytes(), &header, signer.as_ref())
            .unwrap()
    }

    /// By `EdDSA`, whatever the header says.
    fn sign_as(&self, header: &Value) -> String {
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", text(header), text(&json!({"iss": "c"})));
        let signer = EdDSA.signer_from_jwk(&self.private).unwrap();
        let signature = signer.sign(message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

pub(super) fn parse(keys: &[&Value]) -> Result<ClientKeySet, KeySetError> {
    ClientKeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

pub(super) fn with(jwk: &Value, name: &str, value: Value) -> Value {
    let mut changed = jwk.clone();
    changed[name] = value;
    changed
}

/// security.md 37
#[test]
fn rfc7523_3_every_algorithm_proves_an_assertion() {
    let (ec, rsa, ed) = (ec(Some("e")), rsa(Some("r"), 2048), ed(Some("d")));
    let set = parse(&[&ec.jwk, &rsa.jwk, &ed.jwk]).unwrap();
    for (alg, kid, pair) in
        [("ES256", "e", &ec), ("RS256", "r", &rsa), ("PS256", "r", &rsa), ("EdDSA", "d", &ed)]
    {
        for typ in [None, Some("JWT"), Some("client-authentication+jwt")] {
            let token = pair.sign(alg, Some(kid), typ);
            let assertion = set.verify(&token, None).unwrap();
            assert_eq!(assertion.algorithm(), alg);
            assert_eq!(assertion.claims().text("iss"), Some("c"));
            assert_eq!(assertion, set.verify(&token, Some(alg)).unwrap());
            let is_other = |other: &&str| *other != alg && (alg, *other) != ("EdDSA", "Ed25519");
            for other in CLIENT_ALGORITHMS.into_iter().filter(is_other) {
                assert_eq!(set.verify(&token, Some(other)), Err(Invalid::UnknownKey));
            }
        }
        for typ in ["at+jwt", "jwt", "logout+jwt", "application/jwt", ""] {
            let token = pair.sign(alg, Some(kid), Some(typ));
            assert_eq!(set.verify(&token, None), Err(Invalid::Typ), "{typ}");
        }
    }
}

/// security.md 37
#[test]
fn rfc9864_2_2_ed25519_is_another_name_of_eddsa() {
    let pair = ed(None);
    let token = pair.sign_as(&json!({"alg": "Ed25519"}));
    for alg in [None, Some("EdDSA"), Some("Ed25519")] {
        let jwk = alg.map_or(pair.jwk.clone(), |alg| with(&pair.jwk, "alg", json!(alg)));
        let set = parse(&[&jwk]).unwrap();
        for pinned in [None, Some("EdDSA"), Some("Ed25519")] {
            assert_eq!(set.verify(&token, pinned).unwrap().algorithm(), "EdDSA");
            assert!(set.verify(&pair.sign("EdDSA", None, None), pinned).is_ok());
        }
        assert_eq!(set.verify(&token, Some("ES256")), Err(Invalid::UnknownKey));
        for other in ["Ed448", "ed25519", "ESP256"] {
            let token = pair.sign_as(&json!({ "alg": other }));
            assert_eq!(set.verify(&token, None), Err(Invalid::UnknownKey), "{other}");
            assert_eq!(set.verify(&token, Some(other)), Err(Invalid::UnknownKey), "{other}");
        }
    }
}

#[test]
fn a_key_with_an_algorithm_has_no_other() {
    let rsa = rsa(None, 2048);
    let pinned = parse(&[&with(&rsa.jwk, "alg", json!("PS256"))]).unwrap();
    assert!(pinned.verify(&rsa.sign("PS256", None, None), None).is_ok());
    assert_eq!(pinned.verify(&rsa.sign("RS256", None, None), None), Err(Invalid::UnknownKey));
    let free = parse(&[&rsa.jwk]).unwrap();
    assert!(free.verify(&rsa.sign("RS256", None, None), None).is_ok());
}

#[test]
fn the_key_is_the_named_one_or_the_only_one() {
    let (one, two, nameless) = (ec(Some("1")), ec(Some("2")), ec(None));
    let both = parse(&[&one.jwk, &two.jwk]).unwrap();
    assert!(both.knows(Some("1")) && both.knows(Some("2")));
    assert!(!both.knows(Some("3")) && !both.knows(None));
    assert!(both.verify(&two.sign("ES256", Some("2"), None), None).is_ok());
    assert_eq!(both.verify(&two.sign("ES256", Some("1"), None), None), Err(Invalid::Signature));
    assert_eq!(both.verify(&two.sign("ES256", None, None), None), Err(Invalid::UnknownKey));

    let single = parse(&[&one.jwk]).unwrap();
    assert!(single.knows(None) && !single.knows(Some("2")));
    assert!(single.verify(&one.sign("ES256", None, None), None).is_ok());
    let without_name = parse(&[&nameless.jwk]).unwrap();
    assert!(without_name.knows(None) && without_name.knows(Some("any")));
    assert!(without_name.verify(&nameless.sign("ES256", Some("any"), None), None).is_ok());
}

#[test]
fn an_assertion_can_be_read_before_it_is_proved() {
    let token = ec(None).sign("ES256", Some("k"), None);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(peek(&token), Ok(Peeked { kid: text("k"), iss: text("c"), sub: text("c") }));
    assert_eq!(peek("a.b.c"), Err(Invalid::Malformed));
}
