//! The signing keys: first start, rotation by schedule and by hand, revocation, on one node and several.

use std::sync::Arc;

use axum::{body::Body, http::Request};
use idp::{
    cli::keys::{Keys as Command, run},
    config,
    entropy::SystemEntropy,
    jobs,
    secrets::{ColumnSealer, ServerKeys},
    signing::{KeyAdministration, KeyState, Keys, Revoked, Schedule},
};
use keys::Algorithm;
use portal_core::Timestamp;
use serde_json::Value;
use storage::{Store, StoreSettings, StoredSigningKey};

use crate::harness::{Backend, START, TestDatabase, TestIdp};

const DAY: i64 = 24 * 60 * 60;

pub(crate) fn schedule() -> Schedule {
    Schedule::new(&config::Keys { rotate_every_days: 90, publish_ahead_minutes: 10 }).unwrap()
}

fn administration<'a>(
    (store, server_keys): (&'a Store, &'a ServerKeys),
    now: Timestamp,
) -> KeyAdministration<'a> {
    KeyAdministration { store, server_keys, entropy: &SystemEntropy, now, reason: "test" }
}

/// What `idp keys …` prints, while the portal runs.
pub(crate) async fn command(idp: &TestIdp, command: Command) -> anyhow::Result<Vec<String>> {
    let context = administration((&idp.app.store, &idp.app.server_keys), idp.app.now());
    run(&command, &context, &schedule()).await
}

pub(crate) async fn key_set(idp: &TestIdp) -> Value {
    let request = Request::get("/oauth2/jwks").body(Body::empty()).unwrap();
    idp.send(request).await.json()
}

fn published(set: &Value) -> Vec<&str> {
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect()
}

async fn key_in(idp: &TestIdp, alg: &str, state: KeyState) -> StoredSigningKey {
    let all = idp.app.store.list_all_signing_keys().await.unwrap();
    let fits =
        |key: &&StoredSigningKey| key.alg == alg && KeyState::of(key, idp.app.now()) == state;
    all.iter().find(fits).unwrap_or_else(|| panic!("no {alg} key is {state:?}: {all:?}")).clone()
}

async fn store(database: &TestDatabase, keys: &Arc<ServerKeys>) -> Store {
    let sealer = ColumnSealer::new(Arc::clone(keys), Arc::new(SystemEntropy));
    let settings = StoreSettings { url: database.url().to_owned(), max_connections: 8 };
    let store = Store::open(&settings, Arc::new(sealer)).await.unwrap();
    store.migrate().await.unwrap();
    store
}

#[tokio::test]
async fn nodes_that_start_or_rotate_together_agree_on_one_set_of_keys() {
    for backend in Backend::all() {
        let database = TestDatabase::create(backend).unwrap();
        let server_keys = Arc::new(ServerKeys::derive(&[7; 32]));
        let store = store(&database, &server_keys).await;
        let first = administration((&store, &server_keys), START);
        let node = || Keys::load(&first, schedule());
        let (one, two, three) = tokio::join!(node(), node(), node());
        let set = one.unwrap().jwks_json();
        assert_eq!(set, two.unwrap().jwks_json(), "{backend:?}");
        assert_eq!(set, three.unwrap().jwks_json(), "{backend:?}");
        assert_eq!(published(&serde_json::from_str(&set).unwrap()).len(), 3, "{backend:?}");

        let due = START.plus_seconds(90 * DAY - 600);
        let early = administration((&store, &server_keys), due.plus_seconds(-1));
        assert_eq!(early.rotate_due(&schedule()).await.unwrap(), []);
        let later = administration((&store, &server_keys), due);
        let plan = schedule();
        let rotate = || later.rotate_due(&plan);
        let (one, two, three) = tokio::join!(rotate(), rotate(), rotate());
        let made = [one.unwrap(), two.unwrap(), three.unwrap()].concat();
        assert_eq!(made.len(), 3, "one node rotates each algorithm: {backend:?} {made:?}");
        assert!(made.iter().all(|key| key.active_from == due.plus_seconds(600)));
        assert_eq!(store.verify_audit().await.unwrap(), (None, 6), "each key has its entry");
    }
}

/// security.md 46
#[tokio::test]
async fn the_key_set_has_public_named_keys_for_one_use_and_may_be_kept_for_minutes() {
    let idp = TestIdp::start().await;
    command(&idp, Command::Rotate { alg: None }).await.unwrap();
    jobs::signing_keys::reload(&idp.app).await;
    let request = Request::get("/oauth2/jwks").body(Body::empty()).unwrap();
    let reply = idp.send(request).await;
    assert_eq!(reply.headers["cache-control"], "public, max-age=300");
    let set = reply.json();
    let mut names = published(&set);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 6, "three that sign, three that wait, each with a name of its own");
    for key in set["keys"].as_array().unwrap() {
        assert_eq!(key["use"], "sig");
        assert!(["ES256", "RS256", "EdDSA"].contains(&key["alg"].as_str().unwrap()));
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert_eq!(key.get(private), None, "{private}");
        }
    }
}

#[tokio::test]
async fn the_command_line_shows_each_state() {
    let idp = TestIdp::start().await;
    let es256 = || Command::Rotate { alg: Some(Algorithm::Es256) };
    command(&idp, es256()).await.unwrap();
    let waiting = command(&idp, es256()).await.unwrap_err().to_string();
    assert!(waiting.contains("published already and signs from 2026-11-21T12:10:00Z"), "{waiting}");
    let first = key_in(&idp, "ES256", KeyState::Active).await.kid;
    let second = key_in(&idp, "ES256", KeyState::Next).await.kid;
    let line = |lines: &[String], kid: &str| {
        lines.iter().find(|line| line.starts_with(kid)).unwrap().clone()
    };
    let lines = command(&idp, Command::List).await.unwrap();
    assert_eq!(lines.len(), 1 + 4, "a heading and the keys");
    for (kid, state) in [(&first, " active "), (&second, " next ")] {
        assert!(line(&lines, kid).contains(state), "{lines:?}");
    }
    idp.advance(600);
    let lines = command(&idp, Command::List).await.unwrap();
    for (kid, state) in [(&first, " retiring "), (&second, " active ")] {
        assert!(line(&lines, kid).contains(state), "{lines:?}");
    }
    idp.advance(900);
    command(&idp, Command::Revoke { kid: second.clone() }).await.unwrap();
    let lines = command(&idp, Command::List).await.unwrap();
    for (kid, state) in [(&first, " retired "), (&second, " revoked ")] {
        assert!(line(&lines, kid).contains(state), "{lines:?}");
    }
    assert!(line(&lines, &second).ends_with("2026-11-21T12:25:00Z"));
    for kid in [second.as_str(), "unknown", "-dashed"] {
        let error = command(&idp, Command::Revoke { kid: kid.to_owned() }).await.unwrap_err();
        assert!(error.to_string().contains(kid), "{error}");
        assert!(!error.to_string().contains('\n'));
    }
}

/// security.md 46: emergency removal in one command.
#[tokio::test]
async fn after_a_revocation_old_tokens_are_refused_and_new_ones_work_on_every_node() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let old = idp.redeem(&browser.code().await).await.json();
        let old = old["access_token"].as_str().unwrap();
        assert_eq!(idp.userinfo(old).await.status, 200);
        let context = administration((&idp.app.store, &idp.app.server_keys), idp.app.now());
        let other_node = Keys::load(&context, schedule()).await.unwrap();
        let follow = || other_node.reload(&idp.app.store, &idp.app.server_keys, idp.app.now());
        let (_, entries) = idp.app.store.verify_audit().await.unwrap();

        let kid = key_in(&idp, "ES256", KeyState::Active).await.kid;
        command(&idp, Command::Revoke { kid: kid.clone() }).await.unwrap();
        assert!(published(&key_set(&idp).await).contains(&kid.as_str()), "not looked yet");
        jobs::signing_keys::reload(&idp.app).await;
        assert!(follow().await.unwrap());

        assert_eq!(idp.userinfo(old).await.status, 401, "{backend:?}");
        let set = key_set(&idp).await;
        assert!(!published(&set).contains(&kid.as_str()));
        assert_eq!(set.to_string(), other_node.jwks_json());
        let after = idp.app.store.verify_audit().await.unwrap();
        assert_eq!(after, (None, entries + 2), "one entry for each of the two keys");
        let new = idp.redeem(&browser.code().await).await.json();
        assert_eq!(idp.userinfo(new["access_token"].as_str().unwrap()).await.status, 200);
        assert!(!follow().await.unwrap(), "nothing changed since");
        let all = idp.app.store.list_all_signing_keys().await.unwrap();
        assert!(all.iter().find(|key| key.kid == kid).unwrap().sealed.is_empty(), "forgotten");
    }
}

#[tokio::test]
async fn there_is_always_one_key_that_signs_whichever_is_revoked() {
    for state in [KeyState::Active, KeyState::Next, KeyState::Retiring] {
        let idp = TestIdp::start().await;
        command(&idp, Command::Rotate { alg: Some(Algorithm::Es256) }).await.unwrap();
        if state == KeyState::Retiring {
            idp.advance(600);
        }
        let victim = key_in(&idp, "ES256", state).await.kid;
        let context = administration((&idp.app.store, &idp.app.server_keys), idp.app.now());
        let done = context.revoke(&victim).await.unwrap();
        let Revoked::Done { replacement } = done else { panic!("{done:?}") };
        assert_eq!(replacement.is_some(), state == KeyState::Active, "{state:?}");
        // Now, when the waiting key would begin, and much later.
        for seconds in [0, 300, 300, 3600] {
            idp.advance(seconds);
            jobs::signing_keys::reload(&idp.app).await;
            let now = idp.app.now().millis();
            let claims = serde_json::json!({"iat": now / 1000});
            let token = idp.app.keys.sign(Algorithm::Es256, "JWT", &claims, now).unwrap();
            let kid = key_in(&idp, "ES256", KeyState::Active).await.kid;
            assert_eq!(keys::peek(&token).unwrap().kid, Some(kid.clone()), "{state:?} {seconds}");
            assert_ne!(kid, victim);
        }
        assert_eq!(context.revoke(&victim).await.unwrap(), Revoked::Before);
        assert_eq!(context.revoke("unknown").await.unwrap(), Revoked::Unknown);
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_stops_a_start_and_not_a_revocation() {
    let idp = TestIdp::start().await;
    let good = key_in(&idp, "RS256", KeyState::Active).await;
    let foreign = ServerKeys::derive(&[8; 32]);
    let start = |server_keys: ServerKeys| async move {
        let context = administration((&idp.app.store, &server_keys), idp.app.now());
        (Keys::load(&context, schedule()).await.err().map(|error| error.to_string()), idp)
    };
    let (error, idp) = start(foreign).await;
    assert!(error.unwrap().contains("cannot be opened with this master key"));

    let tx = idp.app.store.begin().await.unwrap();
    let torn = StoredSigningKey { kid: "torn".to_owned(), sealed: vec![1; 50], ..good.clone() };
    tx.insert_signing_key(&torn).await.unwrap();
    tx.commit().await.unwrap();
    command(&idp, Command::Revoke { kid: good.kid.clone() }).await.unwrap();
    jobs::signing_keys::reload(&idp.app).await;
    let set = key_set(&idp).await;
    assert!(!published(&set).contains(&good.kid.as_str()) && !published(&set).contains(&"torn"));
}

#[tokio::test]
async fn private_parts_are_forgotten_when_nothing_needs_them() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let first = key_in(&idp, "EdDSA", KeyState::Active).await;
        command(&idp, Command::Rotate { alg: Some(Algorithm::EdDsa) }).await.unwrap();
        let sealed = || async {
            let all = idp.app.store.list_all_signing_keys().await.unwrap();
            all.into_iter().find(|key| key.kid == first.kid).unwrap().sealed
        };
        // Ten minutes until it is retired, twelve hours and a quarter for hints.
        idp.advance(600 + 12 * 3600 + 900 - 1);
        jobs::signing_keys::check(&idp.app).await;
        assert_eq!(sealed().await, first.sealed, "{backend:?}");
        idp.advance(1);
        jobs::signing_keys::check(&idp.app).await;
        assert!(sealed().await.is_empty(), "{backend:?}");
        jobs::signing_keys::reload(&idp.app).await;
        assert_eq!(published(&key_set(&idp).await).len(), 3);
    }
}
