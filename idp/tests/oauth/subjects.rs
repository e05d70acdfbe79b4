//! How clients hear of a person: OpenID Connect Core 8, security.md 43.

use axum::http::StatusCode;
use oidc_core::client::{Client, SubjectType};

use crate::harness::{Backend, TestIdp, Tokens, authorize, casper, redemption, token_part};

fn pairwise(id: &str, sector: &str) -> Client {
    let subject_type =
        SubjectType::Pairwise { sector: sector.to_owned(), sector_identifier_uri: None };
    Client { id: id.to_owned(), subject_type, ..casper() }
}

async fn tokens(idp: &TestIdp, client: &str) -> Tokens {
    let mut browser = idp.signed_in(idp.world.anna).await;
    let address = authorize(&[("client_id", Some(client))]);
    let code = browser.get(&address).await.parameter("code").unwrap();
    Tokens::of(&idp.token(client, &redemption(&code)).await.json())
}

fn claim(token: &str, name: &str) -> String {
    token_part(&serde_json::json!(token), 1)[name].as_str().unwrap().to_owned()
}

/// Every place that names the person to one client names it alike, and no client of another sector can compare.
#[tokio::test]
async fn core_8_1_a_pairwise_client_hears_one_subject_everywhere_and_another_sector_another() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let node = idp.another_node().await;
        for (id, sector) in [("p1", "one.example"), ("p2", "one.example"), ("p3", "two.example")] {
            idp.register(&pairwise(id, sector)).await;
        }
        let mut subjects = Vec::new();
        for client in ["p1", "p2", "p3", "casper"] {
            let tokens = tokens(&idp, client).await;
            let subject = claim(&tokens.id, "sub");
            assert_eq!(claim(&tokens.access, "sub"), subject, "{client}");
            assert_eq!(node.userinfo(&tokens.access).await.json()["sub"], subject, "{client}");
            for token in [&tokens.access, &tokens.refresh] {
                let told = node.introspect(client, token).await.json();
                assert_eq!(told["sub"], subject, "{client}");
            }
            let fields = [("grant_type", "refresh_token"), ("refresh_token", &tokens.refresh)];
            let again = Tokens::of(&node.token(client, &fields).await.json());
            assert_eq!(claim(&again.id, "sub"), subject, "{client}");
            subjects.push(subject);
        }
        assert_eq!(subjects[0], subjects[1], "one sector");
        assert_ne!(subjects[0], subjects[2], "two sectors");
        assert_eq!(subjects[3], idp.world.anna.to_string(), "public");
        assert!(!subjects[..3].contains(&subjects[3]));
    }
}

#[tokio::test]
async fn core_8_1_an_id_token_hint_of_a_pairwise_client_names_the_person() {
    let idp = TestIdp::start().await;
    idp.register(&pairwise("p1", "one.example")).await;
    let hint = tokens(&idp, "p1").await.id;
    let silent = |hint: &str| {
        authorize(&[
            ("client_id", Some("p1")),
            ("prompt", Some("none")),
            ("id_token_hint", Some(hint)),
        ])
    };
    let mut anna = idp.signed_in(idp.world.anna).await;
    assert!(anna.get(&silent(&hint)).await.parameter("code").is_some());
    idp.admit(idp.world.bert).await;
    let mut bert = idp.signed_in(idp.world.bert).await;
    let reply = bert.get(&silent(&hint)).await;
    assert_eq!(reply.parameter("error").as_deref(), Some("login_required"), "another person");

    let back = "post_logout_redirect_uri=https%3A%2F%2Frp.example%2F";
    let reply = anna.get(&format!("/oauth2/logout?id_token_hint={hint}&{back}")).await;
    // The hint is of another session of the same person: the person is asked, or it ends at once; it is never refused.
    assert_ne!(reply.status, StatusCode::BAD_REQUEST);
}

/// security.md 43: an address that passes on to somebody else does not pass on who somebody is.
#[tokio::test]
async fn security_43_a_new_account_with_an_old_address_is_somebody_else() {
    for backend in Backend::all() {
        let idp = TestIdp::start_on(backend).await;
        let before = idp.tokens_of_anna().await;
        idp.execute(
            "UPDATE users SET status = 'DELETED', email = 'gone@bank01.example', \
             email_key = 'gone@bank01.example' WHERE first_name = 'Anna'",
        )
        .await;
        let again = idp.another_anna().await;
        idp.admit(again).await;
        let mut browser = idp.signed_in(again).await;
        let reply = idp.redeem(&browser.code().await).await.json();
        let after = Tokens::of(&reply);
        assert_ne!(claim(&before.id, "sub"), claim(&after.id, "sub"));
        let told = idp.userinfo(&after.access).await.json();
        assert_eq!(told["email"], "anna@bank01.example");
        assert_eq!(told["email_verified"], true);
        assert_eq!(idp.userinfo(&before.access).await.error(), "invalid_token");
        assert_eq!(idp.refresh(&before.refresh).await.error(), "invalid_grant");
        assert_eq!(idp.refresh(&after.refresh).await.status, StatusCode::OK);
    }
}
