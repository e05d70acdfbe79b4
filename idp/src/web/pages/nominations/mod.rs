//! Nominations: the operator's work queue, and what staff decide (O1).

use axum::routing::{get, post};
use portal_core::{
    id::NominationId,
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
    App,
    web::{error::PageError, visitor::SignedIn},
};

mod decide;
mod list;
mod view;

const REFUSE: Guard = Guard::Asks(Action::RefuseNomination, Of::Nomination);

/// Pages of nominations.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/nominations",
        guards: &[(Get, Guard::Asks(Action::ViewNomination, Of::Everything))],
        handler: || get(list::show),
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
        path: "/nominations/{id}/reject",
        guards: &[(Post, REFUSE)],
        handler: || post(decide::reject),
    },
    PageRoute {
        path: "/nominations/{id}/withdraw",
        guards: &[(Post, REFUSE)],
        handler: || post(decide::withdraw),
    },
];

/// A nomination with its third party, as the person may see it.
struct Seen {
    nomination: Nomination,
    third_party: ThirdParty,
    object: Object,
}

/// The nomination of an address, if the person may do this to it.
async fn load(app: &App, who: &SignedIn, id: &str, action: Action) -> Result<Seen, PageError> {
    let id: NominationId = id.parse().map_err(|_| PageError::NotFound)?;
    let nomination = app.store.find_nomination(id).await?.ok_or(PageError::NotFound)?;
    let third_party = app.store.find_third_party(nomination.third_party).await?;
    let third_party = third_party.ok_or(PageError::NotFound)?;
    let confirmed = app.store.list_confirmations(id).await?;
    let confirmed = confirmed.iter().map(|confirmation| confirmation.by);
    let originators = nomination.filed_by.into_iter().chain(confirmed).collect();
    let level = third_party.level.as_ref().map(|level| level.path.clone());
    let level = level.unwrap_or_else(LevelPath::root);
    let object = Object::Nomination { level, originators };
    who.may(app, action, &object)?;
    Ok(Seen { nomination, third_party, object })
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
