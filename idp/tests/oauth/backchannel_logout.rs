//! Who is told that a session is over, when, and in what words (OpenID Connect Back-Channel Logout 1.0).

use std::sync::Arc;

use axum::http::StatusCode;
use idp::{App, administration::Administration, jobs};
use keys::{Algorithm, Audience, Expectation, Expiry};
use oidc_core::{
    client::{Client, SigningAlg, SubjectType},
    consent::Allowance,
};
use portal_core::{
    account::{Channel, NewUser, UserStatus},
    audit::Origin,
    email::Email,
    expiry::ExpirationDate,
    id::{LevelId, UserId},
    organisation::{Administration as AdministeredBy, LevelName, NewThirdParty, ThirdPartyStatus},
    permission::Actor,
    person_name::PersonName,
    phone::PhoneNumber,
};
use serde_json::{Value, json};

use crate::harness::{Backend, Behaviour, Browser, Receiver, TestIdp, token_part};

/// Brings what is due, as one node does.
pub(crate) async fn deliver(app: &Arc<App>) {
    jobs::logouts::Courier::new(app.clone()).deliver_due().await.unwrap();
}

/// Everything is accepted.
const OK: Behaviour = Behaviour::Status(200);

impl TestIdp {
    /// A stub that is told, registered as a client of CASPER.
    pub(crate) async fn listener(&self, id: &str) -> Receiver {
        let receiver = Receiver::start(OK).await;
        self.register_listener(id, receiver.uri(), |client| client).await;
        receiver
    }
}

fn setup(idp: &TestIdp) -> Administration<'_> {
    Administration {
        store: &idp.app.store,
        actor: &Actor::Setup,
        now: idp.app.now(),
        origin: Origin::default(),
    }
}

fn sid(tokens: &Value) -> String {
    token_part(&tokens["id_token"], 1)["sid"].as_str().unwrap().to_owned()
}

/// Signs a browser out by the hint that its client has.
pub(crate) async fn sign_out(browser: &mut Browser<'_>, tokens: &Value) {
    let hint = tokens["id_token"].as_str().unwrap();
    let reply = browser.get(&format!("/oauth2/logout?id_token_hint={hint}")).await;
    assert_eq!(reply.location(), "/signed-out");
}

/// security.md 102.
#[tokio::test]
async fn bcl_2_4_the_logout_token_names_the_session_and_nothing_else() {
    for alg in [SigningAlg::Es256, SigningAlg::Rs256, SigningAlg::EdDsa] {
        let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
        let mut receiver = Receiver::start(OK).await;
        let change = |client| Client { id_token_alg: alg, ..client };
        idp.register_listener("listener", receiver.uri(), change).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let tokens = idp.tokens_for(&mut browser, "listener").await;
        sign_out(&mut browser, &tokens).await;
        deliver(&idp.app).await;

        let token = receiver.next().await;
        assert_eq!(receiver.tokens().len(), 0, "told once");
        let expected = Expectation {
            typ: "logout+jwt",
            iss: "http://localhost:8080",
            aud: Audience::AnyOne,
            algorithms: &[Algorithm::parse(alg.as_str()).unwrap()],
            now: idp.app.now().millis(),
            leeway: 0,
            expiry: Expiry::Enforced,
        };
        assert!(idp.app.keys.verify(&token, &expected).is_ok(), "{alg:?}");
        let token = Value::String(token);
        let (header, claims) = (token_part(&token, 0), token_part(&token, 1));
        assert_eq!(header["typ"], "logout+jwt");
        assert_eq!(header["alg"], alg.as_str());
        let id_token = token_part(&tokens["id_token"], 1);
        assert_eq!(claims["aud"], json!("listener"), "one audience");
        assert_eq!((&claims["sid"], &claims["sub"]), (&id_token["sid"], &id_token["sub"]));
        let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
        assert_eq!(claims["events"], events);
        let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert!((1..=120).contains(&lifetime), "{lifetime}");
        let mut names: Vec<&String> = claims.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"]);
    }
}

/// security.md 43, 102.
#[tokio::test]
async fn bcl_2_4_a_pairwise_client_hears_the_subject_that_it_knows() {
    let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
    let mut receiver = Receiver::start(OK).await;
    let change = |client| Client {
        subject_type: SubjectType::Pairwise {
            sector: "rp.example".to_owned(),
            sector_identifier_uri: None,
        },
        ..client
    };
    idp.register_listener("pairwise", receiver.uri(), change).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let tokens = idp.tokens_for(&mut browser, "pairwise").await;
    sign_out(&mut browser, &tokens).await;
    deliver(&idp.app).await;
    let claims = token_part(&Value::String(receiver.next().await), 1);
    assert_eq!(claims["sub"], token_part(&tokens["id_token"], 1)["sub"]);
    assert_ne!(claims["sub"], idp.world.anna.to_string());
}

/// The ways in which a session ends.
#[derive(Clone, Copy, Debug)]
enum End {
    ByClient,
    AtPortal,
    PasswordChanged,
    AccountBarred,
    Age,
    LastMembershipRemoved,
    ConsentRevoked,
}

async fn end(idp: &TestIdp, how: End, browser: &mut Browser<'_>, tokens: &Value) {
    let (anna, store) = (idp.world.anna, &idp.app.store);
    match how {
        End::ByClient => sign_out(browser, tokens).await,
        End::AtPortal => {
            let page = browser.get("/apps").await;
            let token = page.body.split("name=\"csrf_token\" value=\"").nth(1).unwrap();
            let token = token.split('"').next().unwrap().to_owned();
            let reply = browser.post("/logout", &[("csrf_token", &token)]).await;
            assert_eq!(reply.location(), "/signed-out");
        }
        End::PasswordChanged => {
            let tx = store.begin().await.unwrap();
            assert_eq!(tx.end_other_sessions(anna, "another", idp.app.now()).await.unwrap(), 1);
            tx.commit().await.unwrap();
        }
        End::AccountBarred => {
            let tx = store.begin().await.unwrap();
            assert_eq!(tx.end_all_sessions(anna, idp.app.now()).await.unwrap().len(), 1);
            tx.commit().await.unwrap();
        }
        End::Age => {
            idp.advance(12 * 60 * 60 - 1);
            assert_eq!(jobs::sessions::end_sessions_that_are_over(&idp.app).await.unwrap(), 0);
            idp.advance(1);
            // Bert's too.
            assert_eq!(jobs::sessions::end_sessions_that_are_over(&idp.app).await.unwrap(), 2);
        }
        End::LastMembershipRemoved => {
            setup(idp).remove_membership(anna, &idp.world.casper_group).await.unwrap();
        }
        End::ConsentRevoked => {
            for client in ["one", "two"] {
                let tx = store.begin().await.unwrap();
                let allowed = Allowance::default();
                tx.give_consent(anna, client, &allowed, idp.app.now()).await.unwrap();
                let revoked = tx.revoke_consent(anna, client, idp.app.now()).await.unwrap();
                assert!(revoked.is_some());
                tx.commit().await.unwrap();
            }
        }
    }
}

/// security.md 101: whatever ends a session or an access, each relying party that used it hears of it, and nobody else.
#[tokio::test]
async fn whatever_ends_a_session_or_an_access_tells_those_who_used_it_and_nobody_else() {
    for backend in Backend::all() {
        for how in [
            End::ByClient,
            End::AtPortal,
            End::PasswordChanged,
            End::AccountBarred,
            End::Age,
            End::LastMembershipRemoved,
            End::ConsentRevoked,
        ] {
            let idp = TestIdp::start_calling_stubs(backend).await;
            let (mut one, mut two) = (idp.listener("one").await, idp.listener("two").await);
            let mut unused = idp.listener("unused").await;
            let mut other = Receiver::start(OK).await;
            let of_other = |client| Client { application: Some("A-CASPER".to_owned()), ..client };
            idp.register_listener("other", other.uri(), of_other).await;
            let mut browser = idp.signed_in(idp.world.anna).await;
            let tokens = idp.tokens_for(&mut browser, "one").await;
            idp.tokens_for(&mut browser, "two").await;
            idp.tokens_for(&mut browser, "other").await;
            let mut stranger = idp.signed_in(idp.world.bert).await;
            idp.tokens_for(&mut stranger, "other").await;

            end(&idp, how, &mut browser, &tokens).await;
            deliver(&idp.app).await;

            let gone = vec![sid(&tokens)];
            assert_eq!(one.sids(), gone, "{how:?} on {backend:?}");
            assert_eq!(two.sids(), gone, "{how:?} on {backend:?}");
            assert!(unused.tokens().is_empty(), "{how:?}: never used");
            // Bert lives on in the other application, at any rate until he is as old as Anna.
            let mut others = other.sids();
            others.retain(|sid| *sid == gone[0]);
            let keeps_other = matches!(how, End::LastMembershipRemoved | End::ConsentRevoked);
            assert_eq!(others.len(), usize::from(!keeps_other), "{how:?}: another application");
        }
    }
}

/// security.md 101: refresh tokens end with the session, offline_access or not.
#[tokio::test]
async fn a_sign_out_ends_the_refresh_tokens_of_the_session() {
    let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let tokens = idp.tokens_for(&mut browser, "casper").await;
    let refreshed = idp.refresh(tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(refreshed.status, StatusCode::OK);
    let newest = refreshed.json();
    sign_out(&mut browser, &tokens).await;
    let refused = idp.refresh(newest["refresh_token"].as_str().unwrap()).await;
    assert_eq!(refused.error(), "invalid_grant");
    let userinfo = idp.userinfo(newest["access_token"].as_str().unwrap()).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_membership_beside_others_can_go_without_a_word() {
    let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
    let mut receiver = idp.listener("listener").await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    idp.tokens_for(&mut browser, "listener").await;
    let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
    setup(&idp).register_group(&casper, "CASPER_READER", "Reads").await.unwrap();
    let reader = idp.app.store.find_group("CASPER_READER").await.unwrap().unwrap();
    setup(&idp).assign_membership(idp.world.anna, &reader).await.unwrap();

    setup(&idp).remove_membership(idp.world.anna, &idp.world.casper_group).await.unwrap();
    deliver(&idp.app).await;
    assert!(receiver.tokens().is_empty(), "one group is left");

    setup(&idp).remove_membership(idp.world.anna, &reader).await.unwrap();
    deliver(&idp.app).await;
    assert_eq!(receiver.tokens().len(), 1);

    // The session was told to be over there, so its end is no news.
    let tx = idp.app.store.begin().await.unwrap();
    tx.end_all_sessions(idp.world.anna, idp.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    deliver(&idp.app).await;
    assert!(receiver.tokens().is_empty());
}

#[tokio::test]
async fn what_is_not_committed_is_not_told() {
    let idp = TestIdp::start_calling_stubs(Backend::Sqlite).await;
    let mut receiver = idp.listener("listener").await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let tokens = idp.tokens_for(&mut browser, "listener").await;
    let tx = idp.app.store.begin().await.unwrap();
    assert!(tx.end_session(&sid(&tokens), idp.app.now()).await.unwrap());
    drop(tx);
    deliver(&idp.app).await;
    assert!(receiver.tokens().is_empty());
    let tx = idp.app.store.begin().await.unwrap();
    assert!(tx.end_session(&sid(&tokens), idp.app.now()).await.unwrap());
    tx.commit().await.unwrap();
    deliver(&idp.app).await;
    assert_eq!(receiver.tokens().len(), 1);
}

#[tokio::test]
async fn an_account_that_expires_takes_its_sessions_along_everywhere() {
    for backend in Backend::all() {
        let idp = TestIdp::start_calling_stubs(backend).await;
        let mut receiver = idp.listener("listener").await;
        let carl = temporary_person(&idp, "2026-11-21").await;
        let mut browser = idp.signed_in(carl).await;
        let tokens = idp.tokens_for(&mut browser, "listener").await;
        // The day ends at 23:00 UTC; the session would live until midnight.
        idp.advance(11 * 60 * 60 - 1);
        assert_eq!(jobs::sessions::end_sessions_that_are_over(&idp.app).await.unwrap(), 0);
        idp.advance(1);
        assert_eq!(jobs::sessions::end_sessions_that_are_over(&idp.app).await.unwrap(), 1);
        assert_eq!(jobs::sessions::end_sessions_that_are_over(&idp.app).await.unwrap(), 0);
        deliver(&idp.app).await;
        assert_eq!(receiver.sids(), [sid(&tokens)], "{backend:?}");
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

/// A third party that is suspended takes the sessions of its people along.
#[tokio::test]
async fn people_of_a_suspended_third_party_lose_their_sessions() {
    for backend in Backend::all() {
        let idp = TestIdp::start_calling_stubs(backend).await;
        for (name, status, ended) in [
            ("BANK_02", ThirdPartyStatus::Suspended, 1),
            ("BANK_03", ThirdPartyStatus::Orphaned, 0),
        ] {
            let new = NewThirdParty {
                legal_name: name.to_owned(),
                country: "FI".to_owned(),
                lei: None,
                kind: "bank".to_owned(),
                administration: AdministeredBy::Delegated,
                status,
                level: LevelName::parse(name).unwrap(),
            };
            let (_, level) = setup(&idp).create_third_party(&new).await.unwrap();
            let person = person(&idp, name, (level, None)).await;
            idp.signed_in(person).await;
            let count = jobs::sessions::end_sessions_that_are_over(&idp.app).await.unwrap();
            assert_eq!(count, ended, "{name} on {backend:?}");
        }
    }
}

/// Somebody at Anna's level with the group of CASPER, until the end of that day.
async fn temporary_person(idp: &TestIdp, expires_on: &str) -> UserId {
    let anna = idp.app.store.find_account(idp.world.anna).await.unwrap().unwrap();
    let until = ExpirationDate::from_iso(expires_on).unwrap();
    let carl = person(idp, "carl", (anna.level.id, Some(until))).await;
    setup(idp).assign_membership(carl, &idp.world.casper_group).await.unwrap();
    carl
}

async fn person(
    idp: &TestIdp,
    name: &str,
    (level_id, expires_on): (LevelId, Option<ExpirationDate>),
) -> UserId {
    let new = NewUser {
        first_name: PersonName::parse("Carl").unwrap(),
        last_name: PersonName::parse("Berg").unwrap(),
        email: Email::parse(&format!("{name}@bank.example")).unwrap(),
        phone: PhoneNumber::parse("+4917604069003").unwrap(),
        company_id: None,
        expires_on,
        level_id,
        subsidiary_id: None,
        default_channel: Channel::Sms,
    };
    let id = setup(idp).create_user(&new, UserStatus::Invited).await.unwrap();
    setup(idp).activate_user(id, "no hash").await.unwrap();
    id
}
