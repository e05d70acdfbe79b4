//! ID tokens that must not lead to a session, each beside the true one: security.md 92.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{fake_op::CLIENT_ID, site::Site};

/// A name, how the token differs from a good one, and a word of the reason it is refused for.
type Case = (&'static str, fn(&mut Value, &mut Value), &'static str);

fn remove(object: &mut Value, name: &str) {
    object.as_object_mut().unwrap().remove(name).unwrap();
}

/// OpenID Connect Core 3.1.3.7 numbers 1 to 5.
const FOR_WHOM: [Case; 16] = [
    ("another issuer", |_, c| c["iss"] = json!("https://evil.example"), "iss"),
    ("a slash more in iss", |_, c| c["iss"] = json!(format!("{}/", text(&c["iss"]))), "iss"),
    ("a prefix of iss", |_, c| c["iss"] = json!(text(&c["iss"])[..16]), "iss"),
    ("no iss", |_, c| remove(c, "iss"), "iss"),
    ("iss as an array", |_, c| c["iss"] = json!([c["iss"]]), "Failed to parse"),
    ("another client", |_, c| c["aud"] = json!("another"), "aud"),
    ("a longer client_id", |_, c| c["aud"] = json!(format!("{CLIENT_ID}x")), "aud"),
    ("a part of the client_id", |_, c| c["aud"] = json!("client"), "aud"),
    ("the client_id in other letters", |_, c| c["aud"] = json!("CLIENT ONE"), "aud"),
    ("also another client", |_, c| c["aud"] = json!([c["aud"], "another"]), "trusted audience"),
    (
        "also another client, with azp",
        |_, c| {
            c["azp"] = c["aud"].clone();
            c["aud"] = json!([c["aud"], "another"]);
        },
        "trusted audience",
    ),
    ("nobody", |_, c| c["aud"] = json!([]), "aud"),
    ("no aud", |_, c| remove(c, "aud"), "aud"),
    ("aud as a number", |_, c| c["aud"] = json!(1), "Failed to parse"),
    ("azp of another client", |_, c| c["azp"] = json!("another"), "azp"),
    ("azp that is no text", |_, c| c["azp"] = json!([CLIENT_ID]), "Failed to parse"),
];

/// Numbers 9 to 13, and 3.1.3.6.
const WHAT: [Case; 21] = [
    ("expired", |_, c| c["exp"] = c["iat"].clone(), "xpired"),
    ("no exp", |_, c| remove(c, "exp"), "exp"),
    ("exp as text", |_, c| c["exp"] = json!("soon"), "Failed to parse"),
    ("issued in two minutes", |_, c| c["iat"] = later(&c["iat"], 120), "future"),
    ("no iat", |_, c| remove(c, "iat"), "iat"),
    ("not before two minutes", |_, c| c["nbf"] = later(&c["iat"], 120), "nbf"),
    ("nbf as text", |_, c| c["nbf"] = json!("then"), "nbf"),
    ("another nonce", |_, c| c["nonce"] = json!("another"), "nonce"),
    ("a longer nonce", |_, c| c["nonce"] = json!(format!("{}x", text(&c["nonce"]))), "nonce"),
    ("an empty nonce", |_, c| c["nonce"] = json!(""), "nonce"),
    ("no nonce", |_, c| remove(c, "nonce"), "nonce"),
    ("nonce as an array", |_, c| c["nonce"] = json!([c["nonce"]]), "Failed to parse"),
    ("no sub", |_, c| remove(c, "sub"), "sub"),
    ("an empty sub", |_, c| c["sub"] = json!(""), "sub"),
    ("sub as a number", |_, c| c["sub"] = json!(7), "Failed to parse"),
    ("a sub of 256 letters", |_, c| c["sub"] = json!("s".repeat(256)), "sub"),
    ("at_hash of another token", |_, c| c["at_hash"] = json!("A".repeat(22)), "at_hash"),
    (
        "a longer at_hash",
        |_, c| c["at_hash"] = json!(format!("{}A", text(&c["at_hash"]))),
        "at_hash",
    ),
    ("at_hash that is no text", |_, c| c["at_hash"] = json!(7), "Failed to parse"),
    ("email_verified as text", |_, c| c["email_verified"] = json!("false"), "Failed to parse"),
    ("groups as text", |_, c| c["groups"] = json!("ADMIN"), "claims"),
];

/// Numbers 6 to 8, and RFC 8725.
const SIGNED: [Case; 13] = [
    ("alg none", |h, _| h["alg"] = json!("none"), "No signature"),
    ("alg None", |h, _| h["alg"] = json!("None"), "Failed to parse"),
    ("alg HS256", |h, _| h["alg"] = json!("HS256"), "isallowed"),
    ("alg RS256 of an EC key", |h, _| h["alg"] = json!("RS256"), "No matching key"),
    ("alg ES384", |h, _| h["alg"] = json!("ES384"), "isallowed"),
    ("no alg", |h, _| remove(h, "alg"), "Failed to parse"),
    ("an unknown kid", |h, _| h["kid"] = json!("unknown"), "No matching key"),
    ("an access token's typ", |h, _| h["typ"] = json!("at+jwt"), "JWT type"),
    ("a logout token's typ", |h, _| h["typ"] = json!("logout+jwt"), "JWT type"),
    ("a critical header", |h, _| h["crit"] = json!(["exp"]), "critical"),
    ("a nested token", |h, _| h["cty"] = json!("JWT"), "nested"),
    (
        "a changed payload",
        |h, c| {
            let mut forged = c.clone();
            forged["sub"] = json!("somebody-else");
            h["forged_claims"] = forged;
        },
        "signature",
    ),
    ("a payload that is no object", |h, _| h["forged_claims"] = json!([]), "Failed to parse"),
];

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn later(value: &Value, seconds: i64) -> Value {
    json!(value.as_i64().unwrap() + seconds)
}

/// security.md 92: each of these is refused for its own reason, on a fresh sign-in of the same
/// site, which lets a good one in before and after.
#[tokio::test]
async fn oidc_core_3_1_3_7_a_bad_id_token_makes_no_session() {
    let site = Site::start().await;
    site.signed_in().await;
    let asked = site.asked.0.lock().await.len();
    let mut wrong = Vec::new();
    for (name, lie, reason) in FOR_WHOM.iter().chain(&WHAT).chain(&SIGNED) {
        site.op.tell(lie);
        let mut browser = site.browser();
        let answer = browser.sign_in(&site.op).await;
        let session = browser.get("/").await.status == StatusCode::OK;
        if answer.status != StatusCode::BAD_REQUEST
            || session
            || !answer.stopped.to_lowercase().contains(&reason.to_lowercase())
        {
            wrong.push(format!("{name}: {} {} {session}", answer.status, answer.stopped));
        }
        assert!(!answer.body.contains(&answer.stopped), "{name}: the page tells the reason");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(site.asked.0.lock().await.len(), asked, "the application was asked");
    *site.op.lie.lock().unwrap() = None;
    site.signed_in().await;
}

#[tokio::test]
async fn what_an_id_token_may_look_like_is_taken() {
    let good: [Case; 11] = [
        ("aud as an array of one", |_, c| c["aud"] = json!([c["aud"]]), ""),
        ("azp of this client", |_, c| c["azp"] = c["aud"].clone(), ""),
        ("no at_hash", |_, c| remove(c, "at_hash"), ""),
        ("no typ", |h, _| remove(h, "typ"), ""),
        ("typ in small letters", |h, _| h["typ"] = json!("jwt"), ""),
        ("no kid, and one key", |h, _| remove(h, "kid"), ""),
        ("a little ahead of our clock", |_, c| c["iat"] = later(&c["iat"], 30), ""),
        ("an unknown claim", |_, c| c["ignored"] = json!({ "x": [1] }), ""),
        ("an unknown header", |h, _| h["ignored"] = json!(1), ""),
        ("times with a fraction", |_, c| c["exp"] = json!(4_000_000_000.5), ""),
        ("a sub of 255 letters", |_, c| c["sub"] = json!("s".repeat(255)), ""),
    ];
    let site = Site::start().await;
    for (name, lie, _) in good {
        site.op.tell(lie);
        let answer = site.browser().sign_in(&site.op).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name}: {}", answer.stopped);
    }
}

/// security.md 92, around the ID token.
#[tokio::test]
async fn rfc6749_5_1_a_bad_token_answer_makes_no_session() {
    type AnswerCase = (&'static str, fn(&mut Value), &'static str);
    let bad: [AnswerCase; 7] = [
        ("no ID token", |a| remove(a, "id_token"), "id_token"),
        ("an ID token that is none", |a| a["id_token"] = json!("a.b.c"), "ID token"),
        ("an empty ID token", |a| a["id_token"] = json!(""), "ID token"),
        ("the access token as ID token", |a| a["id_token"] = a["access_token"].clone(), "ID token"),
        ("no access token", |a| remove(a, "access_token"), "access_token"),
        ("no token_type", |a| remove(a, "token_type"), "token_type"),
        ("another token_type", |a| a["token_type"] = json!("DPoP"), "token_type"),
    ];
    let site = Site::start().await;
    for (name, lie, reason) in bad {
        site.op.answer(lie);
        let mut browser = site.browser();
        let answer = browser.sign_in(&site.op).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
        assert!(answer.stopped.contains(reason), "{name}: {}", answer.stopped);
        assert!(browser.get("/").await.location().starts_with("/login?"), "{name}");
    }
    let good: [AnswerCase; 5] = [
        ("no expires_in", |a| remove(a, "expires_in"), ""),
        ("expires_in in quotes", |a| a["expires_in"] = json!("600"), ""),
        ("token_type in small letters", |a| a["token_type"] = json!("bearer"), ""),
        ("token_type in capitals", |a| a["token_type"] = json!("BEARER"), ""),
        ("no refresh token", |a| remove(a, "refresh_token"), ""),
    ];
    for (name, lie, _) in good {
        site.op.answer(lie);
        let mut browser = site.browser();
        assert_eq!(browser.sign_in(&site.op).await.status, StatusCode::SEE_OTHER, "{name}");
        assert_eq!(browser.get("/").await.status, StatusCode::OK, "{name}");
    }
}

/// OpenID Connect Core 12.2: a renewed ID token is checked like the first, but for the nonce.
#[tokio::test]
async fn oidc_core_12_2_a_bad_renewed_token_ends_the_session() {
    for (name, lie) in [
        (
            "another issuer",
            (|_, c| c["iss"] = json!("https://evil.example")) as fn(&mut _, &mut Value),
        ),
        ("another client", |_, c| c["aud"] = json!("another")),
        ("another person", |_, c| c["sub"] = json!("person-2")),
        ("expired", |_, c| c["exp"] = c["iat"].clone()),
        ("no iat", |_, c| remove(c, "iat")),
    ] {
        let site = Site::start().await;
        let mut browser = site.signed_in().await;
        site.op.pass(601);
        site.op.tell(lie);
        assert!(browser.get("/").await.location().starts_with("/login?"), "{name}");
        *site.op.lie.lock().unwrap() = None;
        assert!(browser.get("/").await.location().starts_with("/login?"), "{name}");
    }
}

/// security.md 91: the e-mail address of another person opens nothing of that person's.
#[tokio::test]
async fn another_persons_address_is_data_and_no_key() {
    let site = Site::start().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "person-1", "email": "aino@x.example" });
    let mut first = site.signed_in().await;
    *site.op.person.lock().unwrap() = json!({ "sub": "person-2", "email": "aino@x.example" });
    let mut second = site.signed_in().await;
    assert!(first.get("/").await.body.starts_with("sub=person-1 "));
    assert!(second.get("/").await.body.starts_with("sub=person-2 "));
    assert_eq!(*site.asked.0.lock().await, ["person-1", "person-2"]);
}
