//! What a signatory is told by mail, in the language of the nomination. Signatories have no account, so these are no
//! notices: they are sent directly after the commit. When the gateway does not take one, staff are told so; "Send the
//! link again" makes a new one.

use storage::{Nomination, ThirdParty};

use crate::{App, invitation::FreshLink, notify::Message, texts::Texts};

/// What there is to tell.
pub enum NominationMail<'a> {
    /// Nominate, by this link.
    Invitation(&'a FreshLink),
    /// Answer this question, by this link.
    Question(&'a str, &'a FreshLink),
    /// The administrators are appointed.
    Confirmed,
    /// It is refused for this reason.
    Rejected(&'a str),
    /// Staff took it out of the queue for this reason.
    Withdrawn(&'a str),
}

impl NominationMail<'_> {
    /// Sends it; whether the gateway took it.
    pub async fn send(&self, app: &App, of: (&ThirdParty, &Nomination)) -> bool {
        let (third_party, nomination) = of;
        let signatory = &nomination.signatory;
        let (key, remark, link) = match self {
            Self::Invitation(link) => ("mail-nomination-link", "", Some(link)),
            Self::Question(question, link) => ("mail-nomination-question", *question, Some(link)),
            Self::Confirmed => ("mail-nomination-confirmed", "", None),
            Self::Rejected(reason) => ("mail-nomination-rejected", *reason, None),
            Self::Withdrawn(reason) => ("mail-nomination-withdrawn", *reason, None),
        };
        let link =
            link.map(|link| link.address(app.issuer.as_str(), "/nominate")).unwrap_or_default();
        let facts = [
            ("third_party", third_party.legal_name.as_str()),
            ("name", signatory.name.as_str()),
            ("remark", remark),
            ("link", link.as_str()),
        ];
        let text = Texts::for_locale(&signatory.locale).msg_with(key, facts);
        match app.gateway.send(Message::Email { to: signatory.email.clone(), text }).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "a mail to a signatory was not taken");
                false
            }
        }
    }
}
