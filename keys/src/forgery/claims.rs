//! Claims of tokens whose signature is right (security.md 47).

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::claims::MAX_SAFE_INTEGER;

const SECONDS: i64 = NOW / 1000;

/// A token of the provider with a claim that is written as it is.
fn with_claim(bench: &Bench, name: &str, json: &str) -> String {
    let mut claims = payload();
    claims[name] = json!("HERE");
    let text = claims.to_string().replace("\"HERE\"", json);
    bench.sign(bench.header().to_string(), text)
}

/// Made once: the properties try many tokens.
static PROVIDER: LazyLock<Bench> = LazyLock::new(|| Bench::of_provider(Algorithm::EdDsa));
static CLIENT: LazyLock<Bench> = LazyLock::new(|| Bench::of_client("EdDSA"));

/// security.md 47
#[test]
fn a_time_that_is_no_whole_number_of_seconds_is_refused_wherever_it_stands() {
    let bench = &*PROVIDER;
    let mut tried = 0;
    for name in ["exp", "iat", "nbf"] {
        for json in [
            "null",
            "true",
            "\"\"",
            "\"1800000000\"",
            "\"now\"",
            "[1800000000]",
            "{}",
            "-1",
            "-0.0",
            "1800000000.0",
            "1800000000.5",
            "1.8e9",
            "1e18",
            "0.1e-300",
            "9007199254740992",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999999999999999999999",
        ] {
            let token = with_claim(bench, name, json);
            assert_eq!(bench.verify(&token), Err(Invalid::Time), "{name} {json}");
            assert_eq!(bench.verify(&bench.good()), Ok(()));
            tried += 1;
        }
    }
    assert_eq!(tried, 69);
}

/// security.md 47
#[test]
fn the_leeway_is_a_minute_at_most_and_never_negative() {
    let bench = &*PROVIDER;
    let Target::Provider(ring) = &bench.target else { panic!("a provider") };
    let at =
        |token: &str, leeway| ring.verify(token, &Expectation { leeway, ..expected() }).is_ok();
    let young = with_claim(bench, "iat", &(SECONDS + 60).to_string());
    let too_young = with_claim(bench, "iat", &(SECONDS + 61).to_string());
    let old = with_claim(bench, "exp", &(SECONDS - 59).to_string());
    let too_old = with_claim(bench, "exp", &(SECONDS - 60).to_string());
    for leeway in [60_000, i64::MAX] {
        assert!(at(&young, leeway) && at(&old, leeway));
        assert!(!at(&too_young, leeway) && !at(&too_old, leeway));
    }
    for leeway in [-1, i64::MIN] {
        assert!(at(&bench.good(), leeway));
        assert!(!at(&young, leeway));
    }
}

/// security.md 46: a key vouches for what it may have signed: a thief of a retired key makes no new tokens.
#[test]
fn a_token_of_a_time_at_which_its_key_did_not_sign_is_refused() {
    let private = Algorithm::EdDsa.generate().unwrap();
    let key = || SigningKey::from_jwk(Algorithm::EdDsa, &private).unwrap();
    let span = |active_from, retired_at| {
        let ring = KeyRing::new(vec![RingKey {
            key: key(),
            active_from,
            retired_at,
            is_published: false,
        }]);
        let public = key().public_jwk();
        let (kid, private) = (key().kid().to_owned(), private.clone());
        Bench { target: Target::Provider(ring), alg: "EdDSA", kid, private, public }
    };
    for (active_from, retired_at, is_good) in [
        (NOW, None, true),
        (NOW + 60_000, None, true),
        (NOW + 60_001, None, false),
        (0, Some(NOW), true),
        (0, Some(NOW - 59_999), true),
        (0, Some(NOW - 60_000), false),
    ] {
        let bench = span(active_from, retired_at);
        let result = if is_good { Ok(()) } else { Err(Invalid::KeyNotInUse) };
        assert_eq!(bench.verify(&bench.good()), result, "{active_from} {retired_at:?}");
    }
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i128>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        (SECONDS - 100..SECONDS + 100).prop_map(|number| number.to_string()),
        (MAX_SAFE_INTEGER - 2..MAX_SAFE_INTEGER + 3).prop_map(|number| number.to_string()),
        (-3_i64..3).prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON", |number| number.is_finite())
            .prop_map(|number| format!("{number:?}")),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?",
    ]
}

/// What a number says as an instant, decided on its text alone.
fn whole_seconds(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) || text == "-0";
    let number = text.parse::<i128>().ok().filter(|_| digits)?;
    i64::try_from(number).ok().filter(|number| *number <= MAX_SAFE_INTEGER)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// security.md 47
    #[test]
    fn every_number_is_an_instant_or_refused(text in number(), name in "exp|iat|nbf") {
        let bench = &*PROVIDER;
        let result = bench.verify(&with_claim(bench, &name, &text));
        let expected = match (whole_seconds(&text), name.as_str()) {
            // Only JSON that cannot be read at all, such as 1e9999, is malformed.
            (None, _) => {
                prop_assert!(matches!(result, Err(Invalid::Time | Invalid::Malformed)), "{} {:?}", text, result);
                return Ok(());
            }
            (Some(exp), "exp") if exp <= SECONDS - 5 => Err(Invalid::Expired),
            (Some(begin), "iat" | "nbf") if begin > SECONDS + 5 => Err(Invalid::NotYetValid),
            (Some(iat), "iat") if iat < SECONDS - 60 => Err(Invalid::KeyNotInUse),
            (Some(_), _) => Ok(()),
        };
        prop_assert_eq!(result, expected, "{} {}", name, text);
    }

    /// security.md 47, for what clients sign
    #[test]
    fn the_claims_of_a_client_are_read_as_strictly(text in number()) {
        let bench = &*CLIENT;
        let Target::Client(set) = &bench.target else { panic!("a client") };
        if let Ok(assertion) = set.verify(&with_claim(bench, "exp", &text), None) {
            let found = assertion.claims().instant("exp");
            let expected = whole_seconds(&text).map(|seconds| Some(seconds * 1000));
            prop_assert_eq!(found, expected.ok_or(Invalid::Time), "{}", text);
        } else {
            prop_assert_eq!(whole_seconds(&text), None);
        }
    }
}

#[test]
fn an_audience_is_one_text_or_a_list_of_texts() {
    use crate::claims::AudienceClaim::{Many, One};
    let bench = &*CLIENT;
    let Target::Client(set) = &bench.target else { panic!("a client") };
    let claims =
        |json: &str| set.verify(&with_claim(bench, "aud", json), None).unwrap().claims().clone();
    assert_eq!(claims("\"a\"").audience(), Ok(One("a")));
    assert_eq!(claims("[\"a\"]").audience(), Ok(Many(vec!["a"])));
    assert_eq!(claims("[\"a\",\"b\"]").audience(), Ok(Many(vec!["a", "b"])));
    for json in [
        "null",
        "\"\"",
        "[]",
        "[\"\"]",
        "[\"a\",1]",
        "[\"a\",null]",
        "[[\"a\"]]",
        "{}",
        "1",
        "true",
    ] {
        assert_eq!(claims(json).audience(), Err(Invalid::Audience), "{json}");
    }
    assert_eq!(claims("\"a\"").instant("nbf"), Ok(None));
    assert_eq!(claims("\"a\"").text("exp"), None);
}
