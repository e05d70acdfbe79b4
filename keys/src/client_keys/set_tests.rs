//! security.md 33: every key set that is refused, each beside the set that it was made from, which is
//! not.

use super::tests::{ec, ed, parse, rsa, with};
use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

/// A modulus of 2048 bits whose primes are those of the generator of CVE-2017-15361. It was made for
/// this test; nobody has its private key.
const WEAK_GENERATOR: &str = concat!(
    "wttabYtA8EuCpfjj7qPC_XUfGc07ciEsDMJkiDaf-ggh__o0WsY9qhx7ca07gqRzo-3ZYR2CB04WsARn2hessPIJM11K",
    "-kKoM885TY26HfXvoqyTGaU5paQ2YCk1MVaKYWdg7yTLOt_S838yUW41GO89a0wYUqn6RVu4q4gPZViKMa-b4Vl-FzKA",
    "qJYEuwd90wAGjNCQqOvckGUD-b_3blVZ9Af-ho0thx4NfM2W9-aWMh1kOpe5YUFXq_o0hOpQOsnU3xNRRSqWYGsDJaRB",
    "cbCGQ-3emlpS4mp-mrIqKBf1EKiU5lLbgbPkdYWOrs6v6gQnc1HagzNKCrTINDs9FQ",
);

/// A key with one member changed, `Null` for taken away.
fn assert_each(good: &Value, cases: &[(&'static str, Value, KeySetError)]) {
    assert_eq!(parse(&[good]).err(), None);
    for (name, value, reason) in cases {
        let mut changed = with(good, name, value.clone());
        if value.is_null() {
            changed.as_object_mut().unwrap().remove(*name);
        }
        assert_eq!(parse(&[&changed]).err(), Some(*reason), "{name} {value}");
    }
}

fn encoded(bytes: &[u8]) -> Value {
    json!(URL_SAFE_NO_PAD.encode(bytes))
}

fn decoded(key: &Value, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap()
}

/// security.md 33
#[test]
fn members_that_every_key_may_have_are_read_strictly() {
    let good = ec(Some("k")).jwk;
    let mut cases = vec![
        ("kty", Value::Null, KeySetError::Member("kty")),
        ("kty", json!(1), KeySetError::Member("kty")),
        ("kty", json!("oct"), KeySetError::Symmetric),
        ("kty", json!("ec"), KeySetError::Unusable),
        ("kty", json!("AKP"), KeySetError::Unusable),
        ("kid", json!(""), KeySetError::Member("kid")),
        ("kid", json!(7), KeySetError::Member("kid")),
        ("kid", json!("x".repeat(256)), KeySetError::Member("kid")),
        ("use", json!("enc"), KeySetError::Unusable),
        ("use", json!("SIG"), KeySetError::Unusable),
        ("use", json!(["sig"]), KeySetError::Member("use")),
        ("key_ops", json!("verify"), KeySetError::Member("key_ops")),
        ("key_ops", json!(["verify", "verify"]), KeySetError::Member("key_ops")),
        ("key_ops", json!(["verify", 1]), KeySetError::Member("key_ops")),
        ("key_ops", json!(["sign"]), KeySetError::Unusable),
        ("key_ops", json!([]), KeySetError::Unusable),
        ("alg", json!(256), KeySetError::Member("alg")),
        ("alg", json!("none"), KeySetError::Algorithm),
        ("alg", json!("HS256"), KeySetError::Algorithm),
        ("alg", json!("RS256"), KeySetError::Algorithm),
        ("alg", json!("EdDSA"), KeySetError::Algorithm),
        ("alg", json!("ES384"), KeySetError::Unusable),
        ("alg", json!("ECDH-ES"), KeySetError::Unusable),
    ];
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        cases.push((name, json!("AQAB"), KeySetError::Private));
    }
    assert_each(&good, &cases);
    for (name, value) in [
        ("use", json!("sig")),
        ("key_ops", json!(["verify"])),
        ("alg", json!("ES256")),
        ("x5c", json!(["AA"])),
        ("made_up", json!({})),
    ] {
        assert_eq!(parse(&[&with(&good, name, value)]).err(), None, "{name}");
    }
}

/// security.md 33
#[test]
fn a_point_has_full_coordinates_and_lies_on_the_curve() {
    let good = ec(None).jwk;
    let (mut off, x) = (decoded(&good, "x"), decoded(&good, "x"));
    off[31] ^= 1;
    assert_each(
        &good,
        &[
            ("crv", Value::Null, KeySetError::Member("crv")),
            ("crv", json!("P-384"), KeySetError::Unusable),
            ("crv", json!("secp256k1"), KeySetError::Unusable),
            ("crv", json!("Ed25519"), KeySetError::Unusable),
            ("x", Value::Null, KeySetError::Member("x")),
            ("y", Value::Null, KeySetError::Member("y")),
            ("x", json!(good["x"].as_str().unwrap().to_owned() + "="), KeySetError::Member("x")),
            ("x", encoded(&x[..31]), KeySetError::Member("x")),
            ("x", encoded(&[&[0], x.as_slice()].concat()), KeySetError::Member("x")),
            ("x", encoded(&[0xff; 32]), KeySetError::Key),
            ("x", encoded(&off), KeySetError::Key),
            ("y", encoded(&[0; 32]), KeySetError::Key),
        ],
    );
    // The two lengths together are right: joined without care they would be another point.
    let mut shifted = with(&good, "x", encoded(&x[..31]));
    shifted["y"] = encoded(&[&x[31..], decoded(&good, "y").as_slice()].concat());
    assert_eq!(parse(&[&shifted]).err(), Some(KeySetError::Member("x")));
}

/// security.md 33
#[test]
fn an_edwards_point_is_of_full_length_and_order() {
    let mut cases = vec![
        ("crv", json!("Ed448"), KeySetError::Unusable),
        ("crv", json!("X25519"), KeySetError::Unusable),
        ("x", encoded(&[1; 31]), KeySetError::Member("x")),
        ("x", encoded(&[1; 33]), KeySetError::Member("x")),
        ("alg", json!("ES256"), KeySetError::Algorithm),
    ];
    for point in client_jwk::SMALL_ORDER {
        let mut negative = point;
        negative[31] |= 0x80;
        cases.push(("x", encoded(&point), KeySetError::Key));
        cases.push(("x", encoded(&negative), KeySetError::Key));
    }
    assert_each(&ed(None).jwk, &cases);
}

/// security.md 33
#[test]
fn an_rsa_key_is_long_odd_and_not_known_to_be_weak() {
    let good = rsa(None, 2048).jwk;
    let modulus = decoded(&good, "n");
    // A power of two: no odd factor gives it away.
    let even = [&[0x80], [0; 255].as_slice()].concat();
    let mut short = modulus.clone();
    short[0] = 0x7f;
    // Divisible by 3, 5 and 17, as each of its bytes is.
    let of_small_factor = [0xff; 256];
    assert_each(
        &good,
        &[
            ("n", Value::Null, KeySetError::Member("n")),
            ("n", encoded(&[]), KeySetError::Member("n")),
            ("n", encoded(&[&[0], modulus.as_slice()].concat()), KeySetError::Member("n")),
            ("n", encoded(&modulus[..255]), KeySetError::RsaLength),
            ("n", encoded(&short), KeySetError::RsaLength),
            ("n", encoded(&[0xc1; 1025]), KeySetError::RsaLength),
            ("n", encoded(&even), KeySetError::Key),
            ("n", encoded(&of_small_factor), KeySetError::Key),
            ("n", json!(WEAK_GENERATOR), KeySetError::Key),
            ("e", Value::Null, KeySetError::Member("e")),
            ("e", encoded(&[0]), KeySetError::Member("e")),
            ("e", encoded(&[0, 1, 0, 1]), KeySetError::Member("e")),
            ("e", encoded(&[1]), KeySetError::RsaExponent),
            ("e", encoded(&[3]), KeySetError::RsaExponent),
            ("e", encoded(&[1, 0, 0]), KeySetError::RsaExponent),
            ("e", encoded(&[1, 0, 2]), KeySetError::RsaExponent),
            ("e", encoded(&[1, 0, 0, 0, 1]), KeySetError::RsaExponent),
            ("e", encoded(&[0xff; 32]), KeySetError::RsaExponent),
            ("alg", json!("ES256"), KeySetError::Algorithm),
            ("alg", json!("RS1"), KeySetError::Unusable),
            ("alg", json!("RSA-OAEP"), KeySetError::Unusable),
        ],
    );
    assert_eq!(parse(&[&rsa(None, 1024).jwk]).err(), Some(KeySetError::RsaLength));
}

/// security.md 33
#[test]
fn one_bad_key_spoils_the_set_and_a_foreign_one_is_passed_over() {
    let (good, other) = (ec(Some("good")).jwk, ed(Some("other")).jwk);
    let secret = json!({"kty": "oct", "kid": "s", "k": "AAAA"});
    let weak = with(&rsa(Some("weak"), 2048).jwk, "e", json!("Aw"));
    for (bad, reason) in [
        (&secret, KeySetError::Symmetric),
        (&weak, KeySetError::RsaExponent),
        (&with(&other, "d", json!("AA")), KeySetError::Private),
        (&with(&with(&other, "use", json!("enc")), "d", json!("AA")), KeySetError::Private),
        (&with(&other, "kid", json!("good")), KeySetError::RepeatedKid),
        (&with(&with(&other, "kid", json!("good")), "use", json!("enc")), KeySetError::RepeatedKid),
        (&ed(None).jwk, KeySetError::MissingKid),
        (&json!("key"), KeySetError::Malformed),
        (&json!(null), KeySetError::Malformed),
    ] {
        assert_eq!(parse(&[&good, bad]).err(), Some(reason), "{bad}");
        assert_eq!(parse(&[bad, &good]).err(), Some(reason), "{bad}");
    }
    for foreign in [
        with(&ed(None).jwk, "use", json!("enc")),
        with(&other, "use", json!("enc")),
        json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
        json!({"kty": "new"}),
    ] {
        let set = parse(&[&foreign, &good]).unwrap();
        assert!(set.knows(Some("good")) && !set.knows(Some("other")), "{foreign}");
    }
    assert_eq!(parse(&[&good, &other]).err(), None);
}

/// security.md 33
#[test]
fn a_set_is_one_small_object_without_repetition() {
    let good = ec(Some("k")).jwk.to_string();
    let refused = |text: &str| ClientKeySet::parse(text.as_bytes()).err();
    assert_eq!(refused(&format!(r#"{{"keys":[{good}],"more":1}}"#)), None);
    for text in [
        String::new(),
        "[]".to_owned(),
        "{}".to_owned(),
        good.clone(),
        format!("[{good}]"),
        format!(r#"{{"keys":{good}}}"#),
        format!(r#"{{"keys":[[{good}]]}}"#),
        format!(r#"{{"keys":[{good}]}}x"#),
        format!(r#"{{"keys":[{good}],"keys":[{good}]}}"#),
        format!(r#"{{"keys":[{}]}}"#, good.replace("\"kid\":", "\"kid\":\"a\",\"kid\":")),
        format!(r#"{{"keys":[{}]}}"#, good.replace("\"kty\":", "\"kty\":\"oct\",\"kty\":")),
        format!(r#"{{"keys":[{good}],"a":{}{}}}"#, "[".repeat(200), "]".repeat(200)),
    ] {
        assert_eq!(refused(&text), Some(KeySetError::Malformed), "{text}");
    }
    assert_eq!(refused(r#"{"keys":[]}"#), Some(KeySetError::Unusable));
    let large = format!(r#"{{"keys":[{good}],"a":"{}"}}"#, "x".repeat(64 * 1024));
    assert_eq!(refused(&large), Some(KeySetError::TooLarge));
    assert_eq!(
        ClientKeySet::parse(b"{\"keys\":[],\"a\":\"\xff\"}").err(),
        Some(KeySetError::Malformed)
    );
    let keys = |count: usize| -> Vec<Value> {
        let base = ec(None).jwk;
        (0..count).map(|index| with(&base, "kid", json!(index.to_string()))).collect()
    };
    assert_eq!(parse(&keys(16).iter().collect::<Vec<_>>()).err(), None);
    assert_eq!(parse(&keys(17).iter().collect::<Vec<_>>()).err(), Some(KeySetError::TooManyKeys));
}
