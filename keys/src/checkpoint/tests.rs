//! Checkpoints are proved by the keys that the reader trusts, and by nothing else.

use super::*;

fn statement() -> Checkpoint {
    Checkpoint {
        iss: "https://id.example".to_owned(),
        seq: 4711,
        digest: [7; 32],
        iat: 1_795_262_400,
    }
}

fn trusted(key: &CheckpointKey) -> CheckpointKeys {
    CheckpointKeys::parse(key.public_jwk().to_string().as_bytes()).unwrap()
}

#[test]
fn a_checkpoint_says_what_was_signed() {
    let (key, next) = (CheckpointKey::generate().unwrap(), CheckpointKey::generate().unwrap());
    let signed = key.sign(&statement()).unwrap();
    assert_eq!(trusted(&key).verify(&signed), Ok(statement()));
    let both = CheckpointKeys::of([&next, &key]).unwrap();
    assert_eq!(both.verify(&signed), Ok(statement()));
    assert_eq!(trusted(&next).verify(&signed), Err(Invalid::UnknownKey));
    let none = CheckpointKeys::of(std::iter::empty()).unwrap();
    assert_eq!(none.verify(&signed), Err(Invalid::UnknownKey));
}

#[test]
fn any_one_character_changed_is_refused() {
    let key = CheckpointKey::generate().unwrap();
    let signed = key.sign(&statement()).unwrap();
    let keys = trusted(&key);
    for at in 0..signed.len() {
        let mut bytes = signed.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(keys.verify(&changed).is_err(), "at {at}");
    }
}

#[test]
fn a_token_is_no_checkpoint_and_other_claims_are_refused() {
    let key = CheckpointKey::generate().unwrap();
    let keys = trusted(&key);
    let good = json!({
        "iss": "https://id.example",
        "seq": 1,
        "digest": URL_SAFE_NO_PAD.encode([1; 32]),
        "iat": 1,
    });
    let sign = |typ: &str, claims: &Value| key.0.sign(typ, claims).unwrap();
    assert!(keys.verify(&sign(CHECKPOINT_TYP, &good)).is_ok());
    for typ in ["at+jwt", "JWT", "logout+jwt"] {
        assert_eq!(keys.verify(&sign(typ, &good)), Err(Invalid::Typ), "{typ}");
    }
    let short = URL_SAFE_NO_PAD.encode([1; 31]);
    for (name, value) in [
        ("iss", Value::Null),
        ("seq", json!("1")),
        ("seq", json!(1.5)),
        ("digest", json!(short)),
        ("digest", json!("?")),
        ("iat", json!(-1)),
        ("aud", json!("somebody")),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        assert!(keys.verify(&sign(CHECKPOINT_TYP, &claims)).is_err(), "{claims}");
    }
}

#[test]
fn a_key_survives_sealing_and_is_never_one_for_tokens() {
    let wrapping = WrappingKey::new([3; 32]);
    let key = CheckpointKey::generate().unwrap();
    let sealed = key.wrap(&wrapping, &[0; 32]).unwrap();
    let opened = CheckpointKey::unwrap(key.kid(), &sealed, &wrapping).unwrap();
    assert_eq!(opened.public_jwk(), key.public_jwk());
    assert!(SigningKey::unwrap(ALGORITHM, key.kid(), &sealed, &wrapping).is_err());
    let token = SigningKey::generate(ALGORITHM).unwrap();
    let sealed = token.wrap(&wrapping, &[0; 32]).unwrap();
    assert!(CheckpointKey::unwrap(token.kid(), &sealed, &wrapping).is_err());
}

#[test]
fn only_public_keys_of_the_algorithm_are_trusted() {
    let key = CheckpointKey::generate().unwrap().public_jwk();
    let private = {
        let mut private = key.clone();
        private["d"] = key["x"].clone();
        private
    };
    let edwards = SigningKey::generate(Algorithm::EdDsa).unwrap().public_jwk();
    for bad in [json!({}), json!({ "keys": [] }), json!({ "keys": 1 }), private, edwards] {
        assert!(CheckpointKeys::parse(bad.to_string().as_bytes()).is_err(), "{bad}");
    }
    assert!(CheckpointKeys::parse(b"not JSON").is_err());
    let mut unnamed = key.clone();
    unnamed.as_object_mut().unwrap().remove("kid");
    assert!(CheckpointKeys::parse(unnamed.to_string().as_bytes()).is_ok());
}
