//! Whatever is changed in a token, it is refused; whatever is given, nothing panics.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Made once: the properties try many tokens.
static BENCHES: LazyLock<Vec<(Bench, String)>> = LazyLock::new(|| {
    Bench::all()
        .into_iter()
        .map(|bench| {
            let good = bench.good();
            (bench, good)
        })
        .collect()
});

fn bench() -> impl Strategy<Value = &'static (Bench, String)> {
    (0..BENCHES.len()).prop_map(|index| &BENCHES[index])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// security.md 38
    #[test]
    fn any_one_character_changed_is_refused((bench, good) in bench(), at in any::<prop::sample::Index>(), new in any::<u8>()) {
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != new);
        bytes[at] = new;
        prop_assert_eq!(bench.verify(good), Ok(()));
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(bench.verify(&changed).is_err(), "{}", changed);
        }
    }

    #[test]
    fn any_character_inserted_or_taken_away_is_refused((bench, good) in bench(), at in any::<prop::sample::Index>(), new in any::<char>()) {
        let at = at.index(good.len());
        let (one, two) = good.split_at(at);
        let inserted = format!("{one}{new}{two}");
        prop_assert!(bench.verify(&inserted).is_err(), "{}", inserted);
        let taken = format!("{one}{}", &two[1..]);
        prop_assert!(bench.verify(&taken).is_err(), "{}", taken);
        prop_assert!(bench.verify(one).is_err(), "{}", one);
    }

    #[test]
    fn any_bit_of_a_signature_turned_is_refused((bench, good) in bench(), at in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let (message, signature) = good.rsplit_once('.').unwrap();
        let mut signature = decode(signature);
        let at = at.index(signature.len());
        signature[at] ^= 1 << bit;
        let token = format!("{message}.{}", encode(signature));
        prop_assert_eq!(bench.verify(&token), Err(Invalid::Signature));
    }

    #[test]
    fn two_tokens_have_no_third((bench, good) in bench(), cut in any::<prop::sample::Index>()) {
        let mut other = payload();
        other["sub"] = json!("d");
        let other = bench.sign(bench.header().to_string(), other.to_string());
        let cut = cut.index(good.len().min(other.len()));
        let spliced = format!("{}{}", &good[..cut], &other[cut..]);
        prop_assume!(spliced != *good && spliced != other);
        prop_assert!(bench.verify(&spliced).is_err(), "{}", spliced);
    }

    #[test]
    fn anything_at_all_is_refused_and_nothing_panics(
        (bench, _) in bench(),
        text in any::<String>(),
        header in any::<Vec<u8>>(),
        payload in any::<Vec<u8>>(),
    ) {
        prop_assert!(bench.verify(&text).is_err());
        prop_assert!(bench.verify(&bench.sign(&header, &payload)).is_err());
        prop_assert!(bench.verify(&bench.sign(bench.header().to_string(), &payload)).is_err());
        prop_assert!(crate::client_keys::peek(&text).is_err());
        prop_assert!(ClientKeySet::parse(&payload).is_err());
    }
}
