//! Table tests of the token endpoint, by section.

use super::*;
use crate::fixtures::{CHALLENGE, REDIRECT_URI, VERIFIER, authenticated, client};

const NOW: i64 = 1_800_000_000_000;

fn form(pairs: &[(&str, &str)]) -> Params {
    Params::from_pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn code() -> AuthorizationCode {
    AuthorizationCode {
        grant_id: "g".to_owned(),
        client_id: "casper".to_owned(),
        redirect_uri: REDIRECT_URI.to_owned(),
        code_challenge: CodeChallenge::from_stored(CHALLENGE.to_owned()),
        nonce: None,
        expires_at: NOW + 1,
        used_at: None,
    }
}

fn code_request(redirect_uri: &str, verifier: &str) -> CodeRequest {
    CodeRequest {
        code: Some(Secret::from_entropy(SecretKind::AuthorizationCode, [1; 32])),
        redirect_uri: redirect_uri.to_owned(),
        code_verifier: Some(verifier).filter(|text| !text.is_empty()).map(str::to_owned),
        resource: None,
    }
}

fn grant() -> Grant {
    Grant {
        id: "g".to_owned(),
        client_id: "casper".to_owned(),
        scope: Scope::parse("openid groups offline_access").unwrap(),
        claims: RequestedClaims::default(),
        resources: Vec::new(),
        expires_at: NOW + GRANT_LIFETIME,
        revoked_at: None,
    }
}

fn token(used_ago: Option<i64>, successor_used: Option<bool>) -> RefreshToken {
    RefreshToken {
        expires_at: NOW + 1,
        used_at: used_ago.map(|ago| NOW - ago),
        successor: successor_used.map(|used| Successor { used_at: used.then_some(NOW) }),
    }
}

fn refresh(scope: Option<&str>) -> RefreshRequest {
    RefreshRequest {
        refresh_token: Some(Secret::from_entropy(SecretKind::RefreshToken, [1; 32])),
        scope: scope.map(|text| Scope::parse(text).unwrap()),
        resource: None,
    }
}

fn rotation(token: &RefreshToken) -> Rotation {
    rotate(token, &grant(), &refresh(None), &authenticated(client()), NOW)
}

#[test]
fn rfc6749_5_2_a_request_is_parsed_or_refused_with_its_code() {
    use ErrorCode as E;
    let with =
        |pairs: &[(&str, &str)]| TokenRequest::parse(&form(pairs)).map_err(|error| error.code);
    let code = ("grant_type", "authorization_code");
    for (pairs, expected) in [
        (vec![], E::InvalidRequest),
        (vec![("grant_type", "password")], E::UnsupportedGrantType),
        (
            vec![("grant_type", "urn:ietf:params:oauth:grant-type:device_code")],
            E::UnsupportedGrantType,
        ),
        (vec![code], E::InvalidRequest),
        (vec![code, ("code", "x")], E::InvalidRequest),
        (vec![code, code], E::InvalidRequest),
        (vec![("grant_type", "refresh_token")], E::InvalidRequest),
        (
            vec![("grant_type", "refresh_token"), ("refresh_token", "x"), ("scope", "\"")],
            E::InvalidScope,
        ),
    ] {
        assert_eq!(with(&pairs).err(), Some(expected), "{pairs:?}");
    }
    let full = [code, ("code", "x"), ("redirect_uri", "y"), ("code_verifier", "z")];
    assert!(matches!(
        with(&full),
        Ok(TokenRequest::AuthorizationCode(CodeRequest { code: None, .. }))
    ));
    assert!(matches!(
        with(&[("grant_type", "client_credentials")]),
        Ok(TokenRequest::ClientCredentials { scope: None, resource: None })
    ));
}

#[test]
fn a_grant_type_outside_of_the_registration_is_unauthorized() {
    let mut client = client();
    client.grant_types = vec![GrantType::AuthorizationCode];
    let request = TokenRequest::parse(&form(&[("grant_type", "client_credentials")])).unwrap();
    let error = request.check_allowed(&client).unwrap_err();
    assert_eq!(error.code, ErrorCode::UnauthorizedClient);
}

#[test]
fn rfc6749_4_1_3_only_the_right_client_redirect_uri_and_verifier_together_take_a_code() {
    let mut other = client();
    "other".clone_into(&mut other.id);
    for right_client in [true, false] {
        for redirect_uri in [REDIRECT_URI, "https://rp.example/other"] {
            for verifier in [VERIFIER, &"x".repeat(43)] {
                let client = if right_client { client() } else { other.clone() };
                let decision = redeem(
                    &code(),
                    &code_request(redirect_uri, verifier),
                    &authenticated(client),
                    NOW,
                );
                if right_client && redirect_uri == REDIRECT_URI && verifier == VERIFIER {
                    assert_eq!(decision, Redemption::Take);
                } else {
                    assert!(
                        matches!(decision, Redemption::Refuse(error) if error.code == ErrorCode::InvalidGrant)
                    );
                }
            }
        }
    }
}

/// security.md 17, 18: a code without challenge is protected by client authentication, and takes no
/// verifier.
#[test]
fn rfc9700_4_8_2_a_verifier_without_a_challenge_is_refused_and_the_other_way_round() {
    let without = AuthorizationCode { code_challenge: None, ..code() };
    for (code, verifier, is_taken) in [
        (code(), VERIFIER, true),
        (code(), "", false),
        (without.clone(), "", true),
        (without, VERIFIER, false),
    ] {
        let decision =
            redeem(&code, &code_request(REDIRECT_URI, verifier), &authenticated(client()), NOW);
        let refused =
            matches!(decision, Redemption::Refuse(e) if e.code == ErrorCode::InvalidGrant);
        assert_eq!((decision == Redemption::Take, refused), (is_taken, !is_taken), "{verifier}");
    }
}

#[test]
fn rfc6749_4_1_2_a_code_used_again_revokes_its_grant_but_a_wrong_attempt_does_not() {
    let used = AuthorizationCode { used_at: Some(NOW - 1), ..code() };
    let redeem_with = |code: &AuthorizationCode, verifier: &str| {
        redeem(code, &code_request(REDIRECT_URI, verifier), &authenticated(client()), NOW)
    };
    assert_eq!(redeem_with(&used, VERIFIER), Redemption::RevokeGrant(CODE_REUSED));
    assert!(matches!(redeem_with(&used, &"x".repeat(43)), Redemption::Refuse(_)));
    let late = AuthorizationCode { expires_at: NOW - 30_000, ..used };
    assert_eq!(redeem_with(&late, VERIFIER), Redemption::RevokeGrant(CODE_REUSED));
}

#[test]
fn a_late_code_is_refused() {
    let late = AuthorizationCode { expires_at: NOW, ..code() };
    let decision =
        redeem(&late, &code_request(REDIRECT_URI, VERIFIER), &authenticated(client()), NOW);
    assert!(matches!(decision, Redemption::Refuse(_)));
}

#[test]
fn rfc9700_4_14_2_a_used_refresh_token_revokes_the_family_unless_the_reply_was_lost() {
    assert!(matches!(rotation(&token(None, None)), Rotation::Rotate { .. }));
    for (used_ago, successor_used, expected_replacement) in [
        (0, Some(false), true),
        (LOST_REPLY_GRACE, Some(false), true),
        (LOST_REPLY_GRACE + 1, Some(false), false),
        (0, Some(true), false),
        (0, None, false),
    ] {
        match rotation(&token(Some(used_ago), successor_used)) {
            Rotation::Replace { .. } => {
                assert!(expected_replacement, "{used_ago} {successor_used:?}");
            }
            Rotation::RevokeGrant(error) => {
                assert!(!expected_replacement, "{used_ago} {successor_used:?}");
                assert_eq!(error.code, ErrorCode::InvalidGrant);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_refresh_token_of_another_client_or_a_dead_grant_is_refused_and_revokes_nothing() {
    let mut other = client();
    "other".clone_into(&mut other.id);
    let revoked = Grant { revoked_at: Some(NOW - 1), ..grant() };
    let over = Grant { expires_at: NOW, ..grant() };
    for (grant, client) in [(grant(), other), (revoked, client()), (over, client())] {
        for token in [token(None, None), token(Some(60_000), None)] {
            let decision =
                rotate(&token, &grant, &refresh(None), &authenticated(client.clone()), NOW);
            assert!(
                matches!(decision, Rotation::Refuse(error) if error.code == ErrorCode::InvalidGrant)
            );
        }
    }
    let late = RefreshToken { expires_at: NOW, ..token(None, None) };
    assert!(matches!(rotation(&late), Rotation::Refuse(_)));
}

#[test]
fn rfc6749_6_a_scope_may_be_narrowed_and_never_widened() {
    let with = |scope: &str| {
        rotate(&token(None, None), &grant(), &refresh(Some(scope)), &authenticated(client()), NOW)
    };
    assert_eq!(with("groups"), Rotation::Rotate { scope: Scope::parse("groups").unwrap() });
    assert!(
        matches!(with("groups email"), Rotation::Refuse(error) if error.code == ErrorCode::InvalidScope)
    );
    let all = rotation(&token(None, None));
    assert_eq!(all, Rotation::Rotate { scope: grant().scope });
}

#[test]
fn what_a_client_may_no_longer_get_is_not_refreshed() {
    let with = |scopes: &str| {
        let mut narrowed = client();
        narrowed.scopes = Scope::parse(scopes).unwrap();
        rotate(&token(None, None), &grant(), &refresh(None), &authenticated(narrowed), NOW)
    };
    assert_eq!(with("groups"), Rotation::Rotate { scope: Scope::parse("groups").unwrap() });
    assert!(matches!(with(""), Rotation::Refuse(error) if error.code == ErrorCode::InvalidScope));
}

#[test]
fn rfc6749_4_4_a_client_for_itself_gets_no_scope_that_speaks_of_a_person() {
    let mut service = client();
    service.scopes = Scope::parse("openid groups users.read").unwrap();
    let service = authenticated(service);
    let ask = |text: &str| client_credentials_scope(Some(&Scope::parse(text).unwrap()), &service);
    assert_eq!(client_credentials_scope(None, &service).unwrap().to_string(), "users.read");
    assert_eq!(ask("users.read").unwrap().to_string(), "users.read");
    assert!(ask("groups").is_err());
    assert!(ask("openid").is_err());
    assert!(ask("users.write").is_err());
    assert!(ask(" ").is_err());
    assert!(client_credentials_scope(None, &authenticated(client())).is_err());
}
