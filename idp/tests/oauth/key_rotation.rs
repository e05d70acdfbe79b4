//! security.md F16: keys rotate while tokens are issued, and no relying party notices.

use axum::{body::Body, http::Request};
use futures_util::future::join_all;
use idp::{
    cli::keys::Keys as Command,
    jobs,
    signing::{KeyAdministration, Keys},
};
use keys::{Algorithm, Audience, ClientKeySet, Expectation, Expiry};
use serde_json::{Value, json};

use crate::{
    harness::{ISSUER, TestIdp},
    signing_keys::{command, schedule},
};

/// Seconds between two looks at the world; a prime, so that nothing falls on round instants.
const STEP: i64 = 97;

/// A relying party that believes its copy of the key set for as long as it may, and does not look again earlier: the
/// least favourable one.
struct RelyingParty {
    keys: Option<(ClientKeySet, i64)>,
    fetches: usize,
}

impl RelyingParty {
    async fn verify(&mut self, idp: &TestIdp, token: &str) -> Result<(), keys::Invalid> {
        let now = idp.app.now().seconds();
        if self.keys.as_ref().is_none_or(|(_, until)| now >= *until) {
            let request = Request::get("/oauth2/jwks").body(Body::empty()).unwrap();
            let reply = idp.send(request).await;
            let cache = reply.headers["cache-control"].to_str().unwrap();
            let max_age: i64 = cache.strip_prefix("public, max-age=").unwrap().parse().unwrap();
            let set = ClientKeySet::parse(reply.json().to_string().as_bytes()).unwrap();
            self.keys = Some((set, now + max_age));
            self.fetches += 1;
        }
        let (keys, _) = self.keys.as_ref().unwrap();
        keys.verify(token, None).map(drop)
    }
}

fn claims(now: i64) -> Value {
    json!({"iss": ISSUER, "sub": "s", "aud": "casper", "iat": now / 1000, "exp": now / 1000 + 600})
}

/// security.md 46, F16
#[tokio::test]
async fn twenty_rotations_under_load_break_no_signature() {
    let idp = TestIdp::start().await;
    let mut second_node =
        Keys::load(&KeyAdministration::scheduled(&idp.app), schedule()).await.unwrap();
    let mut parties: Vec<RelyingParty> =
        (0..2).map(|_| RelyingParty { keys: None, fetches: 0 }).collect();
    // Tokens that a relying party may still get to see, with the instant of their end in seconds.
    let mut alive: Vec<(String, i64)> = Vec::new();
    let (mut verified, mut kids) = (0, std::collections::BTreeSet::new());
    for rotation in 0..20 {
        for step in 0..16 {
            if step == 2 {
                command(&idp, Command::Rotate { alg: None }).await.unwrap();
            }
            // One node looks at every step, the other one only at every third.
            jobs::signing_keys::reload(&idp.app).await;
            if step % 3 == 0 {
                reload(&mut second_node, &idp).await;
            }
            let now = idp.app.now().millis();
            for (node, algorithm) in Algorithm::ALL
                .into_iter()
                .flat_map(|alg| [(&idp.app.keys, alg), (&second_node, alg)])
            {
                let token = node.sign(algorithm, "JWT", &claims(now), now).unwrap();
                kids.insert(keys::peek(&token).unwrap().kid);
                alive.push((token, now / 1000 + 600));
            }
            let requests =
                (0..2).map(|_| idp.token("robot", &[("grant_type", "client_credentials")]));
            for reply in join_all(requests).await {
                assert_eq!(reply.status, 200, "rotation {rotation}");
            }
            alive.retain(|(_, until)| *until > now / 1000);
            for (index, party) in parties.iter_mut().enumerate() {
                // They start at different times, so that their copies are of different ages.
                if rotation == 0 && step < index {
                    continue;
                }
                // Each token when it is fresh, and for the last time before it is over.
                let looked_at =
                    |until: i64| until - now / 1000 > 600 - STEP || until - now / 1000 <= STEP;
                for (token, _) in alive.iter().filter(|(_, until)| looked_at(*until)) {
                    let result = party.verify(&idp, token).await;
                    assert_eq!(result, Ok(()), "rotation {rotation}, step {step}, party {index}");
                    verified += 1;
                }
            }
            idp.advance(STEP);
        }
    }
    assert!(verified > 6_000, "{verified}");
    assert!(parties.iter().all(|party| party.fetches > 50), "they looked again and again");
    assert_eq!(kids.len(), 3 * 21, "every key signed");
}

async fn reload(node: &mut Keys, idp: &TestIdp) {
    node.reload(&idp.app.store, &idp.app.server_keys, idp.app.now()).await.unwrap();
}

/// A hint may be of a token that is over (OpenID Connect RP-Initiated Logout 2): it is understood for as long as its
/// session can live, while the key set has long forgotten the key.
#[tokio::test]
async fn a_hint_outlives_the_key_that_signed_it() {
    let idp = TestIdp::start().await;
    let now = idp.app.now().millis();
    let hint = idp.app.keys.sign(Algorithm::Rs256, "JWT", &claims(now), now).unwrap();
    let set_then = idp.app.keys.jwks_json();
    let understood = |expiry| {
        let expectation = Expectation {
            typ: "JWT",
            iss: ISSUER,
            aud: Audience::AnyOne,
            algorithms: &Algorithm::ALL,
            now: idp.app.now().millis(),
            leeway: 0,
            expiry,
        };
        idp.app.keys.verify(&hint, &expectation).is_ok()
    };
    command(&idp, Command::Rotate { alg: None }).await.unwrap();
    idp.advance(600 + 12 * 3600);
    jobs::signing_keys::reload(&idp.app).await;
    assert!(understood(Expiry::Ignored) && !understood(Expiry::Enforced));
    let kid = keys::peek(&hint).unwrap().kid.unwrap();
    assert!(set_then.contains(&kid) && !idp.app.keys.jwks_json().contains(&kid));
    idp.advance(900);
    jobs::signing_keys::reload(&idp.app).await;
    assert!(!understood(Expiry::Ignored), "the session cannot live any more");
}
