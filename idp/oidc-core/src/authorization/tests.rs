//! Table tests of the authorization request, by section.

use super::*;
use crate::client::AuthMethod;
use crate::fixtures::{CHALLENGE, REDIRECT_URI, TERMS, client};
use crate::response::AuthorizationResponse;

/// A good request with some parameters replaced, added (`Some`) or left out (`None`).
fn params(changes: &[(&str, Option<&str>)]) -> Params {
    let mut pairs = vec![
        ("client_id", "casper"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid profile email groups offline_access"),
        ("state", "st"),
        ("nonce", "no"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name);
        pairs.extend(value.map(|value| (*name, value)));
    }
    Params::from_pairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())))
}

fn repeated(name: &str, value: &str) -> Params {
    let good = params(&[]);
    let pairs = good.pairs().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Params::from_pairs(pairs.chain([(name.to_owned(), value.to_owned())]).collect::<Vec<_>>())
}

fn code_of(result: Result<AuthorizationRequest, Refusal>) -> ErrorCode {
    match result {
        Err(Refusal::Redirect(address, error)) => {
            match address.error(error) {
                AuthorizationResponse::Redirect { location } => {
                    assert!(location.starts_with(REDIRECT_URI), "{location}");
                    assert!(location.contains("iss=https%3A%2F%2Fid.example"), "{location}");
                }
                AuthorizationResponse::FormPost { action, .. } => assert_eq!(action, REDIRECT_URI),
            }
            error.code
        }
        other => panic!("expected a redirect: {other:?}"),
    }
}

#[test]
fn oidc_core_3_1_2_1_a_good_request_is_taken_as_it_is() {
    let changes =
        [("max_age", Some("300")), ("login_hint", Some("a@b.example")), ("ui_locales", Some("se"))];
    let request = validate(&params(&changes), Some(&client()), TERMS).unwrap();
    assert_eq!(request.scope.to_string(), "openid profile email groups offline_access");
    assert_eq!(request.nonce.as_deref(), Some("no"));
    assert_eq!(request.max_age, Some(300));
    assert_eq!(request.return_address.redirect_uri(), REDIRECT_URI);
}

#[test]
fn rfc6749_4_1_2_1_nothing_redirects_without_a_known_client_and_its_registered_uri() {
    for (params, expected) in [
        (params(&[("client_id", None)]), PageError::UnknownClient),
        (params(&[("client_id", Some("other"))]), PageError::UnknownClient),
        (params(&[("redirect_uri", None)]), PageError::RedirectUriMissing),
        (
            params(&[("redirect_uri", Some("https://rp.example/callback/"))]),
            PageError::RedirectUriMismatch,
        ),
        (params(&[("redirect_uri", Some("https://evil.example"))]), PageError::RedirectUriMismatch),
        (repeated("client_id", "casper"), PageError::Repeated),
        (repeated("redirect_uri", REDIRECT_URI), PageError::Repeated),
    ] {
        assert_eq!(validate(&params, Some(&client()), TERMS), Err(Refusal::Page(expected)));
    }
    assert_eq!(validate(&params(&[]), None, TERMS), Err(Refusal::Page(PageError::UnknownClient)));
    let mut disabled = client();
    disabled.enabled = false;
    assert_eq!(
        validate(&params(&[]), Some(&disabled), TERMS),
        Err(Refusal::Page(PageError::UnknownClient))
    );
}

#[test]
fn every_other_fault_is_told_to_the_client() {
    use ErrorCode as E;
    let cases: [(&str, Option<&str>, ErrorCode); 24] = [
        ("response_type", None, E::InvalidRequest),
        ("response_type", Some("token"), E::UnsupportedResponseType),
        ("response_type", Some("id_token"), E::UnsupportedResponseType),
        ("response_type", Some("code id_token"), E::UnsupportedResponseType),
        ("response_type", Some("none"), E::UnsupportedResponseType),
        ("response_mode", Some("fragment"), E::InvalidRequest),
        ("response_mode", Some("jwt"), E::InvalidRequest),
        ("scope", None, E::InvalidScope),
        ("scope", Some("bogus"), E::InvalidScope),
        ("scope", Some("openid \"x"), E::InvalidScope),
        ("code_challenge", None, E::InvalidRequest),
        ("code_challenge", Some("short"), E::InvalidRequest),
        ("code_challenge_method", None, E::InvalidRequest),
        ("code_challenge_method", Some("plain"), E::InvalidRequest),
        ("request", Some("e30.e30."), E::RequestNotSupported),
        ("request_uri", Some("https://rp.example/r"), E::RequestUriNotSupported),
        ("registration", Some("{}"), E::RegistrationNotSupported),
        ("prompt", Some("none login"), E::InvalidRequest),
        ("prompt", Some("create"), E::InvalidRequest),
        ("max_age", Some("-1"), E::InvalidRequest),
        ("max_age", Some("+1"), E::InvalidRequest),
        ("max_age", Some("1.5"), E::InvalidRequest),
        ("max_age", Some("99999999999"), E::InvalidRequest),
        ("max_age", Some("soon"), E::InvalidRequest),
    ];
    for (name, value, expected) in cases {
        let result = validate(&params(&[(name, value)]), Some(&client()), TERMS);
        assert_eq!(code_of(result), expected, "{name}={value:?}");
    }
}

#[test]
fn rfc6749_3_1_any_repeated_parameter_is_refused() {
    for (name, _) in params(&[]).pairs() {
        if !["client_id", "redirect_uri"].contains(&name) {
            let result = validate(&repeated(name, "x"), Some(&client()), TERMS);
            assert_eq!(code_of(result), ErrorCode::InvalidRequest, "{name}");
        }
    }
}

/// security.md 4, 36.
#[test]
fn rfc9700_2_1_1_only_a_confidential_client_that_the_operator_exempts_goes_without_pkce() {
    let plain = params(&[("code_challenge", None), ("code_challenge_method", None)]);
    let mut exempt = client();
    exempt.policy.require_pkce = false;
    let request = validate(&plain, Some(&exempt), TERMS).unwrap();
    assert_eq!(request.code_challenge, None);
    let request = validate(&params(&[]), Some(&exempt), TERMS).unwrap();
    assert!(request.code_challenge.is_some(), "a challenge that is sent counts");
    for half in [
        params(&[("code_challenge", None)]),
        params(&[("code_challenge_method", None)]),
        params(&[("code_challenge_method", Some("plain"))]),
        params(&[("code_challenge", Some("short"))]),
    ] {
        assert_eq!(code_of(validate(&half, Some(&exempt), TERMS)), ErrorCode::InvalidRequest);
    }
    let strict = validate(&plain, Some(&client()), TERMS);
    assert_eq!(code_of(strict), ErrorCode::InvalidRequest);
    exempt.auth_method = AuthMethod::None;
    let public = validate(&plain, Some(&exempt), TERMS);
    assert_eq!(code_of(public), ErrorCode::InvalidRequest);
}

/// security.md 36.
#[test]
fn response_modes_are_an_allow_list_and_errors_travel_by_an_allowed_mode() {
    let mut only_form = client();
    only_form.response_modes = vec![ResponseMode::FormPost];
    let Err(Refusal::Redirect(address, error)) = validate(&params(&[]), Some(&only_form), TERMS)
    else {
        panic!("query is not allowed");
    };
    assert_eq!(error.code, ErrorCode::InvalidRequest);
    assert!(matches!(address.error(error), AuthorizationResponse::FormPost { .. }));
    let form_post = params(&[("response_mode", Some("form_post"))]);
    assert!(validate(&form_post, Some(&only_form), TERMS).is_ok());
}

#[test]
fn form_post_errors_are_posted() {
    let changes = [("response_mode", Some("form_post")), ("scope", Some("bogus"))];
    assert_eq!(
        code_of(validate(&params(&changes), Some(&client()), TERMS)),
        ErrorCode::InvalidScope
    );
}

#[test]
fn a_client_without_the_code_grant_is_unauthorized() {
    let mut client = client();
    client.grant_types = vec![GrantType::ClientCredentials];
    assert_eq!(
        code_of(validate(&params(&[]), Some(&client), TERMS)),
        ErrorCode::UnauthorizedClient
    );
}

#[test]
fn rfc9700_4_11_2_an_untrusted_client_gets_no_error_redirect_for_a_stranger() {
    let bad = params(&[("scope", Some("bogus"))]);
    let mut other = client();
    let refusal = |client: &Client| validate(&bad, Some(client), TERMS).unwrap_err();
    let first_party = refusal(&other).for_visitor(Some(&other), false);
    assert!(matches!(first_party, Refusal::Redirect(..)));
    other.first_party = false;
    let stranger = refusal(&other).for_visitor(Some(&other), false);
    assert!(matches!(stranger, Refusal::Page(PageError::NotTrusted(_))));
    let signed_in = refusal(&other).for_visitor(Some(&other), true);
    assert!(matches!(signed_in, Refusal::Redirect(..)));
}

#[test]
fn rfc9126_6_a_client_that_has_to_push_its_requests_may_not_send_them() {
    let mut pushing = client();
    pushing.policy.require_pushed_requests = true;
    let sent = validate(&params(&[]), Some(&pushing), TERMS);
    assert_eq!(code_of(sent), ErrorCode::InvalidRequest);
    let pushed = Terms { is_pushed: true, ..TERMS };
    assert!(validate(&params(&[]), Some(&pushing), pushed).is_ok());
}

/// security.md 3.
#[test]
fn rfc9700_4_11_2_only_a_silent_answer_reaches_an_untrusted_client_for_a_stranger() {
    use ErrorCode as E;
    let outsider =
        |uri: &str| Client { first_party: false, redirect_uris: vec![uri.to_owned()], ..client() };
    let refused = |uri: &str, code| {
        let client = outsider(uri);
        let request =
            validate(&params(&[("redirect_uri", Some(uri))]), Some(&client), TERMS).unwrap();
        let refusal = request.refuse(OAuthError::new(code, "text"));
        matches!(refusal.for_visitor(Some(&client), false), Refusal::Page(_))
    };
    for code in [E::LoginRequired, E::ConsentRequired, E::InteractionRequired] {
        assert!(!refused(REDIRECT_URI, code), "{code}");
        assert!(!refused("http://127.0.0.1/cb", code), "{code}");
        assert!(refused("com.example.app:/cb", code), "{code}");
    }
    for code in [
        E::InvalidRequest,
        E::InvalidScope,
        E::AccessDenied,
        E::UnauthorizedClient,
        E::UnsupportedResponseType,
        E::RequestNotSupported,
        E::InvalidTarget,
        E::UnmetAuthenticationRequirements,
        E::ServerError,
    ] {
        assert!(refused(REDIRECT_URI, code), "{code}");
    }
}

#[test]
fn registration_2_default_max_age_counts_where_the_request_says_nothing() {
    let mut client = client();
    client.defaults.max_age = Some(60);
    for (asked, expected) in [(None, 60), (Some("0"), 0), (Some("3600"), 3600)] {
        let request = validate(&params(&[("max_age", asked)]), Some(&client), TERMS).unwrap();
        assert_eq!(request.max_age, Some(expected));
    }
}
