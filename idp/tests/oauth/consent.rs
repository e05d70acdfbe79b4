//! The question of consent, for clients that the operator does not vouch for (OpenID Connect Core 3.1.2.4, 11).

use axum::http::StatusCode;
use idp::administration::Administration;
use portal_core::{audit::Origin, permission::Actor};

use crate::harness::{
    Backend, CONSENT, ISSUER, REDIRECT_URI, TestIdp, allow, asked, authorize, decide, error_of,
    question, redemption, submit,
};

#[tokio::test]
async fn oidc_core_3_1_2_4_allow_gives_a_code_and_is_remembered() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let (page, _) = question(&mut browser, &asked(&[])).await;
        for text in [
            "CASPER asks for access",
            "Anna Berg",
            "anna@bank01.example",
            "Nordvik Pankki Oyj",
            "until at most 12 hours",
            "sent to https://rp.example.",
            "does not vouch",
            "id=\"consent-allow\"",
            "id=\"consent-deny\"",
        ] {
            assert!(page.body.contains(text), "{text}: {}", page.body);
        }
        let code = allow(&mut browser, &asked(&[])).await;
        let tokens = idp.token("outsider", &redemption(&code)).await.json();
        assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string());

        assert!(browser.get(&asked(&[])).await.parameter("code").is_some());
        let silent = browser.get(&asked(&[("prompt", Some("none"))])).await;
        assert!(silent.parameter("code").is_some());
        // A consent is one client's only: `twin` of the same application needs none, `public` its own.
        let other = browser.get(&authorize(&[("client_id", Some("public"))])).await;
        assert!(other.location().starts_with(CONSENT));
    }
}

#[tokio::test]
async fn deny_sends_access_denied_with_state_and_issuer_and_is_final_for_the_request() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let (_, fields) = question(&mut browser, &asked(&[])).await;
        let back = submit(&mut browser, &fields, "deny").await.location().to_owned();
        let reply = browser.get(&back).await;
        assert!(reply.location().starts_with(REDIRECT_URI));
        assert_eq!(error_of(&reply).as_deref(), Some("access_denied"));
        assert_eq!(reply.parameter("state").as_deref(), Some("st-1"));
        assert_eq!(reply.parameter("iss").as_deref(), Some(ISSUER));

        // The form is still open in another tab.
        assert_eq!(submit(&mut browser, &fields, "allow").await.location(), back);
        assert_eq!(error_of(&browser.get(&back).await).as_deref(), Some("access_denied"));
        let consent = idp.app.store.find_consent(idp.world.anna, "outsider").await.unwrap();
        assert_eq!(consent, None);
        // The next request may ask again.
        question(&mut browser, &asked(&[])).await;
    }
}

#[tokio::test]
async fn a_widened_request_asks_for_what_is_new_and_keeps_what_was_allowed() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let small = asked(&[("scope", Some("openid profile"))]);
        let large = asked(&[("scope", Some("openid profile email"))]);
        allow(&mut browser, &small).await;
        let silent = asked(&[("scope", Some("openid email")), ("prompt", Some("none"))]);
        assert_eq!(error_of(&browser.get(&silent).await).as_deref(), Some("consent_required"));

        let (page, _) = question(&mut browser, &large).await;
        assert!(page.body.contains("asks for more access"));
        let new = page.body.split("id=\"consent-items\"").nth(1).unwrap();
        let (new, known) = new.split_once("id=\"consent-known\"").unwrap();
        assert!(new.contains("Your email address") && !new.contains("Your name"));
        assert!(known.contains("Your name"));

        assert_eq!(
            error_of(&decide(&mut browser, &large, "deny").await).as_deref(),
            Some("access_denied")
        );
        assert!(browser.get(&small).await.parameter("code").is_some(), "the old one holds");
        allow(&mut browser, &large).await;
        for scope in ["openid profile", "openid email", "profile email openid"] {
            let reply = browser.get(&asked(&[("scope", Some(scope))])).await;
            assert!(reply.parameter("code").is_some(), "{scope}");
        }
    }
}

#[tokio::test]
async fn oidc_core_3_1_2_1_prompt_consent_asks_again_once_for_each_request() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    allow(&mut browser, &asked(&[])).await;
    let again = [("prompt", Some("consent"))];
    allow(&mut browser, &asked(&again)).await;
    allow(&mut browser, &asked(&again)).await;

    // A first-party client asks by it as well; nothing is remembered, because nothing depends on it.
    let own = authorize(&again);
    let (page, _) = question(&mut browser, &own).await;
    assert!(!page.body.contains("does not vouch"));
    allow(&mut browser, &own).await;
    let reply = decide(&mut browser, &own, "deny").await;
    assert_eq!(error_of(&reply).as_deref(), Some("access_denied"));
    assert!(browser.get(&authorize(&[])).await.parameter("code").is_some());
    assert_eq!(idp.app.store.find_consent(idp.world.anna, "casper").await.unwrap(), None);

    // Sign-in first, then the question, and each once.
    let both = asked(&[("prompt", Some("login consent"))]);
    idp.advance(5);
    let place = browser.get(&both).await.location().to_owned();
    assert!(place.starts_with("/login?request=rq_"), "{place}");
    idp.advance(5);
    browser.sign_in(idp.world.anna).await;
    allow(&mut browser, &place.replace("/login", "/oauth2/authorize")).await;
}

/// security.md 9, 12
#[tokio::test]
async fn oidc_core_3_1_2_6_prompt_none_never_shows_the_question() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    for client in ["outsider", "public"] {
        let silent = authorize(&[("client_id", Some(client)), ("prompt", Some("none"))]);
        let reply = browser.get(&silent).await;
        assert_eq!(error_of(&reply).as_deref(), Some("consent_required"), "{client}");
        assert_eq!(reply.parameter("state").as_deref(), Some("st-1"));
    }
}

/// security.md 12: CVE-2023-34246.
#[tokio::test]
async fn rfc8252_8_6_a_public_client_is_asked_for_each_time() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let public = authorize(&[("client_id", Some("public"))]);
    allow(&mut browser, &public).await;
    let (page, _) = question(&mut browser, &public).await;
    assert!(page.body.contains("You are asked each time"));
    allow(&mut browser, &public).await;
    let silent = authorize(&[("client_id", Some("public")), ("prompt", Some("none"))]);
    assert_eq!(error_of(&browser.get(&silent).await).as_deref(), Some("consent_required"));
    let listed = idp.app.store.list_consents(idp.world.anna).await.unwrap();
    assert_eq!(listed.len(), 1, "it can be taken back all the same");
}

/// security.md 10
#[tokio::test]
async fn the_question_is_answered_in_the_browser_and_by_the_person_that_it_was_asked() {
    let idp = TestIdp::start().await;
    let mut own = idp.signed_in(idp.world.anna).await;
    let (_, fields) = question(&mut own, &asked(&[])).await;
    let request = &fields.iter().find(|(name, _)| name == "request").unwrap().1;
    let place = format!("{CONSENT}?request={request}");

    let mut other = idp.signed_in(idp.world.anna).await;
    assert_eq!(other.get(&place).await.location(), "/apps");
    let reply = submit(&mut other, &fields, "allow").await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert_eq!(idp.browser().get(&place).await.location(), "/login");

    // Somebody else signs in: the open form is stale, and the question is asked of that person.
    let setup = Administration {
        store: &idp.app.store,
        actor: &Actor::Setup,
        now: idp.app.now(),
        origin: Origin::default(),
    };
    setup.assign_membership(idp.world.bert, &idp.world.casper_group).await.unwrap();
    let back = submit(&mut own, &fields, "allow").await.location().to_owned();
    let anna = own.cookies["idp_session"].clone();
    own.sign_in(idp.world.bert).await;
    assert_eq!(submit(&mut own, &fields, "allow").await.status, StatusCode::FORBIDDEN);
    let (page, fields) = question(&mut own, &back).await;
    assert!(page.body.contains("Bert Berg") && !page.body.contains("Anna"));
    let back = submit(&mut own, &fields, "deny").await.location().to_owned();
    assert_eq!(error_of(&own.get(&back).await).as_deref(), Some("access_denied"));

    // Without a session it leads to the sign-in, and the first person's answer was overtaken.
    own.cookies.remove("idp_session");
    assert_eq!(own.get(&place).await.location(), back);
    assert!(own.get(&back).await.location().starts_with("/login?request=rq_"));
    own.cookies.insert("idp_session".to_owned(), anna);
    assert!(own.get(&back).await.parameter("code").is_some(), "her consent is remembered");
}

#[tokio::test]
async fn a_form_without_its_token_or_with_other_words_changes_nothing() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let (_, fields) = question(&mut browser, &asked(&[])).await;
    let without = |left_out: &str| {
        let kept = fields.iter().filter(|(name, _)| name != left_out);
        kept.cloned().collect::<Vec<_>>()
    };
    let forged = submit(&mut browser, &without("csrf_token"), "allow").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    for decision in ["", "yes", "Allow"] {
        let reply = submit(&mut browser, &fields, decision).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{decision}");
    }
    // Scope and address come from the stored request: a form that says something of them is none of ours.
    let mut more = fields.clone();
    more.push(("scope".to_owned(), "openid admin".to_owned()));
    more.push(("redirect_uri".to_owned(), "https://evil.example/".to_owned()));
    // What was read is not what would be allowed: the question is shown again.
    let mut other = without("shown");
    assert!(submit(&mut browser, &other, "allow").await.location().starts_with(CONSENT));
    other.push(("shown".to_owned(), "openid|".to_owned()));
    assert!(submit(&mut browser, &other, "allow").await.location().starts_with(CONSENT));
    assert_eq!(submit(&mut browser, &more, "allow").await.status, StatusCode::BAD_REQUEST);
    assert!(idp.app.store.list_consents(idp.world.anna).await.unwrap().is_empty());

    let back = submit(&mut browser, &fields, "allow").await.location().to_owned();
    assert!(browser.get(&back).await.location().starts_with(REDIRECT_URI));
    let consent = idp.app.store.find_consent(idp.world.anna, "outsider").await.unwrap().unwrap();
    assert_eq!(consent.allowance.scope.to_string(), "openid profile email groups offline_access");
}

#[tokio::test]
async fn a_question_that_is_over_or_was_never_asked_leads_on() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    for nothing in ["", "?request=", "?request=rq_x", "?client_id=outsider"] {
        let reply = browser.get(&format!("{CONSENT}{nothing}")).await;
        assert_eq!(reply.location(), "/apps", "{nothing}");
    }
    let (_, fields) = question(&mut browser, &asked(&[])).await;
    idp.advance(600);
    assert_eq!(submit(&mut browser, &fields, "allow").await.location(), "/apps");
    assert!(idp.app.store.list_consents(idp.world.anna).await.unwrap().is_empty());
    // A person without a group of the application is told so before anything is asked.
    let mut bert = idp.signed_in(idp.world.bert).await;
    assert_eq!(error_of(&bert.get(&asked(&[])).await).as_deref(), Some("access_denied"));
}

/// security.md 13
#[tokio::test]
async fn the_question_is_not_framed_and_loads_a_picture_from_one_place_only() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let (plain, _) = question(&mut browser, &asked(&[])).await;
    let policy = plain.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("form-action 'self' https://rp.example;"), "{policy}");
    assert!(policy.contains("img-src 'self' data:;"), "{policy}");
    assert_eq!(plain.headers["x-frame-options"], "DENY");

    let public = authorize(&[("client_id", Some("public"))]);
    let (page, _) = question(&mut browser, &public).await;
    let mut stranger = idp.browser();
    let login = stranger.get(&public).await.location().to_owned();
    for page in [page, stranger.get(&login).await] {
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("img-src 'self' https://img.example data:;"), "{policy}");
        let logo = "src=\"https://img.example/logo.png\" alt=\"\" width=\"48\" height=\"48\" referrerpolicy=\"no-referrer\"";
        assert!(page.body.contains(logo), "{}", page.body);
        for link in
            ["https://tool.example/", "https://tool.example/privacy", "https://tool.example/terms"]
        {
            let link = format!("href=\"{link}\" target=\"_blank\" rel=\"noopener noreferrer\"");
            assert!(page.body.contains(&link), "{link}");
        }
        // A name cannot turn the line around or break out of its place.
        assert!(page.body.contains("Pocket &#60;b&#62;Tool"), "{}", page.body);
    }
    let own = stranger.get(&authorize(&[])).await.location().to_owned();
    let page = stranger.get(&own).await;
    assert!(page.body.contains("to continue to CASPER") && !page.body.contains("client-l"));
}
