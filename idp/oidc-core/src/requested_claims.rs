//! The `claims` parameter: single claims that a client asks for (OpenID Connect Core 5.5).

use serde_json::{Map, Value, json};

use crate::claims;
use crate::error::OAuthError;
use crate::scope::Scope;
use crate::strict_json;

/// Longest parameter that is read, bytes.
const MAX_LENGTH: usize = 4096;

/// One claim that is asked for by name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RequestedClaim {
    name: String,
    essential: bool,
    /// The values that will do; empty when any will.
    values: Vec<Value>,
}

/// The claims that are asked for by name, of those that this provider knows. All others are ignored
/// (OpenID Connect Core 5.5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedClaims {
    id_token: Vec<RequestedClaim>,
    userinfo: Vec<RequestedClaim>,
}

/// Where a claim is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// In the ID token.
    IdToken,
    /// In the userinfo response.
    Userinfo,
}

impl RequestedClaims {
    /// Parses the parameter. Strictly: what two readers could read differently is refused, and so
    /// is what does not have the form of 5.5.1; unknown members and claims are ignored.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        const MALFORMED: OAuthError = OAuthError::invalid_request(
            "claims must be a JSON object as in OpenID Connect Core 5.5, of at most 4096 bytes",
        );
        if text.len() > MAX_LENGTH {
            return Err(MALFORMED);
        }
        let value = strict_json::parse(text).map_err(|_| MALFORMED)?;
        Self::from_value(&value).ok_or(MALFORMED)
    }

    /// Reads what [`RequestedClaims::to_value`] wrote; `None` when it has not that form.
    pub fn from_value(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let list = |name| object.get(name).map_or(Some(Vec::new()), parse_list);
        Some(Self { id_token: list("id_token")?, userinfo: list("userinfo")? })
    }

    /// Whether nothing is asked for by name.
    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }

    /// The parameter again, for storing: without what is ignored.
    pub fn to_value(&self) -> Value {
        let list = |claims: &[RequestedClaim]| -> Map<String, Value> {
            let member = |claim: &RequestedClaim| {
                let mut member = Map::new();
                member.insert("essential".to_owned(), json!(claim.essential));
                if !claim.values.is_empty() {
                    member.insert("values".to_owned(), json!(claim.values));
                }
                (claim.name.clone(), Value::Object(member))
            };
            claims.iter().map(member).collect()
        };
        json!({ "id_token": list(&self.id_token), "userinfo": list(&self.userinfo) })
    }

    /// Whether a claim with this value is asked for at a destination. One that is asked for with
    /// other values is not.
    pub(crate) fn want(&self, destination: Destination, name: &str, value: &Value) -> bool {
        self.at(destination).iter().any(|claim| {
            claim.name == name && (claim.values.is_empty() || claim.values.contains(value))
        })
    }

    /// The subjects that will do, where the request names any (OpenID Connect Core 5.5.1).
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.id_token
            .iter()
            .chain(&self.userinfo)
            .filter(|claim| claim.name == "sub")
            .flat_map(|claim| &claim.values)
            .filter_map(Value::as_str)
    }

    /// The authentication contexts that are asked for, and whether no other will do
    /// (OpenID Connect Core 5.5.1.1).
    pub(crate) fn acr(&self) -> Option<(Vec<String>, bool)> {
        let claim = self.id_token.iter().find(|claim| claim.name == "acr")?;
        let names = claim.values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        (!claim.values.is_empty()).then_some((names, claim.essential))
    }

    /// The scopes whose claims are asked for by name.
    pub(crate) fn scopes(&self) -> Scope {
        let all = self.id_token.iter().chain(&self.userinfo);
        Scope::from_names(all.filter_map(|claim| claims::carrying_scope(&claim.name)))
    }

    fn at(&self, destination: Destination) -> &[RequestedClaim] {
        match destination {
            Destination::IdToken => &self.id_token,
            Destination::Userinfo => &self.userinfo,
        }
    }
}

fn parse_list(value: &Value) -> Option<Vec<RequestedClaim>> {
    let mut claims = Vec::new();
    for (name, member) in value.as_object()? {
        let claim = parse_claim(name, member)?;
        if matches!(name.as_str(), "sub" | "acr") || claims::carrying_scope(name).is_some() {
            claims.push(claim);
        }
    }
    Some(claims)
}

/// `null`, or an object with `essential`, and `value` or `values`.
fn parse_claim(name: &str, member: &Value) -> Option<RequestedClaim> {
    let mut claim = RequestedClaim { name: name.to_owned(), essential: false, values: Vec::new() };
    if member.is_null() {
        return Some(claim);
    }
    let member = member.as_object()?;
    if let Some(essential) = member.get("essential") {
        claim.essential = essential.as_bool()?;
    }
    match (member.get("value"), member.get("values")) {
        (None, None) => {}
        (Some(value), None) => claim.values.push(value.clone()),
        (None, Some(values)) => {
            claim.values.clone_from(values.as_array().filter(|values| !values.is_empty())?);
        }
        (Some(_), Some(_)) => return None,
    }
    Some(claim)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> RequestedClaims {
        RequestedClaims::parse(text).unwrap()
    }

    #[test]
    fn oidc_core_5_5_known_claims_are_kept_and_unknown_ones_ignored() {
        let claims = parse(
            r#"{"userinfo":{"name":{"essential":true},"nickname":null,"email":null,"http://x/y":{"a":1}},
                "id_token":{"auth_time":{"essential":true},"acr":{"values":["a","b"]}},"other":7}"#,
        );
        assert!(claims.want(Destination::Userinfo, "name", &json!("Anna")));
        assert!(claims.want(Destination::Userinfo, "email", &json!("a@b")));
        assert!(!claims.want(Destination::Userinfo, "nickname", &json!("A")));
        assert!(!claims.want(Destination::IdToken, "name", &json!("Anna")));
        assert_eq!(claims.acr(), Some((vec!["a".to_owned(), "b".to_owned()], false)));
        // Members of an object have no order.
        let scopes = claims.scopes().to_string();
        assert!(["email profile", "profile email"].contains(&scopes.as_str()), "{scopes}");
        assert!(parse("{}").is_empty());
        assert!(parse(r#"{"userinfo":{}}"#).is_empty());
    }

    #[test]
    fn oidc_core_5_5_1_a_claim_with_values_is_wanted_only_with_one_of_them() {
        let claims =
            parse(r#"{"userinfo":{"email":{"values":["a","b"]},"app_admin":{"value":true}}}"#);
        for (name, value, expected) in [
            ("email", json!("a"), true),
            ("email", json!("c"), false),
            ("app_admin", json!(true), true),
            ("app_admin", json!("true"), false),
        ] {
            assert_eq!(
                claims.want(Destination::Userinfo, name, &value),
                expected,
                "{name} {value}"
            );
        }
    }

    #[test]
    fn oidc_core_5_5_1_1_an_acr_without_values_asks_for_nothing_special() {
        assert_eq!(parse(r#"{"id_token":{"acr":{"essential":true}}}"#).acr(), None);
        assert_eq!(parse(r#"{"userinfo":{"acr":{"value":"a"}}}"#).acr(), None);
        let essential = parse(r#"{"id_token":{"acr":{"essential":true,"value":"a"}}}"#);
        assert_eq!(essential.acr(), Some((vec!["a".to_owned()], true)));
    }

    #[test]
    fn oidc_core_5_5_1_a_subject_can_be_named() {
        let claims = parse(r#"{"id_token":{"sub":{"value":"alice"}}}"#);
        assert_eq!(claims.subjects().collect::<Vec<_>>(), ["alice"]);
        assert_eq!(parse(r#"{"id_token":{"sub":null}}"#).subjects().count(), 0);
    }

    #[test]
    fn what_does_not_have_the_form_is_refused() {
        let long = format!(r#"{{"userinfo":{{"{}":null}}}}"#, "x".repeat(MAX_LENGTH));
        for text in [
            "",
            "null",
            "[]",
            "{",
            r#"{"userinfo":null}"#,
            r#"{"userinfo":["name"]}"#,
            r#"{"userinfo":{"name":true}}"#,
            r#"{"userinfo":{"name":{"essential":"yes"}}}"#,
            r#"{"userinfo":{"name":{"values":"Anna"}}}"#,
            r#"{"userinfo":{"name":{"values":[]}}}"#,
            r#"{"userinfo":{"name":{"value":"a","values":["a"]}}}"#,
            r#"{"userinfo":{"name":null,"name":null}}"#,
            r#"{"userinfo":{},"userinfo":{"name":null}}"#,
            &long,
        ] {
            assert!(RequestedClaims::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_survives_storing(text in r#"\{"(userinfo|id_token)":\{("(name|sub|acr|x)":(null|\{\}|\{"essential":true\}|\{"value":[0-9]\}|\{"values":\["a","b"\]\}|7)[,]?){0,3}\}\}"#) {
            if let Ok(claims) = RequestedClaims::parse(&text) {
                prop_assert_eq!(RequestedClaims::from_value(&claims.to_value()), Some(claims));
            }
        }
    }
}
