//! What a token is worth now, for whom it concerns (RFC 7662; security.md 25).

use serde_json::{Map, Value, json};

use crate::claims::{Authentication, Person};
use crate::client::{AuthMethod, Client};
use crate::client_authentication::Authenticated;
use crate::error::OAuthError;
use crate::params::Params;
use crate::scope::{self, Scope};
use crate::token::Grant;

/// The claims of an access token that are told as they stand in it, in this order.
const TOLD: [&str; 10] =
    ["iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti", "auth_time", "acr"];

/// The token that a request asks about or wants revoked. `token_type_hint` may be there and says
/// nothing that the token itself does not (RFC 7662 2.1, RFC 7009 2.1).
pub fn presented_token(form: &Params) -> Result<&str, OAuthError> {
    form.get("token").ok_or(OAuthError::invalid_request("token is missing"))
}

/// Only a client that proves who it is may ask about tokens (RFC 7662 2.1).
pub fn check_caller(caller: &Authenticated<Client>) -> Result<(), OAuthError> {
    if caller.auth_method == AuthMethod::None {
        return Err(OAuthError::invalid_client("a public client may not ask about tokens"));
    }
    Ok(())
}

/// Whether a token concerns the caller: it was issued to it, or is for it. A resource server that
/// asks about the tokens it gets is registered as a client whose `client_id` is its resource
/// indicator (RFC 8707). To everybody else the token does not exist.
pub fn concerns(caller: &Authenticated<Client>, client_id: &str, audience: Option<&str>) -> bool {
    caller.id == client_id || audience == Some(caller.id.as_str())
}

/// The one answer for whatever is not a living token that concerns the caller: unknown, foreign,
/// expired, revoked, of a person who may not have it now (RFC 7662 2.2).
pub fn inactive() -> Value {
    json!({ "active": false })
}

/// The answer for a living access token. What it says of the person's groups is as things are now, not
/// as they were when it was issued.
pub fn access_token<'a>(
    claim: impl Fn(&'static str) -> Option<&'a Value>,
    scope: &Scope,
    person: Option<&Person>,
) -> Value {
    let mut answer = active();
    answer.insert("token_type".to_owned(), json!("Bearer"));
    for name in TOLD {
        if let Some(value) = claim(name) {
            answer.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(person) = person.filter(|_| scope.contains(scope::GROUPS)) {
        answer.insert("groups".to_owned(), json!(person.groups));
        answer.insert("app_admin".to_owned(), json!(person.app_admin));
    }
    Value::Object(answer)
}

/// The answer for a living refresh token, to its own client. It has no `token_type`: it opens no
/// resource (RFC 6749 1.5).
pub fn refresh_token(
    issuer: &str,
    grant: &Grant,
    expires_at: i64,
    person: &Person,
    authentication: &Authentication,
) -> Value {
    let mut answer = active();
    for (name, value) in [
        ("iss", json!(issuer)),
        ("sub", json!(person.subject)),
        ("client_id", json!(grant.client_id)),
        ("scope", json!(grant.scope.to_string())),
        ("exp", json!(expires_at.min(grant.expires_at).div_euclid(1000))),
        ("auth_time", json!(authentication.auth_time.div_euclid(1000))),
        ("acr", json!(authentication.acr)),
    ] {
        answer.insert(name.to_owned(), value);
    }
    Value::Object(answer)
}

fn active() -> Map<String, Value> {
    Map::from_iter([("active".to_owned(), json!(true))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{authenticated, client};

    #[test]
    fn rfc7662_4_a_token_concerns_its_client_and_its_audience_and_nobody_else() {
        let caller = authenticated(client());
        assert!(concerns(&caller, "casper", Some("https://api.example/")));
        assert!(concerns(&caller, "twin", Some("casper")));
        assert!(!concerns(&caller, "twin", Some("twin")));
        assert!(!concerns(&caller, "twin", None));
        assert!(!concerns(&caller, "", Some("")));
    }

    #[test]
    fn rfc7662_2_1_a_public_client_may_not_ask() {
        let mut asking = client();
        asking.auth_method = AuthMethod::None;
        assert!(check_caller(&authenticated(asking)).is_err());
    }

    #[test]
    fn the_answer_tells_known_claims_only_and_groups_as_they_are_now() {
        let token = json!({"sub": "a", "groups": ["OLD"], "email": "a@b.example", "exp": 7});
        let person = Person { groups: vec!["NEW".to_owned()], ..Person::default() };
        let told = |scope: &str| {
            access_token(|name| token.get(name), &Scope::parse(scope).unwrap(), Some(&person))
        };
        let expected = json!({"active": true, "token_type": "Bearer", "sub": "a", "exp": 7});
        assert_eq!(told("openid email"), expected);
        assert_eq!(told("openid groups")["groups"], json!(["NEW"]));
    }
}
