//! What tokens and userinfo say of a person (OpenID Connect Core 2, 5; RFC 9068; design 5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use crate::client::{Client, SigningAlg};
use crate::requested_claims::{Destination, RequestedClaims};
use crate::scope::{self, Scope};
use crate::token::TOKEN_LIFETIME;

#[cfg(test)]
mod tests;

/// `typ` of access tokens (RFC 9068 2.1).
pub const ACCESS_TOKEN_TYP: &str = "at+jwt";
/// `typ` of ID tokens.
pub const ID_TOKEN_TYP: &str = "JWT";
/// `typ` of signed userinfo responses: they cannot be taken for any other token (RFC 8725 3.11).
pub const USERINFO_TYP: &str = "userinfo+jwt";

/// A person as far as one client may hear of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// `sub`: stable, never reused (security.md 43).
    pub subject: String,
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Language tag of the person's choice (RFC 5646).
    pub locale: String,
    /// E-mail address.
    pub email: String,
    /// Whether the address was proved to be the person's.
    pub email_verified: bool,
    /// The organisation the person acts for; operator staff have none.
    pub third_party: Option<Organisation>,
    /// Where the person sits in the tree of levels.
    pub level: Option<Level>,
    /// Part of the organisation.
    pub subsidiary: Option<Organisation>,
    /// The person's id in the organisation's own register.
    pub company_id: Option<String>,
    /// The groups of the client's application and environment, and no other (I18).
    pub groups: Vec<String>,
    /// Whether the person administers access to the client's application (I17).
    pub app_admin: bool,
    /// Roles of the operator's staff.
    pub staff_roles: Vec<String>,
}

/// An organisation or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Stable identifier.
    pub id: String,
    /// Name; of a subsidiary its short name.
    pub name: String,
    /// Legal Entity Identifier.
    pub lei: Option<String>,
}

/// A node of the tree of levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Stable identifier.
    pub id: String,
    /// Names from the root, such as `Root/BANK_01`.
    pub path: String,
}

/// How and when a person proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// `sid`: the public name of the session.
    pub sid: String,
    /// When both factors were proved, Unix milliseconds.
    pub auth_time: i64,
    /// Authentication context class.
    pub acr: String,
    /// Methods (RFC 8176), such as `pwd`, `otp`, `sms`, `mfa`.
    pub amr: Vec<String>,
}

/// Everything that the tokens of one answer tell.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// The client that gets the tokens.
    pub client: &'a Client,
    /// The person they speak of.
    pub person: &'a Person,
    /// How the person signed in.
    pub authentication: &'a Authentication,
    /// What was granted.
    pub scope: &'a Scope,
    /// Claims that the client asked for by name.
    pub requested: &'a RequestedClaims,
    /// `iat`, Unix milliseconds.
    pub now: i64,
}

impl Issue<'_> {
    /// The claims of the ID token (OpenID Connect Core 2, 3.1.3.6). `access_token` is the one that
    /// is issued with it.
    pub fn id_token(&self, nonce: Option<&str>, access_token: &str) -> Value {
        let mut claims = self.registered();
        claims.insert("sid".to_owned(), json!(self.authentication.sid));
        claims.insert("amr".to_owned(), json!(self.authentication.amr));
        claims.insert(
            "at_hash".to_owned(),
            json!(token_hash(access_token, self.client.id_token_alg)),
        );
        insert_some(&mut claims, "nonce", nonce);
        self.insert_person(&mut claims, Destination::IdToken);
        Value::Object(claims)
    }

    /// The claims of the access token (RFC 9068 2.2): what a resource server of the application
    /// needs to decide, and nothing to contact the person by. Its audience is one resource server,
    /// or the client itself (security.md 40).
    pub fn access_token(&self, jti: &str, resource: Option<&str>) -> Value {
        let mut claims = self.registered();
        claims.insert("aud".to_owned(), json!(resource.unwrap_or(&self.client.id)));
        claims.insert("client_id".to_owned(), json!(self.client.id));
        claims.insert("jti".to_owned(), json!(jti));
        claims.insert("scope".to_owned(), json!(self.scope.to_string()));
        if self.scope.contains(scope::GROUPS) {
            claims.insert("groups".to_owned(), json!(self.person.groups));
            claims.insert("app_admin".to_owned(), json!(self.person.app_admin));
        }
        Value::Object(claims)
    }

    /// The claims in both tokens. All instants are whole seconds.
    fn registered(&self) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(self.issuer));
        claims.insert("sub".to_owned(), json!(self.person.subject));
        claims.insert("aud".to_owned(), json!(self.client.id));
        claims.insert("iat".to_owned(), json!(seconds(self.now)));
        claims.insert("exp".to_owned(), json!(seconds(self.now + TOKEN_LIFETIME)));
        claims.insert("auth_time".to_owned(), json!(seconds(self.authentication.auth_time)));
        claims.insert("acr".to_owned(), json!(self.authentication.acr));
        claims
    }

    /// What the client may hear of the person: by scope (OpenID Connect Core 5.4), or because it
    /// asked for the very claim (5.5). The latter opens nothing that no scope of the client carries.
    /// Name and e-mail address are in the ID token only where the client needs them there.
    fn insert_person(&self, claims: &mut Map<String, Value>, destination: Destination) {
        for (name, value) in self.person_claims() {
            let Some(scope) = carrying_scope(name) else {
                continue;
            };
            let is_here = destination == Destination::Userinfo
                || scope == scope::GROUPS
                || self.client.extra_claims.profile_in_id_token;
            let by_scope = is_here && self.scope.contains(scope);
            let by_name = self.client.scopes.contains(scope)
                && self.requested.want(destination, name, &value);
            if by_scope || by_name {
                claims.insert(name.to_owned(), value);
            }
        }
    }

    /// All that could be told to this client, where there is anything to tell.
    fn person_claims(&self) -> Vec<(&'static str, Value)> {
        let person = self.person;
        let extra = self.client.extra_claims;
        let name = format!("{} {}", person.given_name, person.family_name);
        let level = person.level.as_ref();
        let staff_roles = Some(&person.staff_roles).filter(|roles| !roles.is_empty());
        [
            ("name", Some(json!(name.trim()))),
            ("given_name", Some(json!(person.given_name))),
            ("family_name", Some(json!(person.family_name))),
            ("locale", Some(json!(person.locale)).filter(|_| !person.locale.is_empty())),
            ("email", Some(json!(person.email))),
            ("email_verified", Some(json!(person.email_verified))),
            ("groups", Some(json!(person.groups))),
            ("app_admin", Some(json!(person.app_admin))),
            ("third_party", person.third_party.as_ref().map(organisation)),
            ("level", level.map(|level| json!({"id": level.id, "path": level.path}))),
            ("subsidiary", person.subsidiary.as_ref().map(organisation)),
            (
                "company_id",
                person.company_id.as_ref().filter(|_| extra.company_id).map(|id| json!(id)),
            ),
            ("staff_roles", staff_roles.filter(|_| extra.staff_roles).map(|roles| json!(roles))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// The scope that carries a claim about a person (OpenID Connect Core 5.4; design 5).
pub(crate) fn carrying_scope(name: &str) -> Option<&'static str> {
    match name {
        "name" | "given_name" | "family_name" | "locale" => Some(scope::PROFILE),
        "email" | "email_verified" => Some(scope::EMAIL),
        "groups" | "app_admin" | "third_party" | "level" | "subsidiary" | "company_id"
        | "staff_roles" => Some(scope::GROUPS),
        _ => None,
    }
}

/// The userinfo response (OpenID Connect Core 5.3.2): by scope, for one client, as things are now.
pub fn userinfo(issue: &Issue<'_>) -> Value {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(issue.person.subject));
    issue.insert_person(&mut claims, Destination::Userinfo);
    Value::Object(claims)
}

/// The same as the payload of a JWT: with its issuer and its one reader (OpenID Connect Core 5.3.2).
pub fn signed_userinfo(issue: &Issue<'_>) -> Value {
    let mut claims = userinfo(issue);
    if let Some(members) = claims.as_object_mut() {
        for (name, value) in [
            ("iss", json!(issue.issuer)),
            ("aud", json!(issue.client.id)),
            ("iat", json!(seconds(issue.now))),
        ] {
            members.insert(name.to_owned(), value);
        }
    }
    claims
}

/// The access token of a client that acts for itself (RFC 9068 2.2, RFC 6749 4.4): the subject is
/// the client, the audience one resource server or the client itself.
pub fn client_access_token(
    issuer: &str,
    client: &Client,
    (scope, resource): (&Scope, Option<&str>),
    jti: &str,
    now: i64,
) -> Value {
    json!({
        "iss": issuer,
        "sub": client.id,
        "aud": resource.unwrap_or(&client.id),
        "client_id": client.id,
        "iat": seconds(now),
        "exp": seconds(now + TOKEN_LIFETIME),
        "jti": jti,
        "scope": scope.to_string(),
    })
}

/// Every claim that a person's tokens or userinfo may carry, for discovery.
pub const SUPPORTED_CLAIMS: [&str; 24] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
    "at_hash",
    "name",
    "given_name",
    "family_name",
    "locale",
    "email",
    "email_verified",
    "groups",
    "app_admin",
    "third_party",
    "level",
    "subsidiary",
    "company_id",
    "staff_roles",
];

/// `at_hash`: the left half of the digest that the signature algorithm uses (OpenID Connect Core
/// 3.1.3.6). Ed25519 uses SHA-512 (RFC 8032 5.1).
fn token_hash(token: &str, algorithm: SigningAlg) -> String {
    match algorithm {
        SigningAlg::Es256 | SigningAlg::Rs256 => left_half(&Sha256::digest(token.as_bytes())),
        SigningAlg::EdDsa => left_half(&Sha512::digest(token.as_bytes())),
    }
}

fn left_half(digest: &[u8]) -> String {
    let (left, _) = digest.split_at(digest.len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

fn seconds(milliseconds: i64) -> i64 {
    milliseconds.div_euclid(1000)
}

fn organisation(organisation: &Organisation) -> Value {
    let mut value = Map::new();
    value.insert("id".to_owned(), json!(organisation.id));
    value.insert("name".to_owned(), json!(organisation.name));
    insert_some(&mut value, "lei", organisation.lei.as_deref());
    Value::Object(value)
}

fn insert_some(claims: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        claims.insert(name.to_owned(), value.into());
    }
}
