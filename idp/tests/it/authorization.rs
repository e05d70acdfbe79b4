//! Authorization requests of a client that meet the real sign-in: both factors, in the browser that began.

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use oidc_core::{
    client::{AuthMethod, Client, GrantType},
    pkce::CodeChallenge,
    scope::{SUPPORTED, Scope},
    secret::{Secret, SecretKind},
    token::AuthorizationCode,
};
use portal_core::organisation::ThirdPartyStatus;
use sha2::{Digest as _, Sha256};
use storage::ApplicationDetails;

use crate::{
    harness::{HUGO, PASSWORD, Page, TestIdp, Visitor},
    on_both_databases,
};

pub(crate) const REDIRECT_URI: &str = "https://rp.example/callback";

/// A first-party client of CASPER, so that nobody is asked for consent.
pub(crate) async fn register(idp: &TestIdp) {
    let client = Client {
        application: Some("CASPER".to_owned()),
        auth_method: AuthMethod::ClientSecretBasic,
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        grant_types: vec![GrantType::AuthorizationCode],
        scopes: Scope::from_names(SUPPORTED),
        first_party: true,
        ..Client::new("casper", "CASPER")
    };
    idp.administration().register_client(&client).await.unwrap();
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(b"a verifier"))
}

/// An authorization request with further parameters.
pub(crate) fn request(extra: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let pairs = [
        ("client_id", "casper"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("/oauth2/authorize?{}", query.extend_pairs(pairs).extend_pairs(extra).finish())
}

pub(crate) fn code_in(page: &Page) -> String {
    let location = page.location();
    assert!(location.starts_with(REDIRECT_URI), "{location}");
    let (_, rest) = location.split_once("code=").unwrap_or_else(|| panic!("{location}"));
    rest.split('&').next().unwrap().to_owned()
}

async fn stored(idp: &TestIdp, code: &str) -> AuthorizationCode {
    let digest = Secret::parse(SecretKind::AuthorizationCode, code).unwrap().digest();
    idp.app.store.find_authorization_code(&digest).await.unwrap().unwrap()
}

/// When the sign-in behind a code was.
async fn auth_time(idp: &TestIdp, code: &str) -> i64 {
    let grant = stored(idp, code).await.grant_id;
    idp.app.store.find_grant(&grant).await.unwrap().unwrap().authentication.auth_time
}

/// A person of another bank.
const ANNA: &str = "anna@bank-e.example";

async fn create_anna(idp: &TestIdp) {
    let (bank, level) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
    let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
    idp.administration().onboard(bank, &casper).await.unwrap();
    let anna = idp.create_user(ANNA, level, None).await;
    idp.activate(anna).await;
    let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
    idp.administration().assign_membership(anna, &group).await.unwrap();
}

on_both_databases! {
    async fn nobody_signs_in_to_an_application_that_is_switched_off(idp) {
        register(&idp).await;
        let mut visitor = idp.visitor();
        visitor.sign_in(&idp, HUGO).await;
        for is_enabled in [true, false, true] {
            let found = idp.app.store.find_registered_application("CASPER").await.unwrap().unwrap();
            let new = ApplicationDetails { is_enabled, ..found.details.clone() };
            idp.administration().modify_application(&found.application, &found.details, &new).await.unwrap();
            let answer = visitor.get(&request(&[])).await;
            let is_signed_in =
                answer.status == StatusCode::SEE_OTHER && answer.location().starts_with(REDIRECT_URI);
            assert_eq!(is_signed_in, is_enabled, "{}", answer.body);
        }
    }
}

on_both_databases! {
    /// security.md 9.
    async fn prompt_login_and_max_age_ask_both_factors_again_and_change_the_time(idp) {
        register(&idp).await;
        for (extra, pause) in
            [(("prompt", "login"), 1), (("max_age", "1"), 2), (("max_age", "0"), 1), (("prompt", "select_account"), 1)]
        {
            let mut visitor = idp.visitor();
            visitor.sign_in(&idp, HUGO).await;
            idp.clock.advance_seconds(pause);
            let asked_at = idp.app.now().millis();
            let login = visitor.get(&request(&[extra])).await.location().to_owned();
            assert!(login.starts_with("/login?request="), "{login}");
            let resume = login.replace("/login?", "/oauth2/authorize?");

            // The old session does not count, and neither does the password alone.
            assert_eq!(visitor.get(&resume).await.location(), login);
            let step_two = visitor.give_password(&login, HUGO, PASSWORD).await;
            assert_eq!(step_two.location(), "/login/code");
            assert_eq!(visitor.get(&resume).await.location(), login, "{extra:?}");

            idp.clock.advance_seconds(5);
            let (_, code) = idp.inbox.newest_code();
            let done = visitor.give_code(&code).await;
            assert_eq!(done.location(), resume);
            let code = code_in(&visitor.get(&resume).await);
            assert!(auth_time(&idp, &code).await > asked_at, "{extra:?}");
        }
    }
}

on_both_databases! {
    /// security.md 9: with a session, without one, and with one that is too old.
    async fn prompt_none_never_shows_a_page(idp) {
        register(&idp).await;
        let mut visitor = idp.visitor();
        visitor.sign_in(&idp, HUGO).await;
        idp.clock.advance_seconds(60);
        let none = ("prompt", "none");
        code_in(&visitor.get(&request(&[none])).await);
        code_in(&visitor.get(&request(&[none, ("max_age", "3600")])).await);
        let mut stranger = idp.visitor();
        for page in [
            visitor.get(&request(&[none, ("max_age", "10")])).await,
            stranger.get(&request(&[none])).await,
        ] {
            assert!(page.location().starts_with(REDIRECT_URI));
            assert!(page.location().contains("error=login_required"), "{}", page.location());
        }
    }
}

on_both_databases! {
    /// security.md 10: what A began, B cannot finish, signed in or not, by any link of the way.
    async fn a_request_is_finished_only_in_the_browser_that_began_it(idp) {
        register(&idp).await;
        create_anna(&idp).await;
        let mut victim = idp.visitor();
        let login = victim.get(&request(&[])).await.location().to_owned();
        let resume = login.replace("/login?", "/oauth2/authorize?");
        let consent = login.replace("/login?", "/oauth2/consent?");

        let mut thief = idp.visitor();
        let page = thief.get(&login).await.expect(StatusCode::OK);
        assert_eq!(page.field("request"), None, "the login of B leads to no request of A");
        let done = thief.sign_in_at(&idp, &login, HUGO).await;
        for address in [done.location(), &resume, &login, &consent] {
            let page = thief.get(address).await;
            let location = page.headers.get("location").map(|value| value.to_str().unwrap());
            assert!(!location.unwrap_or_default().starts_with(REDIRECT_URI), "{address}: {location:?}");
        }
        // Even a form that names the request leads nowhere.
        let token = thief.get("/login?page=apps").await;
        if let Some(token) = token.field("csrf_token") {
            let fields = [("csrf_token", token.as_str()), ("email", HUGO), ("password", PASSWORD), ("request", login.rsplit('=').next().unwrap())];
            thief.post("/login", &fields).await;
        }

        // A goes on undisturbed, as the person that signs in at A.
        let done = victim.sign_in_at(&idp, &login, ANNA).await;
        assert_eq!(done.location(), resume);
        let code = code_in(&victim.get(&resume).await);
        let grant = stored(&idp, &code).await.grant_id;
        let grant = idp.app.store.find_grant(&grant).await.unwrap().unwrap();
        let account = idp.app.store.find_account(grant.user_id).await.unwrap().unwrap();
        assert_eq!(account.user.email, ANNA);
    }
}

on_both_databases! {
    /// security.md 10: a session of B in the cookie jar of A's request changes nothing either way.
    async fn a_login_cookie_of_another_browser_leads_to_no_request_of_this_one(idp) {
        register(&idp).await;
        let mut victim = idp.visitor();
        let login = victim.get(&request(&[])).await.location().to_owned();
        victim.give_password(&login, HUGO, PASSWORD).await;
        let (_, code) = idp.inbox.newest_code();
        let mut thief: Visitor = idp.visitor();
        thief.get("/login").await;
        for (name, value) in victim.cookies.clone() {
            if !name.contains("browser") {
                thief.cookies.insert(name, value);
            }
        }
        assert_eq!(thief.get("/login/code").await.location(), "/login");
        let done = victim.give_code(&code).await;
        code_in(&victim.get(done.location()).await);
    }
}

#[tokio::test]
async fn oidc_core_3_1_2_1_hints_for_the_page_are_taken_as_hints() {
    let idp = TestIdp::start().await;
    register(&idp).await;
    let login = async |extra: &[(&str, &str)]| {
        let mut visitor = idp.visitor();
        let login = visitor.get(&request(extra)).await.location().to_owned();
        visitor.get(&login).await.expect(StatusCode::OK)
    };
    let german = login(&[("ui_locales", "fr de"), ("login_hint", HUGO)]).await;
    assert!(german.body.contains("<html lang=\"de\""), "{}", german.body);
    assert_eq!(german.field("email").as_deref(), Some(HUGO));
    for extra in [
        ("ui_locales", "se"),
        ("ui_locales", "x\"><b>"),
        ("claims_locales", "se"),
        ("display", "popup"),
        ("display", "hologram"),
        ("login_hint", "buffy the vampire slayer"),
        ("login_hint", "\"><script>alert(1)</script>@x"),
        ("extra", "foobar"),
    ] {
        let page = login(&[extra]).await;
        assert!(page.body.contains("<html lang=\"en\""), "{extra:?}");
        assert!(!page.body.contains("<script>alert") && !page.body.contains("\"><b>"), "{extra:?}");
    }
    let mut visitor = idp.visitor();
    let start = visitor.get(&request(&[("ui_locales", "de")])).await.location().to_owned();
    let wrong = visitor.give_password(&start, HUGO, "wrong").await;
    assert!(wrong.body.contains("<html lang=\"de\""));
    visitor.give_password(&start, HUGO, PASSWORD).await;
    assert!(visitor.get("/login/code").await.body.contains("<html lang=\"de\""));
}

#[test]
fn the_challenge_of_these_tests_is_one() {
    assert!(CodeChallenge::parse(Some(&challenge()), Some("S256")).unwrap().is_some());
}
