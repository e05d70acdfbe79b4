//! Tests of the claims, by section.

use super::*;
use crate::client::ExtraClaims;
use crate::fixtures::{ISSUER, client};

const NOW: i64 = 1_800_000_000_999;

fn person() -> Person {
    Person {
        locale: "en".to_owned(),
        subject: "0d9f".to_owned(),
        given_name: "Anna".to_owned(),
        family_name: "Berg".to_owned(),
        email: "anna@bank.example".to_owned(),
        email_verified: true,
        third_party: Some(Organisation { id: "tp".to_owned(), name: "Bank".to_owned(), lei: None }),
        level: Some(Level { id: "lv".to_owned(), path: "Root/BANK_01".to_owned() }),
        subsidiary: None,
        company_id: Some("C-1".to_owned()),
        groups: ["CASPER_WEB_USER_ADMIN", "sub"].map(str::to_owned).to_vec(),
        app_admin: true,
        staff_roles: Vec::new(),
    }
}

fn authentication() -> Authentication {
    Authentication {
        sid: "s1".to_owned(),
        auth_time: NOW - 60_000,
        acr: "two-factor".to_owned(),
        amr: ["pwd", "otp", "sms", "mfa"].map(str::to_owned).to_vec(),
    }
}

/// Runs a test with the tokens of one client and scope.
fn issue<T>(client: &Client, scope: &str, test: impl FnOnce(Issue<'_>) -> T) -> T {
    issue_with(client, (scope, "{}"), test)
}

/// The same, with claims that are asked for by name.
fn issue_with<T>(
    client: &Client,
    (scope, requested): (&str, &str),
    test: impl FnOnce(Issue<'_>) -> T,
) -> T {
    let requested = RequestedClaims::parse(requested).unwrap();
    let (person, authentication) = (person(), authentication());
    let scope = Scope::parse(scope).unwrap();
    test(Issue {
        issuer: ISSUER,
        client,
        person: &person,
        authentication: &authentication,
        scope: &scope,
        requested: &requested,
        now: NOW,
    })
}

#[test]
fn oidc_core_2_the_id_token_says_who_when_and_how() {
    let token = issue(&client(), "openid profile email", |issue| {
        issue.id_token(Some("n-0S6"), "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y")
    });
    assert_eq!(
        token,
        json!({
            "iss": ISSUER,
            "sub": "0d9f",
            "aud": "casper",
            "iat": 1_800_000_000,
            "exp": 1_800_000_600,
            "auth_time": 1_799_999_940,
            "acr": "two-factor",
            "sid": "s1",
            "amr": ["pwd", "otp", "sms", "mfa"],
            "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
            "nonce": "n-0S6",
        })
    );
}

#[test]
fn oidc_core_3_1_3_6_the_hash_of_the_access_token_follows_the_signature_algorithm() {
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let hash = |id_token_alg| {
        let client = Client { id_token_alg, ..client() };
        issue(&client, "openid", |issue| issue.id_token(None, token))["at_hash"].clone()
    };
    assert_eq!(hash(SigningAlg::Es256), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(hash(SigningAlg::Rs256), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(hash(SigningAlg::EdDsa), "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM");
}

#[test]
fn no_group_can_overwrite_a_claim() {
    let tokens = issue(&client(), "openid groups", |issue| {
        [issue.id_token(None, "t"), issue.access_token("j", None), userinfo(&issue)]
    });
    for token in tokens {
        assert_eq!(token["groups"], json!(["CASPER_WEB_USER_ADMIN", "sub"]));
        assert_eq!(token["app_admin"], true);
        assert_eq!(token["sub"], "0d9f");
    }
}

#[test]
fn rfc9068_2_2_the_access_token_has_its_claims_and_no_way_to_contact_the_person() {
    let token =
        issue(&client(), "openid profile email groups", |issue| issue.access_token("g.r", None));
    let names: Vec<&str> = token.as_object().unwrap().keys().map(String::as_str).collect();
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"] {
        assert!(names.contains(&name), "{name}");
    }
    for name in ["email", "name", "given_name", "phone_number", "company_id", "sid", "third_party"]
    {
        assert!(!names.contains(&name), "{name}");
    }
    let without = issue(&client(), "openid", |issue| issue.access_token("g.r", None));
    assert_eq!(without.get("groups"), None);
}

#[test]
fn oidc_core_5_4_each_scope_opens_its_claims_at_userinfo() {
    let names = |scope: &str| {
        let claims = issue(&client(), scope, |issue| userinfo(&issue));
        let mut names: Vec<String> = claims.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(names("openid"), "sub");
    assert_eq!(names("openid profile"), "family_name given_name locale name sub");
    assert_eq!(names("openid email"), "email email_verified sub");
    assert_eq!(names("openid groups"), "app_admin groups level sub third_party");
}

#[test]
fn extra_claims_go_only_to_clients_that_need_them() {
    let mut client = client();
    client.extra_claims =
        ExtraClaims { company_id: true, staff_roles: true, profile_in_id_token: true };
    let scope = Scope::parse("openid profile groups").unwrap();
    let requested = RequestedClaims::default();
    let person = Person { staff_roles: vec!["ECB_COLLECTION_OWNER".to_owned()], ..person() };
    let authentication = authentication();
    let token = Issue {
        issuer: ISSUER,
        client: &client,
        person: &person,
        authentication: &authentication,
        scope: &scope,
        requested: &requested,
        now: NOW,
    }
    .id_token(None, "t");
    assert_eq!(token["company_id"], "C-1");
    assert_eq!(token["staff_roles"], json!(["ECB_COLLECTION_OWNER"]));
    assert_eq!(token["name"], "Anna Berg");
    let mut frugal = client.clone();
    frugal.extra_claims = ExtraClaims::default();
    let token = Issue {
        issuer: ISSUER,
        client: &frugal,
        person: &person,
        authentication: &authentication,
        scope: &scope,
        requested: &requested,
        now: NOW,
    }
    .id_token(None, "t");
    for name in ["company_id", "staff_roles", "name"] {
        assert_eq!(token.get(name), None, "{name}");
    }
}

#[test]
fn a_client_for_itself_is_its_own_subject() {
    let token = client_access_token(ISSUER, &client(), (&Scope::default(), None), "j", NOW);
    assert_eq!(
        (token["sub"].as_str(), token["client_id"].as_str()),
        (Some("casper"), Some("casper"))
    );
    assert_eq!(token["exp"], 1_800_000_600);
    assert_eq!(token.get("groups"), None);
}

#[test]
fn rfc8707_2_2_the_audience_is_the_resource_that_was_asked_for() {
    let api = Some("https://api.example/");
    let of = |resource| issue(&client(), "openid", |issue| issue.access_token("g.r", resource));
    assert_eq!(of(api)["aud"], "https://api.example/");
    assert_eq!(of(None)["aud"], "casper");
    assert_eq!(of(api)["client_id"], "casper");
    let own = client_access_token(ISSUER, &client(), (&Scope::default(), api), "j", NOW);
    assert_eq!(own["aud"], "https://api.example/");
}

#[test]
fn oidc_core_5_5_a_claim_is_delivered_where_it_is_asked_for_by_name() {
    let requested = r#"{"userinfo":{"email":{"essential":true},"level":null},
        "id_token":{"family_name":null,"given_name":{"value":"Bert"}}}"#;
    issue_with(&client(), ("openid", requested), |issue| {
        let (userinfo, id_token) = (userinfo(&issue), issue.id_token(None, "t"));
        assert_eq!(userinfo["email"], "anna@bank.example");
        assert_eq!(userinfo["level"]["path"], "Root/BANK_01");
        assert_eq!(id_token["family_name"], "Berg");
        for (claims, absent) in [
            (&userinfo, ["family_name", "name", "email_verified"]),
            (&id_token, ["email", "given_name", "level"]),
        ] {
            for name in absent {
                assert_eq!(claims.get(name), None, "{name}");
            }
        }
    });
}

/// security.md 36: `claims` opens nothing that no scope of the client carries.
#[test]
fn claims_by_name_do_not_get_around_the_clients_scopes_and_extra_claims() {
    let frugal = Client { scopes: Scope::parse("openid groups").unwrap(), ..client() };
    let requested = r#"{"userinfo":{"email":{"essential":true},"name":null,"company_id":null,"groups":null,
        "staff_roles":null}, "id_token":{"email":null,"sub":{"value":"someone else"},"aud":{"value":"x"}}}"#;
    issue_with(&frugal, ("openid", requested), |issue| {
        let userinfo = userinfo(&issue);
        for name in ["email", "name", "company_id", "staff_roles"] {
            assert_eq!(userinfo.get(name), None, "{name}");
        }
        assert!(userinfo.get("groups").is_some());
        let id_token = issue.id_token(None, "t");
        assert_eq!((&id_token["sub"], &id_token["aud"]), (&json!("0d9f"), &json!("casper")));
        assert_eq!(id_token.get("email"), None);
    });
}
