//! Consent: what a person allows a client that the operator does not vouch for (OpenID Connect Core
//! 3.1.2.4, 11; RFC 8252 8.6; security.md 12).

use crate::authorization::{AuthorizationRequest, Prompt};
use crate::client::{AuthMethod, Client};
use crate::scope::Scope;

/// What a client may hear and do: asked for by a request, or allowed by a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Scopes, also those of claims that are asked for by name; `offline_access` among them, which
    /// nothing implies (OpenID Connect Core 5.5, 11).
    pub scope: Scope,
    /// Resource servers that its access tokens are for (RFC 8707 2).
    pub resources: Vec<String>,
}

impl Allowance {
    /// Everything that a request would give to its client.
    pub fn asked_by(request: &AuthorizationRequest, client: &Client) -> Self {
        Self { scope: request.disclosed_scope(client), resources: request.resources.clone() }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.scope.is_empty() && self.resources.is_empty()
    }

    /// What of this allowance the other one lacks.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Self {
        Self {
            scope: self.scope.retain(|name| !other.scope.contains(name)),
            resources: self
                .resources
                .iter()
                .filter(|resource| !other.resources.contains(resource))
                .cloned()
                .collect(),
        }
    }

    /// Both together. A person who allows more does not take back what was allowed before.
    #[must_use]
    pub fn with(&self, more: &Self) -> Self {
        let new = more.beyond(self);
        Self {
            scope: Scope::from_names(self.scope.names().chain(new.scope.names())),
            resources: [self.resources.as_slice(), new.resources.as_slice()].concat(),
        }
    }
}

/// What a person answered when this very request asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who answered. Another person who signs in meanwhile is asked again.
    pub subject: String,
    /// Whether it was a yes.
    pub is_allowed: bool,
}

/// What is known of a person's consent when a request is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsentFacts {
    /// What the person allows this client until further notice.
    pub remembered: Option<Allowance>,
    /// The answer that the request has had.
    pub answer: Option<Answer>,
}

/// What consent says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The client may have what it asks for.
    Given,
    /// The person has to be asked.
    Needed,
    /// The person said no.
    Denied,
}

/// Whether the person's yes to earlier requests may be remembered: the operator vouches for a
/// first-party client, and asks for nobody else's word.
pub const fn is_remembered(client: &Client) -> bool {
    !client.first_party
}

/// Decides whether the person has allowed what the request asks for.
///
/// A remembered consent covers later requests for the same or less. It is not enough when the client
/// asks with `prompt=consent`, nor for a public client: anybody can pretend to be it, so a person
/// sees each of its requests (RFC 8252 8.6; CVE-2023-34246). The answer to the request itself then
/// is, so that no request asks twice.
pub fn verdict(
    request: &AuthorizationRequest,
    client: &Client,
    subject: &str,
    facts: &ConsentFacts,
) -> Verdict {
    let answer = facts.answer.as_ref().filter(|answer| answer.subject == subject);
    if answer.is_some_and(|answer| !answer.is_allowed) {
        return Verdict::Denied;
    }
    let nothing = Allowance::default();
    let remembered = facts.remembered.as_ref().unwrap_or(&nothing);
    let is_covered =
        client.first_party || Allowance::asked_by(request, client).beyond(remembered).is_empty();
    let is_public = client.auth_method == AuthMethod::None && !client.first_party;
    let must_ask = is_public || request.prompt.contains(&Prompt::Consent);
    if is_covered && (answer.is_some() || !must_ask) { Verdict::Given } else { Verdict::Needed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::validate;
    use crate::fixtures::{CHALLENGE, REDIRECT_URI, TERMS, client};
    use crate::params::Params;
    use crate::requested_claims::RequestedClaims;

    fn outsider() -> Client {
        Client { first_party: false, ..client() }
    }

    fn public() -> Client {
        Client { auth_method: AuthMethod::None, ..outsider() }
    }

    fn request(scope: &str, prompt: &str) -> AuthorizationRequest {
        let pairs = [
            ("client_id", "casper"),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("scope", scope),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("prompt", prompt),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        validate(&Params::from_pairs(pairs), Some(&outsider()), TERMS).unwrap()
    }

    fn allowed(scope: &str) -> Allowance {
        Allowance { scope: Scope::parse(scope).unwrap(), ..Allowance::default() }
    }

    fn answer(is_allowed: bool) -> Answer {
        Answer { subject: "alice".to_owned(), is_allowed }
    }

    fn decide(
        (scope, prompt): (&str, &str),
        client: &Client,
        remembered: Option<Allowance>,
        answer: Option<Answer>,
    ) -> Verdict {
        let facts = ConsentFacts { remembered, answer };
        verdict(&request(scope, prompt), client, "alice", &facts)
    }

    #[test]
    fn oidc_core_3_1_2_4_nothing_is_given_to_a_foreign_client_that_was_not_allowed() {
        let asked = ("openid profile", "");
        let (foreign, ours) = (outsider(), client());
        assert_eq!(decide(asked, &foreign, None, None), Verdict::Needed);
        assert_eq!(decide(asked, &foreign, Some(allowed("openid")), None), Verdict::Needed);
        assert_eq!(
            decide(asked, &foreign, Some(allowed("profile openid email")), None),
            Verdict::Given
        );
        assert_eq!(decide(asked, &ours, None, None), Verdict::Given);
        // An answer alone is not enough: what was allowed may have been taken back since.
        assert_eq!(decide(asked, &foreign, None, Some(answer(true))), Verdict::Needed);
    }

    /// Claims by name are no way around what a person allows by scope.
    #[test]
    fn oidc_core_5_5_a_claim_asked_for_by_name_needs_the_consent_of_its_scope() {
        let mut asked = request("openid", "");
        asked.claims = RequestedClaims::parse(r#"{"userinfo":{"email":null}}"#).unwrap();
        let decide = |remembered| {
            let facts = ConsentFacts { remembered, answer: None };
            verdict(&asked, &outsider(), "alice", &facts)
        };
        assert_eq!(decide(Some(allowed("openid"))), Verdict::Needed);
        assert_eq!(decide(Some(allowed("openid email"))), Verdict::Given);
    }

    #[test]
    fn rfc8707_2_a_resource_server_needs_consent() {
        let mut asked = request("openid", "");
        asked.resources = vec!["https://api.example/".to_owned()];
        let both = Allowance { resources: asked.resources.clone(), ..allowed("openid") };
        for (remembered, expected) in
            [(Some(allowed("openid")), Verdict::Needed), (Some(both), Verdict::Given)]
        {
            let facts = ConsentFacts { remembered, answer: None };
            assert_eq!(verdict(&asked, &outsider(), "alice", &facts), expected);
        }
    }

    #[test]
    fn oidc_core_11_offline_access_needs_consent_of_its_own() {
        let asked = ("openid offline_access", "");
        assert_eq!(decide(asked, &outsider(), Some(allowed("openid")), None), Verdict::Needed);
        let both = Some(allowed("openid offline_access"));
        assert_eq!(decide(asked, &outsider(), both, None), Verdict::Given);
    }

    #[test]
    fn oidc_core_3_1_2_1_prompt_consent_asks_everybody_once_for_each_request() {
        let asked = ("openid", "consent");
        for client in [client(), outsider(), public()] {
            assert_eq!(decide(asked, &client, Some(allowed("openid")), None), Verdict::Needed);
            assert_eq!(
                decide(asked, &client, Some(allowed("openid")), Some(answer(true))),
                Verdict::Given
            );
        }
    }

    /// security.md 12
    #[test]
    fn rfc8252_8_6_a_public_client_is_never_silently_given_anything() {
        let asked = ("openid", "");
        assert_eq!(decide(asked, &public(), Some(allowed("openid")), None), Verdict::Needed);
        assert_eq!(
            decide(asked, &public(), Some(allowed("openid")), Some(answer(true))),
            Verdict::Given
        );
        let ours = Client { auth_method: AuthMethod::None, ..client() };
        assert_eq!(decide(asked, &ours, None, None), Verdict::Given);
    }

    #[test]
    fn a_no_is_final_and_an_answer_is_its_givers_only() {
        let asked = ("openid", "");
        assert_eq!(
            decide(asked, &outsider(), Some(allowed("openid")), Some(answer(false))),
            Verdict::Denied
        );
        assert_eq!(decide(asked, &client(), None, Some(answer(false))), Verdict::Denied);
        for is_allowed in [true, false] {
            let bobs = Some(Answer { subject: "bob".to_owned(), is_allowed });
            assert_eq!(decide(asked, &public(), Some(allowed("openid")), bobs), Verdict::Needed);
        }
    }

    #[test]
    fn an_allowance_widens_and_tells_what_is_new() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let first =
            Allowance { resources: list(&["https://api.example/"]), ..allowed("openid email") };
        let second = Allowance {
            resources: list(&["https://other.example/", "https://api.example/"]),
            ..allowed("email groups")
        };
        let new = second.beyond(&first);
        assert_eq!(new.scope.to_string(), "groups");
        assert_eq!(new.resources, ["https://other.example/"]);
        let both = first.with(&second);
        assert_eq!(both.scope.to_string(), "openid email groups");
        assert_eq!(both.resources, ["https://api.example/", "https://other.example/"]);
        assert!(first.beyond(&both).is_empty() && second.beyond(&both).is_empty());
        let without = Allowance { resources: Vec::new(), ..second.clone() };
        assert!(!second.beyond(&without).is_empty());
    }
}
