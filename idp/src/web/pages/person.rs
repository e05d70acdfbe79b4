//! The person as every tab of the profile shows them (manual §2).

use portal_core::{Timestamp, account::Channel, expiry::ExpirationDate};

use crate::web::{asking::Asking, terms_facts::terms_facts};

/// The head of the profile.
pub(super) struct PersonView {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) masked_phone: String,
    pub(super) level: String,
    pub(super) third_party: String,
    pub(super) subsidiary: Option<String>,
    pub(super) channel_is_voice: bool,
    pub(super) expires_on: Option<String>,
    pub(super) last_login: Option<String>,
    /// What was acknowledged of the terms of use.
    pub(super) terms: Vec<(String, String)>,
}

impl PersonView {
    pub(super) fn of(asking: &Asking) -> Self {
        let account = &asking.who.account;
        let (user, texts) = (&account.user, asking.texts());
        Self {
            name: user.display_name(),
            email: user.email.clone(),
            masked_phone: user.phone.masked(),
            level: account.level.name.clone(),
            third_party: account
                .third_party
                .as_ref()
                .map_or_else(|| account.level.name.clone(), |t| t.name.clone()),
            subsidiary: account.subsidiary.as_ref().map(|s| s.short_name.clone()),
            channel_is_voice: user.default_channel == Channel::Voice,
            expires_on: user.expires_on.map(ExpirationDate::to_iso),
            last_login: user.last_login_at.map(|at: Timestamp| texts.instant(at)),
            terms: terms_facts(&asking.app, texts, (&user.terms, false)),
        }
    }
}
