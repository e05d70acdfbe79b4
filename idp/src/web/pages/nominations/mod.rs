//! Nominations: the operator's work queue, and what staff decide (O1).

use axum::routing::{get, post};
use portal_core::{
    id::{NominationId, ThirdPartyId},
    nomination::NominationStatus,
    organisation::LevelPath,
    permission::{Action, Object},
};
use storage::{Nomination, ThirdParty};

use super::route::{
    Guard, Of, PageRoute,
    Verb::{Get, Post},
};
use crate::{
    texts::Texts,
    web::{asking::Asking, error::PageError},
};

mod begin;
mod decide;
mod invite;
mod list;
mod nominee;
mod paper;
mod remark;
mod view;

const REFUSE: Guard = Guard::Asks(Action::RefuseNomination, Of::Nomination);
const FILE: Guard = Guard::Asks(Action::FileNomination, Of::ThirdParty);

/// Pages of nominations.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/nominations",
        guards: &[(Get, Guard::Asks(Action::ViewNomination, Of::Everything))],
        handler: || get(list::show),
    },
    PageRoute {
        path: "/nominations/new",
        guards: &[(Get, Guard::Asks(Action::FileNomination, Of::Everything))],
        handler: || get(begin::show),
    },
    PageRoute {
        path: "/third-parties/{id}/nominations/invite",
        guards: &[(Get, FILE), (Post, FILE)],
        handler: || get(invite::show).post(invite::submit),
    },
    PageRoute {
        path: "/nominations/{id}",
        guards: &[(Get, Guard::Asks(Action::ViewNomination, Of::Nomination))],
        handler: || get(view::show),
    },
    PageRoute {
        path: "/nominations/{id}/evidence",
        guards: &[(Get, Guard::Asks(Action::ViewNomination, Of::Nomination))],
        handler: || get(view::evidence),
    },
    PageRoute {
        path: "/nominations/{id}/review",
        guards: &[(Post, REFUSE)],
        handler: || post(decide::review),
    },
    PageRoute {
        path: "/nominations/{id}/confirm",
        guards: &[(Post, Guard::Asks(Action::ConfirmNomination, Of::Nomination))],
        handler: || post(decide::confirm),
    },
    PageRoute {
        path: "/nominations/{id}/return",
        guards: &[(Get, REFUSE), (Post, REFUSE)],
        handler: || get(remark::ask_return).post(decide::send_back),
    },
    PageRoute {
        path: "/nominations/{id}/reject",
        guards: &[(Get, REFUSE), (Post, REFUSE)],
        handler: || get(remark::ask_reject).post(decide::reject),
    },
    PageRoute {
        path: "/nominations/{id}/withdraw",
        guards: &[(Get, REFUSE), (Post, REFUSE)],
        handler: || get(remark::ask_withdraw).post(decide::withdraw),
    },
    PageRoute {
        path: "/nominations/{id}/resend",
        guards: &[(Post, Guard::Asks(Action::FileNomination, Of::Nomination))],
        handler: || post(decide::resend),
    },
];

/// The page that takes a document.
pub(super) const UPLOADS: &[PageRoute] = &[PageRoute {
    path: "/third-parties/{id}/nominations/paper",
    guards: &[(Get, FILE), (Post, FILE)],
    handler: || get(paper::show).post(paper::submit),
}];

/// A nomination with its third party, as the person may see it.
struct Seen {
    nomination: Nomination,
    third_party: ThirdParty,
    object: Object,
}

/// The nomination of an address, if the person may do this to it.
async fn load(asking: &Asking, id: &str, action: Action) -> Result<Seen, PageError> {
    let id: NominationId = id.parse().map_err(|_| PageError::NotFound)?;
    let store = &asking.app.store;
    let nomination = store.find_nomination(id).await?.ok_or(PageError::NotFound)?;
    let third_party = store.find_third_party(nomination.third_party).await?;
    let third_party = third_party.ok_or(PageError::NotFound)?;
    let confirmed = store.list_confirmations(id).await?;
    let confirmed = confirmed.iter().map(|confirmation| confirmation.by);
    let originators = nomination.filed_by.into_iter().chain(confirmed).collect();
    let level = third_party.level.as_ref().map(|level| level.path.clone());
    let level = level.unwrap_or_else(LevelPath::root);
    let object = Object::Nomination { level, originators };
    asking.may(action, &object)?;
    Ok(Seen { nomination, third_party, object })
}

/// The third party of an address, if the person may nominate for it.
async fn load_third_party(asking: &Asking, id: &str) -> Result<ThirdParty, PageError> {
    let id: ThirdPartyId = id.parse().map_err(|_| PageError::NotFound)?;
    let third_party = asking.app.store.find_third_party(id).await?.ok_or(PageError::NotFound)?;
    let level = third_party.level.as_ref().map(|level| level.path.clone());
    let level = level.ok_or(PageError::NotFound)?;
    let object = Object::Nomination { level, originators: Vec::new() };
    asking.may(Action::FileNomination, &object)?;
    Ok(third_party)
}

/// The languages in which a signatory can be written to.
fn languages(texts: &Texts) -> Vec<(String, String)> {
    let option = |tag: &str| (tag.to_owned(), texts.msg(&format!("nomination-language-{tag}")));
    Texts::LANGUAGES.into_iter().map(option).collect()
}

/// One of [`languages`], as it was chosen.
fn language(chosen: &str) -> String {
    Texts::for_locale(chosen).lang()
}

/// Key of the word for a state, and how its mark looks.
const fn state(status: NominationStatus) -> (&'static str, &'static str) {
    match status {
        NominationStatus::Draft => ("nomination-draft", "muted"),
        NominationStatus::Submitted => ("nomination-submitted", "warning"),
        NominationStatus::InReview => ("nomination-in-review", "warning"),
        NominationStatus::Returned => ("nomination-returned", "muted"),
        NominationStatus::Confirmed => ("nomination-confirmed", "good"),
        NominationStatus::Rejected => ("nomination-rejected", "bad"),
        NominationStatus::Withdrawn => ("nomination-withdrawn", "muted"),
    }
}
