//! What a client asks for, in the words of a person.

use oidc_core::{
    client::{AuthMethod, Client},
    consent::Allowance,
    scope,
};
use storage::Account;
use url::Url;

use crate::{
    texts::Texts,
    web::allowance_text::{resource_text, scope_text},
};

/// What the question is made of.
pub(super) struct QuestionFacts<'a> {
    pub(super) client: &'a Client,
    pub(super) account: &'a Account,
    /// Where the answer goes.
    pub(super) redirect_uri: &'a str,
    pub(super) asked: &'a Allowance,
    /// What was allowed before.
    pub(super) known: &'a Allowance,
}

/// The question as the page asks it.
pub(super) struct QuestionView {
    pub(super) person_name: String,
    pub(super) person_email: String,
    /// What the answer is about.
    pub(super) items: Vec<Item>,
    /// What the client may hear already; then `items` is what comes in addition.
    pub(super) known: Vec<Item>,
    /// Where the answer goes.
    pub(super) recipient: String,
    /// For how long it holds.
    pub(super) duration: String,
    pub(super) is_vouched_for: bool,
}

/// One thing that the client hears or may do.
pub(super) struct Item {
    pub(super) text: String,
    /// The person's own value, where it is one line.
    pub(super) value: Option<String>,
}

impl QuestionView {
    pub(super) fn of(facts: &QuestionFacts<'_>, texts: &Texts) -> Self {
        let new = facts.asked.beyond(facts.known);
        let is_repeated = new.is_empty();
        let subject = if is_repeated { facts.asked } else { &new };
        let known = if is_repeated { Allowance::default() } else { facts.asked.beyond(&new) };
        let user = &facts.account.user;
        Self {
            person_name: user.display_name(),
            person_email: user.email.clone(),
            items: items(facts, subject, texts),
            known: items(facts, &known, texts),
            recipient: recipient(facts.redirect_uri, texts),
            duration: texts.msg(duration_key(facts.client)),
            is_vouched_for: facts.client.first_party,
        }
    }
}

/// A text that two allowances share only when they are the same.
pub(super) fn fingerprint(allowance: &Allowance) -> String {
    let scope = allowance.scope.to_string();
    [scope, allowance.resources.join(" ")].join("|")
}

/// The lines for an allowance, with the person's own values.
fn items(facts: &QuestionFacts<'_>, allowance: &Allowance, texts: &Texts) -> Vec<Item> {
    let (user, extra) = (&facts.account.user, facts.client.extra_claims);
    let organisation = facts.account.third_party.as_ref().map(|party| party.name.clone());
    let mut items = Vec::new();
    for name in allowance.scope.names() {
        let value = match name {
            scope::PROFILE => Some(user.display_name()),
            scope::EMAIL => Some(user.email.clone()),
            scope::GROUPS => organisation.clone(),
            _ => None,
        };
        items.push(Item { text: scope_text(name, texts), value });
        if name == scope::GROUPS && extra.company_id && user.company_id.is_some() {
            let text = texts.msg("consent-company-id");
            items.push(Item { text, value: user.company_id.clone() });
        }
        if name == scope::GROUPS && extra.staff_roles {
            items.push(Item { text: texts.msg("consent-staff-roles"), value: None });
        }
    }
    items.extend(
        allowance
            .resources
            .iter()
            .map(|resource| Item { text: resource_text(resource, texts), value: None }),
    );
    items
}

/// A person knows a site by its origin. What is not a site is a program on the very device (RFC 8252 7).
fn recipient(redirect_uri: &str, texts: &Texts) -> String {
    let url = Url::parse(redirect_uri).ok();
    let is_site = url.as_ref().is_some_and(|url| url.scheme() == "https");
    let place = match &url {
        Some(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
        Some(url) => format!("{}:", url.scheme()),
        None => String::new(),
    };
    let key = if is_site { "consent-recipient" } else { "consent-recipient-device" };
    texts.msg1(key, "place", &place)
}

fn duration_key(client: &Client) -> &'static str {
    if client.first_party {
        "consent-once"
    } else if client.auth_method == AuthMethod::None {
        "consent-each-time"
    } else {
        "consent-remembered"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipient_is_named_by_its_origin_or_as_a_program_on_the_device() {
        let texts = Texts::english();
        for (address, place) in [
            ("https://rp.example:8443/callback?a=b", "to https://rp.example:8443."),
            ("http://127.0.0.1:5000/cb", "on this device (http://127.0.0.1:5000)."),
            ("com.example.app:/cb", "on this device (com.example.app:)."),
        ] {
            let text = recipient(address, &texts);
            assert!(text.ends_with(place), "{text}");
        }
    }
}
