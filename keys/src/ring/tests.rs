//! Forged, foreign, old and young tokens against the one verification.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::claims::MAX_SAFE_INTEGER;

const NOW: i64 = 1_800_000_000_000;
const ISSUER: &str = "https://id.example";

fn ring() -> KeyRing {
    KeyRing::new(
        Algorithm::ALL
            .map(|algorithm| RingKey {
                key: SigningKey::generate(algorithm).unwrap(),
                active_from: NOW - 1,
                retired_at: None,
                is_published: true,
            })
            .into(),
    )
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

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "casper", "client_id": "casper", "iat": NOW / 1000, "exp": NOW / 1000 + 600})
}

fn with(name: &str, value: Value) -> Value {
    let mut changed = claims();
    changed[name] = value;
    changed
}

#[test]
fn every_algorithm_signs_and_verifies() {
    let ring = ring();
    for algorithm in Algorithm::ALL {
        let token = ring.sign(algorithm, "at+jwt", &claims(), NOW).unwrap();
        let verified = ring.verify(&token, &expected()).unwrap();
        assert_eq!(verified.text("aud"), Some("casper"));
        let others: Vec<Algorithm> =
            Algorithm::ALL.into_iter().filter(|other| *other != algorithm).collect();
        let strict = Expectation { algorithms: &others, ..expected() };
        assert_eq!(ring.verify(&token, &strict), Err(Invalid::UnknownKey));
    }
}

#[test]
fn each_claim_is_checked_for_itself() {
    let ring = ring();
    let seconds = NOW / 1000;
    let cases = [
        ("iss", json!("https://id.example/"), Invalid::Issuer),
        ("iss", Value::Null, Invalid::Issuer),
        ("aud", json!("ssm-portal"), Invalid::Audience),
        ("aud", json!(["casper"]), Invalid::Audience),
        ("aud", Value::Null, Invalid::Audience),
        ("exp", Value::Null, Invalid::Time),
        ("exp", json!("1800000600"), Invalid::Time),
        ("exp", json!(1_800_000_600.5), Invalid::Time),
        ("exp", json!(-1), Invalid::Time),
        ("exp", json!(u64::MAX), Invalid::Time),
        ("exp", json!(i64::MAX), Invalid::Time),
        ("exp", json!(MAX_SAFE_INTEGER + 1), Invalid::Time),
        ("exp", json!(seconds - 5), Invalid::Expired),
        ("exp", json!(0), Invalid::Expired),
        ("iat", Value::Null, Invalid::Time),
        ("iat", json!(seconds + 6), Invalid::NotYetValid),
        ("nbf", json!(seconds + 6), Invalid::NotYetValid),
        ("nbf", json!("soon"), Invalid::Time),
    ];
    for (name, value, reason) in cases {
        let token = ring.sign(Algorithm::Es256, "at+jwt", &with(name, value.clone()), NOW).unwrap();
        assert_eq!(ring.verify(&token, &expected()), Err(reason), "{name} {value}");
    }
    for (name, value) in [
        ("exp", json!(seconds - 4)),
        ("exp", json!(MAX_SAFE_INTEGER)),
        ("iat", json!(seconds + 5)),
        ("nbf", json!(seconds)),
    ] {
        let token = ring.sign(Algorithm::Es256, "at+jwt", &with(name, value.clone()), NOW).unwrap();
        assert!(ring.verify(&token, &expected()).is_ok(), "{name} {value}");
    }
}

#[test]
fn a_missing_time_claim_is_not_a_pass() {
    let ring = ring();
    for name in ["exp", "iat", "iss", "aud"] {
        let mut changed = claims();
        changed.as_object_mut().unwrap().remove(name);
        let token = ring.sign(Algorithm::Es256, "at+jwt", &changed, NOW).unwrap();
        assert!(ring.verify(&token, &expected()).is_err(), "{name}");
    }
}

#[test]
fn a_token_of_another_kind_is_refused() {
    let ring = ring();
    for typ in ["JWT", "AT+JWT", "application/at+jwt", "logout+jwt", ""] {
        let token = ring.sign(Algorithm::Es256, typ, &claims(), NOW).unwrap();
        assert!(ring.verify(&token, &expected()).is_err(), "{typ}");
    }
}

#[test]
fn the_audience_can_be_that_of_another_claim_or_any_one() {
    let ring = ring();
    let own = expected();
    let any = Expectation { aud: Audience::AnyOne, ..expected() };
    let sign = |claims: &Value| ring.sign(Algorithm::Es256, "at+jwt", claims, NOW).unwrap();
    assert!(ring.verify(&sign(&claims()), &own).is_ok());
    assert_eq!(
        ring.verify(&sign(&with("client_id", json!("other"))), &own),
        Err(Invalid::Audience)
    );
    assert!(ring.verify(&sign(&with("aud", json!("other"))), &any).is_ok());
    assert_eq!(ring.verify(&sign(&with("aud", json!(""))), &any), Err(Invalid::Audience));
}

#[test]
fn an_expired_hint_is_accepted_only_where_it_may_be() {
    let ring = ring();
    let token = ring.sign(Algorithm::Es256, "at+jwt", &with("exp", json!(1)), NOW).unwrap();
    let hint = Expectation { expiry: Expiry::Ignored, ..expected() };
    assert_eq!(ring.verify(&token, &expected()), Err(Invalid::Expired));
    assert!(ring.verify(&token, &hint).is_ok());
}

#[test]
fn rfc8725_2_1_forged_headers_and_signatures_are_refused() {
    let ring = ring();
    let token = ring.sign(Algorithm::Rs256, "at+jwt", &claims(), NOW).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let kid =
        ring.keys.iter().find(|entry| entry.key.algorithm() == Algorithm::Rs256).unwrap().key.kid();
    for alg in ["none", "None", "HS256", "ES256", "PS256", "RS512", "rs256"] {
        let header =
            URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": kid, "typ": "at+jwt"}).to_string());
        for signature in ["", parts[2]] {
            let forged = format!("{header}.{}.{signature}", parts[1]);
            assert_eq!(ring.verify(&forged, &expected()), Err(Invalid::UnknownKey), "{alg}");
        }
    }
    let payload = URL_SAFE_NO_PAD.encode(with("sub", json!("mallory")).to_string());
    let other = self::ring().sign(Algorithm::Rs256, "at+jwt", &claims(), NOW).unwrap();
    for (forged, reason) in [
        (format!("{}.{payload}.{}", parts[0], parts[2]), Invalid::Signature),
        (format!("{}.{}.", parts[0], parts[1]), Invalid::Signature),
        (format!("{}.{}.{}", parts[0], parts[1], &parts[2][..340]), Invalid::Signature),
        (other, Invalid::UnknownKey),
    ] {
        assert_eq!(ring.verify(&forged, &expected()), Err(reason), "{forged}");
    }
}

#[test]
fn an_all_zero_ecdsa_signature_is_refused() {
    let ring = ring();
    let token = ring.sign(Algorithm::Es256, "at+jwt", &claims(), NOW).unwrap();
    let (message, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
    assert_eq!(ring.verify(&forged, &expected()), Err(Invalid::Signature));
}

#[test]
fn a_new_key_is_published_before_it_signs_and_an_old_one_verifies_after_it_signed() {
    let key = |active_from, retired_at| RingKey {
        key: SigningKey::generate(Algorithm::Es256).unwrap(),
        active_from,
        retired_at,
        is_published: true,
    };
    let (old, new) = (key(0, Some(NOW + 2_000)), key(NOW + 1_000, None));
    let (old_kid, new_kid) = (old.key.kid().to_owned(), new.key.kid().to_owned());
    let ring = KeyRing::new(vec![old, new]);
    let published: Value = serde_json::from_str(ring.jwks_json()).unwrap();
    assert_eq!(published["keys"].as_array().map(Vec::len), Some(2));
    for (now, kid) in [(NOW, &old_kid), (NOW + 1_000, &new_kid), (NOW + 5_000, &new_kid)] {
        let token = ring.sign(Algorithm::Es256, "at+jwt", &claims(), now).unwrap();
        assert_eq!(compact::parse(&token, Header::Own).unwrap().kid.as_ref(), Some(kid));
    }
    let token = ring.sign(Algorithm::Es256, "at+jwt", &claims(), NOW).unwrap();
    assert!(ring.verify(&token, &Expectation { now: NOW + 100_000, ..expected() }).is_ok());
    assert!(matches!(
        ring.sign(Algorithm::Rs256, "at+jwt", &claims(), NOW),
        Err(Error::NoActiveKey("RS256"))
    ));
}

/// security.md 46
#[test]
fn a_key_that_is_not_published_any_more_still_verifies() {
    let key = |is_published| RingKey {
        key: SigningKey::generate(Algorithm::EdDsa).unwrap(),
        active_from: 0,
        retired_at: None,
        is_published,
    };
    let (hidden, shown) = (key(false), key(true));
    let (hidden_kid, shown_kid) = (hidden.key.kid().to_owned(), shown.key.kid().to_owned());
    let ring = KeyRing::new(vec![shown, hidden]);
    assert!(ring.jwks_json().contains(&shown_kid) && !ring.jwks_json().contains(&hidden_kid));
    for entry in &ring.keys {
        let token = entry.key.sign("at+jwt", &claims()).unwrap();
        assert!(ring.verify(&token, &expected()).is_ok());
    }
}

#[test]
fn a_node_whose_clock_is_a_minute_behind_signs_with_the_key_that_replaced_another() {
    let fresh = RingKey {
        key: SigningKey::generate(Algorithm::EdDsa).unwrap(),
        active_from: NOW,
        retired_at: None,
        is_published: true,
    };
    let ring = KeyRing::new(vec![fresh]);
    for (behind, signs) in [(0, true), (60_000, true), (60_001, false)] {
        let now = NOW - behind;
        let claims = with("iat", json!(now / 1000));
        let token = ring.sign(Algorithm::EdDsa, "at+jwt", &claims, now);
        assert_eq!(token.is_ok(), signs, "{behind}");
        if let Ok(token) = token {
            let expected = Expectation { now, ..expected() };
            assert!(ring.verify(&token, &expected).is_ok(), "{behind}");
        }
    }
}
