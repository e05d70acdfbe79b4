//! Logout tokens reach relying parties that are slow, broken or away, and nobody else suffers (fault test F20;
//! security.md 103).

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::join_all;
use idp::{
    App,
    cli::keys::Keys as Command,
    jobs::{self, logouts::Courier},
};
use serde_json::Value;

use crate::{
    backchannel_logout::{deliver, sign_out},
    harness::{Backend, Behaviour, Receiver, TestIdp, token_part, uri_at},
    signing_keys::{command, key_set},
};

const DAY: i64 = 24 * 60 * 60;

impl TestIdp {
    /// A session of Anna that was used for these clients, and is over.
    async fn ended_session_at(&self, clients: &[&str]) {
        let mut browser = self.signed_in(self.world.anna).await;
        let mut tokens = Value::Null;
        for client in clients {
            tokens = self.tokens_for(&mut browser, client).await;
        }
        sign_out(&mut browser, &tokens).await;
    }

    /// The one delivery that is not done: how often it was tried, and why it failed.
    async fn open_delivery(&self) -> (u32, String) {
        let open = self.app.store.list_open_logout_deliveries(10).await.unwrap();
        assert_eq!(open.len(), 1, "{open:?}");
        (open[0].attempts, open[0].last_error.clone().unwrap_or_default())
    }
}

fn kid(token: &str) -> String {
    let header = token_part(&Value::String(token.to_owned()), 0);
    header["kid"].as_str().unwrap().to_owned()
}

fn claim(token: String, name: &str) -> Value {
    token_part(&Value::String(token), 1)[name].clone()
}

/// F20: down for ten minutes, told within a minute of its return, with a token of that moment.
#[tokio::test]
async fn a_relying_party_that_was_down_is_told_within_a_minute_of_its_return() {
    for backend in Backend::all() {
        let idp = TestIdp::start_calling_stubs(backend).await;
        let address = Receiver::reserve().await;
        idp.register_listener("listener", uri_at(address), |client| client).await;
        idp.ended_session_at(&["listener"]).await;
        for _ in 0..120 {
            deliver(&idp.app).await;
            idp.advance(5);
        }
        let (tries, error) = idp.open_delivery().await;
        assert!((10..30).contains(&tries), "{tries} tries in ten minutes");
        assert!(error.starts_with("no answer"), "{error}");

        let mut receiver = Receiver::start_at(address).await;
        let mut waited = 0;
        while receiver.tokens().is_empty() {
            assert!(waited < 60, "{backend:?}");
            idp.advance(5);
            waited += 5;
            deliver(&idp.app).await;
        }
        assert!(idp.app.store.list_open_logout_deliveries(10).await.unwrap().is_empty());
    }
}

/// F20: 500, hang, redirect (also to this machine), each tried again; slow body is success.
#[tokio::test]
async fn each_failure_is_tried_again_with_a_fresh_token_until_it_is_taken() {
    let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
    let mut elsewhere = Receiver::start(Behaviour::Status(200)).await;
    let mut receiver = Receiver::start(Behaviour::Hang).await;
    idp.register_listener("listener", receiver.uri(), |client| client).await;
    idp.ended_session_at(&["listener"]).await;
    let mut seen = BTreeSet::new();
    for (failure, expected) in [
        (Behaviour::Hang, "no answer in time"),
        (Behaviour::Status(500), "answered with status 500"),
        (Behaviour::Status(202), "answered with status 202"),
        (Behaviour::Status(404), "answered with status 404"),
        (Behaviour::Redirect(elsewhere.uri()), "answered with status 307"),
    ] {
        receiver.behave(failure.clone());
        idp.advance(60);
        deliver(&idp.app).await;
        let token = receiver.next().await;
        let issued_at = claim(token.clone(), "iat").as_i64().unwrap();
        assert_eq!(issued_at, idp.app.now().millis() / 1000, "{failure:?}");
        assert!(seen.insert(claim(token, "jti").to_string()), "jti was used: {failure:?}");
        assert_eq!(idp.open_delivery().await.1, expected);
        // Not before its time.
        deliver(&idp.app).await;
        assert!(receiver.tokens().is_empty(), "{failure:?}");
    }
    receiver.behave(Behaviour::SlowBody);
    idp.advance(60);
    deliver(&idp.app).await;
    assert_eq!(receiver.tokens().len(), 1);
    assert!(idp.app.store.list_open_logout_deliveries(10).await.unwrap().is_empty());
    assert!(elsewhere.tokens().is_empty(), "nobody followed the redirect");
}

/// security.md 34, 103: the address is checked at each attempt, and never called where it leads inside.
#[tokio::test]
async fn a_private_address_is_not_called() {
    let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
    for (number, uri) in
        ["https://10.0.0.1/end", "https://[::1]/end", "http://127.0.0.1:22/end"].iter().enumerate()
    {
        idp.register_listener(&format!("client{number}"), (*uri).to_owned(), |client| client).await;
        idp.ended_session_at(&[&format!("client{number}")]).await;
    }
    deliver(&idp.app).await;
    let open = idp.app.store.list_open_logout_deliveries(10).await.unwrap();
    assert_eq!(open.len(), 3);
    for delivery in open {
        let error = delivery.last_error.unwrap();
        assert!(error.starts_with("the address is refused"), "{error}");
    }
}

/// F20: 400 three times is believed, and shows.
#[tokio::test]
async fn a_refusal_is_given_up_soon_and_an_operator_can_begin_again() {
    let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
    let mut receiver = Receiver::start(Behaviour::Status(400)).await;
    idp.register_listener("listener", receiver.uri(), |client| client).await;
    idp.ended_session_at(&["listener"]).await;
    for _ in 0..10 {
        deliver(&idp.app).await;
        idp.advance(60);
    }
    assert_eq!(receiver.tokens().len(), 3);
    let open = idp.app.store.list_open_logout_deliveries(10).await.unwrap();
    assert!(open[0].dead_at.is_some() && open[0].next_attempt_at.is_none());
    assert_eq!(open[0].last_error.as_deref(), Some("answered with status 400"));
    assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);

    receiver.behave(Behaviour::Status(204));
    let tx = idp.app.store.begin().await.unwrap();
    assert!(tx.retry_logout_delivery(open[0].id, idp.app.now()).await.unwrap().is_some());
    tx.commit().await.unwrap();
    deliver(&idp.app).await;
    assert_eq!(receiver.tokens().len(), 1);
    assert!(idp.app.store.list_open_logout_deliveries(10).await.unwrap().is_empty());
}

/// F20: given up after a day; the dead letter stays for a month.
#[tokio::test]
async fn after_a_day_of_failures_it_is_given_up_and_stays_visible() {
    let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
    let mut receiver = Receiver::start(Behaviour::Status(503)).await;
    idp.register_listener("listener", receiver.uri(), |client| client).await;
    idp.ended_session_at(&["listener"]).await;
    for _ in 0..2 * 24 * 12 {
        deliver(&idp.app).await;
        idp.advance(300);
    }
    let tries = receiver.tokens().len();
    assert!((250..400).contains(&tries), "{tries}");
    let open = idp.app.store.list_open_logout_deliveries(10).await.unwrap();
    let dead_at = open[0].dead_at.unwrap();
    assert!(dead_at <= open[0].give_up_at && open[0].next_attempt_at.is_none());
    idp.advance(20 * DAY);
    idp.app.store.sweep(idp.app.now()).await.unwrap();
    assert_eq!(idp.app.store.list_open_logout_deliveries(10).await.unwrap().len(), 1);
    idp.advance(10 * DAY);
    idp.app.store.sweep(idp.app.now()).await.unwrap();
    assert!(idp.app.store.list_open_logout_deliveries(10).await.unwrap().is_empty());
}

/// F20: one that hangs delays nobody else.
#[tokio::test]
async fn a_relying_party_that_hangs_delays_no_other() {
    // Longer than the test takes: the open call ends by the test alone.
    let outbound = TestIdp::outbound_to_stubs(600_000);
    let idp = TestIdp::start_calling(Backend::Sqlite, outbound).await;
    let mut hanging = Receiver::start(Behaviour::Hang).await;
    let mut healthy = Receiver::start(Behaviour::Status(200)).await;
    idp.register_listener("a-hanging", hanging.uri(), |client| client).await;
    idp.register_listener("b-healthy", healthy.uri(), |client| client).await;
    let courier = Courier::new(idp.app.clone());
    idp.ended_session_at(&["a-hanging"]).await;
    let stuck = courier.start_due().await.unwrap();
    hanging.next().await;
    // While that call is still open, others are served.
    idp.ended_session_at(&["b-healthy", "a-hanging"]).await;
    join_all(courier.start_due().await.unwrap()).await;
    assert_eq!(healthy.tokens().len(), 1);
    assert!(stuck.iter().all(|task| !task.is_finished()), "the other call is still open");
    assert!(hanging.tokens().is_empty(), "and nobody calls it meanwhile");
    stuck.iter().for_each(tokio::task::JoinHandle::abort);
}

/// F20: killed between the commit and the call, and killed within the call.
#[tokio::test]
async fn a_node_that_dies_leaves_its_deliveries_to_the_next() {
    for backend in Backend::all() {
        let idp = TestIdp::start_calling_stubs(backend).await;
        let mut receiver = Receiver::start(Behaviour::Status(200)).await;
        idp.register_listener("listener", receiver.uri(), |client| client).await;
        idp.ended_session_at(&["listener"]).await;
        let node = idp.another_node().await.app;
        deliver(&node).await;
        assert_eq!(receiver.tokens().len(), 1, "{backend:?}: written before the node was there");

        idp.ended_session_at(&["listener"]).await;
        let claimed = node.store.claim_logout_deliveries("listener", 9, idp.app.now()).await;
        assert_eq!(claimed.unwrap().len(), 1);
        drop(node);
        let node = idp.another_node().await.app;
        deliver(&node).await;
        assert!(receiver.tokens().is_empty(), "{backend:?}: the claim holds");
        idp.advance(30);
        deliver(&node).await;
        assert_eq!(receiver.tokens().len(), 1, "{backend:?}: and is over");
    }
}

/// F20: each attempt is signed by the key of its moment.
#[tokio::test]
async fn a_key_that_is_rotated_between_attempts_signs_no_more() {
    let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
    let mut receiver = Receiver::start(Behaviour::Status(500)).await;
    idp.register_listener("listener", receiver.uri(), |client| client).await;
    idp.ended_session_at(&["listener"]).await;
    deliver(&idp.app).await;
    let before = receiver.next().await;

    let old = kid(&before);
    command(&idp, Command::Revoke { kid: old.clone() }).await.unwrap();
    jobs::signing_keys::reload(&idp.app).await;
    receiver.behave(Behaviour::Status(200));
    idp.advance(60);
    deliver(&idp.app).await;
    let after = receiver.next().await;
    assert_ne!(kid(&after), old);
    assert!(key_set(&idp).await.to_string().contains(&kid(&after)), "the new key is published");
    assert_ne!(claim(before, "jti"), claim(after, "jti"));
}

/// F20: two nodes share the work; each delivery is made once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_deliver_a_hundred_sessions_once_each() {
    for backend in Backend::all() {
        let idp = TestIdp::start_calling_stubs(backend).await;
        let mut receiver = Receiver::start(Behaviour::Status(200)).await;
        idp.register_listener("listener", receiver.uri(), |client| client).await;
        for _ in 0..100 {
            let mut browser = idp.signed_in(idp.world.anna).await;
            idp.tokens_for(&mut browser, "listener").await;
        }
        let tx = idp.app.store.begin().await.unwrap();
        assert_eq!(tx.end_all_sessions(idp.world.anna, idp.app.now()).await.unwrap().len(), 100);
        tx.commit().await.unwrap();

        let nodes = [idp.app.clone(), idp.another_node().await.app];
        let rounds = nodes.iter().map(|node| tokio::spawn(until_done(node.clone())));
        for round in join_all(rounds).await {
            round.unwrap();
        }
        let sids = receiver.sids();
        assert_eq!(sids.len(), 100, "{backend:?}: one delivery each");
        assert_eq!(sids.iter().collect::<BTreeSet<_>>().len(), 100, "{backend:?}");
    }
}

/// Delivers until nothing is open; a database that is busy is asked again.
async fn until_done(app: Arc<App>) {
    let courier = Courier::new(app.clone());
    for _ in 0..3000 {
        courier.deliver_due().await.ok();
        match app.store.list_open_logout_deliveries(1).await {
            Ok(open) if open.is_empty() => return,
            Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    panic!("not done");
}

/// Many race for the same rows; each row goes to one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_claims_at_once_each_delivery_goes_to_one() {
    for backend in Backend::all() {
        let idp = TestIdp::start_calling_stubs(backend).await;
        idp.register_listener("listener", "https://rp.example/end".to_owned(), |c| c).await;
        for _ in 0..20 {
            idp.ended_session_at(&["listener"]).await;
        }
        let now = idp.app.now();
        let claims = (0..16).map(|_| {
            let store = idp.app.store.clone();
            tokio::spawn(async move { store.claim_logout_deliveries("listener", 20, now).await })
        });
        let mut claimed = Vec::new();
        for claim in join_all(claims).await {
            claimed.extend(claim.unwrap().unwrap().into_iter().map(|delivery| delivery.id));
        }
        assert_eq!(claimed.len(), 20, "{backend:?}");
        assert_eq!(claimed.iter().collect::<BTreeSet<_>>().len(), 20, "{backend:?}");
    }
}
