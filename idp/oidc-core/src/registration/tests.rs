//! Registration: what is taken, what is refused, and how it reads back.

use serde_json::{Value, json};

use super::*;

fn terms() -> Terms {
    Terms { application: "CASPER".to_owned(), require_pkce: true, allow_local_http: false }
}

fn register_under(metadata: &Value, terms: &Terms) -> Result<Client, OAuthError> {
    ClientMetadata::parse(metadata.to_string().as_bytes())?.into_client("c1".to_owned(), terms)
}

fn register(metadata: &Value) -> Result<Client, OAuthError> {
    register_under(metadata, &terms())
}

/// The least that can be registered, with some members added.
fn with(extra: &Value) -> Value {
    let mut metadata = json!({ "redirect_uris": ["https://rp.example/cb"] });
    metadata.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    metadata
}

fn code(result: Result<Client, OAuthError>) -> ErrorCode {
    result.unwrap_err().code
}

#[test]
fn rfc7591_2_what_is_not_said_has_its_default() {
    let client = register(&with(&json!({}))).unwrap();
    assert_eq!(client.auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!(client.grant_types, [GrantType::AuthorizationCode]);
    assert_eq!(client.id_token_alg, SigningAlg::Rs256);
    assert_eq!(client.name, "rp.example");
    assert_eq!(client.subject_type, SubjectType::Public);
    assert!(!client.scopes.contains(scope::OFFLINE_ACCESS));
}

#[test]
fn security_35_nobody_registers_what_only_the_operator_grants() {
    let asked = json!({
        "first_party": true, "application": "SSM-PORTAL", "require_pkce": false, "enabled": false,
        "extra_claims": ["staff_roles"], "resources": ["https://api.example"],
        "scope": "openid groups reports.read",
    });
    let client = register(&with(&asked)).unwrap();
    assert!(!client.first_party && client.enabled && client.policy.require_pkce);
    assert_eq!(client.application.as_deref(), Some("CASPER"));
    assert_eq!(client.extra_claims, crate::client::ExtraClaims::default());
    assert!(client.resources.is_empty());
    assert_eq!(client.scopes.to_string(), "openid groups");
}

#[test]
fn rfc7591_5_only_safe_redirect_uris_are_taken() {
    for uri in [
        "http://rp.example/cb",
        "http://localhost/cb",
        "https://rp.example/cb#fragment",
        "https://rp.example/cb#",
        "https://*.example/cb",
        "https://user@rp.example/cb",
        "https://user:pass@rp.example/cb",
        "https://rp.example/a/../cb",
        "https://rp.example:443/cb",
        "https://RP.example/cb",
        "com.example.app:/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "urn:ietf:wg:oauth:2.0:oob",
        "//rp.example/cb",
        "/cb",
        "",
    ] {
        let result = register(&json!({ "redirect_uris": [uri] }));
        assert_eq!(code(result), ErrorCode::InvalidRedirectUri, "{uri}");
    }
    let long = format!("https://rp.example/{}", "a".repeat(300));
    assert!(register(&json!({ "redirect_uris": [long] })).is_err());
    assert_eq!(code(register(&json!({}))), ErrorCode::InvalidRedirectUri);
    assert_eq!(code(register(&json!({ "redirect_uris": [] }))), ErrorCode::InvalidRedirectUri);
}

#[test]
fn rfc8252_7_a_native_application_may_use_its_own_machine_or_scheme() {
    let native = |uri: &str| {
        register(&json!({ "redirect_uris": [uri], "application_type": "native",
            "token_endpoint_auth_method": "none" }))
    };
    assert!(native("com.example.app:/cb").is_ok());
    assert!(native("http://127.0.0.1/cb").is_ok());
    assert!(native("https://rp.example/cb").is_ok());
    assert!(native("http://rp.example/cb").is_err());
    assert!(native("javascript:alert(1)").is_err());
    let local = Terms { allow_local_http: true, ..terms() };
    let at_home = json!({ "redirect_uris": ["http://localhost:9/cb"] });
    assert!(register_under(&at_home, &local).is_ok());
}

#[test]
fn what_we_do_not_do_is_refused_and_not_ignored() {
    for extra in [
        json!({ "token_endpoint_auth_method": "tls_client_auth" }),
        json!({ "token_endpoint_auth_method": "client_secret_jwt" }),
        json!({ "token_endpoint_auth_method": "private_key_jwt" }),
        json!({ "token_endpoint_auth_signing_alg": "HS256" }),
        json!({ "token_endpoint_auth_signing_alg": "none" }),
        json!({ "response_types": ["code", "id_token"] }),
        json!({ "response_types": ["token"] }),
        json!({ "response_types": [] }),
        json!({ "response_modes": ["fragment"] }),
        json!({ "response_modes": [] }),
        json!({ "grant_types": ["implicit"] }),
        json!({ "grant_types": ["password"] }),
        json!({ "grant_types": ["authorization_code", "client_credentials"] }),
        json!({ "grant_types": ["refresh_token"] }),
        json!({ "grant_types": [] }),
        json!({ "application_type": "toaster" }),
        json!({ "id_token_signed_response_alg": "none" }),
        json!({ "id_token_signed_response_alg": "HS256" }),
        json!({ "userinfo_signed_response_alg": "none" }),
        json!({ "id_token_encrypted_response_alg": "RSA-OAEP" }),
        json!({ "userinfo_encrypted_response_alg": "RSA-OAEP" }),
        json!({ "request_object_signing_alg": "RS256" }),
        json!({ "require_signed_request_object": true }),
        json!({ "dpop_bound_access_tokens": true }),
        json!({ "tls_client_certificate_bound_access_tokens": true }),
        json!({ "frontchannel_logout_uri": "https://rp.example/end" }),
        json!({ "subject_type": "private" }),
        json!({ "jwks": { "keys": [] }, "jwks_uri": "https://rp.example/jwks" }),
        json!({ "scope": "bogus" }),
        json!({ "scope": "open\"id" }),
        json!({ "client_name": "a\u{202e}b" }),
        json!({ "client_name": "a\u{0}b" }),
        json!({ "client_name": "x".repeat(101) }),
        json!({ "contacts": vec!["a"; 21] }),
        json!({ "default_max_age": -1 }),
        json!({ "default_max_age": "60" }),
        json!({ "redirect_uris": "https://rp.example/cb" }),
    ] {
        let result = register(&with(&extra));
        assert_eq!(code(result), ErrorCode::InvalidClientMetadata, "{extra}");
    }
    let statement = register(&with(&json!({ "software_statement": "e30.e30.x" })));
    assert_eq!(code(statement), ErrorCode::UnapprovedSoftwareStatement);
}

#[test]
fn addresses_of_the_web_are_https() {
    for name in [
        "initiate_login_uri",
        "backchannel_logout_uri",
        "jwks_uri",
        "client_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
        "sector_identifier_uri",
    ] {
        for uri in [
            "http://rp.example/x",
            "http://localhost/x",
            "javascript:alert(1)",
            "https://u@rp.example/",
            "https://rp.example/#x",
            "/x",
        ] {
            let result = register(&with(&json!({ name: uri })));
            assert_eq!(code(result), ErrorCode::InvalidClientMetadata, "{name} {uri}");
        }
        assert!(register(&with(&json!({ name: "https://rp.example/x" }))).is_ok(), "{name}");
    }
}

#[test]
fn a_public_client_needs_pkce_whatever_the_terms() {
    let lenient = Terms { require_pkce: false, ..terms() };
    let public = with(&json!({ "token_endpoint_auth_method": "none" }));
    assert!(register_under(&public, &lenient).unwrap().policy.require_pkce);
    assert!(!register_under(&with(&json!({})), &lenient).unwrap().policy.require_pkce);
}

#[test]
fn a_body_that_is_not_one_object_of_metadata_is_refused() {
    for body in [
        "",
        "[]",
        "null",
        "\"x\"",
        "{",
        "{}{}",
        r#"{"redirect_uris":["https://a.example/"],"redirect_uris":["https://b.example/"]}"#,
        "{\"client_name\":\"\u{ff}",
    ] {
        let error = ClientMetadata::parse(body.as_bytes()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidClientMetadata, "{body}");
    }
    assert!(ClientMetadata::parse(br#"{"client_name":null,"unknown":[{}]}"#).is_ok());
}

#[test]
fn oidc_core_8_1_a_pairwise_sector_is_one_host() {
    let pairwise = |uris: &[&str], document: Option<&str>| {
        register(&json!({ "redirect_uris": uris, "subject_type": "pairwise",
            "sector_identifier_uri": document }))
        .map(|client| match client.subject_type {
            SubjectType::Pairwise { sector, .. } => sector,
            SubjectType::Public => String::new(),
        })
    };
    let (a, b) = ("https://a.example/1", "https://b.example/1");
    assert_eq!(pairwise(&[a, "https://a.example/2"], None).unwrap(), "a.example");
    assert!(pairwise(&[a, b], None).is_err());
    assert_eq!(pairwise(&[a, b], Some("https://s.example/list")).unwrap(), "s.example");
    let uris = [a.to_owned(), b.to_owned()];
    let document = json!([b, a, "https://c.example/"]).to_string();
    assert!(check_sector_document(document.as_bytes(), &uris).is_ok());
    for wrong in [json!([a]).to_string(), json!({ "a": a }).to_string(), "x".to_owned()] {
        assert!(check_sector_document(wrong.as_bytes(), &uris).is_err(), "{wrong}");
    }
}

#[test]
fn rfc7591_3_2_1_the_answer_tells_what_is_registered() {
    let metadata = with(&json!({
        "client_name": "Berichte", "token_endpoint_auth_method": "private_key_jwt",
        "jwks": { "keys": [{ "kty": "EC" }] }, "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid email bogus offline_access", "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "EdDSA", "initiate_login_uri": "https://rp.example/login",
        "backchannel_logout_uri": "https://rp.example/end", "logo_uri": "https://rp.example/logo.png",
        "policy_uri": "https://rp.example/policy", "tos_uri": "https://rp.example/tos",
        "contacts": ["help@rp.example"], "default_max_age": 600, "require_auth_time": true,
        "post_logout_redirect_uris": ["https://rp.example/"], "subject_type": "pairwise",
        "require_pushed_authorization_requests": true, "response_modes": ["form_post"],
        "token_endpoint_auth_signing_alg": "ES256", "default_acr_values": ["a"],
    }));
    let described = Value::Object(describe(&register(&metadata).unwrap()));
    for (name, value) in metadata.as_object().unwrap() {
        if name != "scope" {
            assert_eq!(described[name], *value, "{name}");
        }
    }
    assert_eq!(described["scope"], "openid email offline_access");
    assert_eq!(described["client_id"], "c1");
    assert_eq!(described["response_types"], json!(["code"]));
    assert_eq!(described.get("client_secret"), None);
}
