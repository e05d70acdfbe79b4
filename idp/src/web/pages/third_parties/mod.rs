//! Third parties, with their levels, subsidiaries and applications: what the operator's staff keep, and what
//! administrators see of their own organisation.

use axum::routing::{get, post};
use portal_core::{id::ThirdPartyId, organisation::ThirdPartyStatus, permission::Action};
use storage::ThirdParty;

use super::route::{
    Guard, Of, PageRoute,
    Verb::{Get, Post},
};
use crate::{
    administration::object_of_third_party,
    texts::Texts,
    web::{asking::Asking, error::PageError},
};

mod confirm;
mod create;
mod edit;
mod filter;
mod form;
mod levels;
mod list;
mod merge;
mod onboarding;
mod status;
mod subsidiaries;
mod tree;
mod view;

const fn asks(action: Action) -> Guard {
    Guard::Asks(action, Of::ThirdParty)
}

const AT_LEVEL: Guard = Guard::Asks(Action::ModifyThirdParty, Of::Level);
const OF_SUBSIDIARY: Guard = Guard::Asks(Action::ModifyThirdParty, Of::Subsidiary);
const CREATE: Guard = Guard::Asks(Action::CreateThirdParty, Of::Everything);
const MODIFY: Guard = asks(Action::ModifyThirdParty);
const SUSPEND: Guard = asks(Action::SuspendThirdParty);
const MERGE: Guard = asks(Action::MergeThirdParty);
const ONBOARD: Guard = asks(Action::OnboardThirdParty);

/// Pages of third parties.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/third-parties",
        guards: &[(Get, Guard::Asks(Action::ViewThirdParty, Of::Level))],
        handler: || get(list::show),
    },
    PageRoute {
        path: "/third-parties/new",
        guards: &[(Get, CREATE), (Post, CREATE)],
        handler: || get(create::show).post(create::submit),
    },
    PageRoute {
        path: "/third-parties/{id}",
        guards: &[(Get, asks(Action::ViewThirdParty))],
        handler: || get(view::show),
    },
    PageRoute {
        path: "/third-parties/{id}/edit",
        guards: &[(Get, MODIFY), (Post, MODIFY)],
        handler: || get(edit::show).post(edit::submit),
    },
    PageRoute {
        path: "/third-parties/{id}/onboard",
        guards: &[(Post, ONBOARD)],
        handler: || post(onboarding::onboard),
    },
    PageRoute {
        path: "/levels/{id}/new",
        guards: &[(Get, AT_LEVEL), (Post, AT_LEVEL)],
        handler: || get(levels::show_new).post(levels::create),
    },
    PageRoute {
        path: "/levels/{id}/rename",
        guards: &[(Get, AT_LEVEL), (Post, AT_LEVEL)],
        handler: || get(levels::show_rename).post(levels::rename),
    },
    PageRoute {
        path: "/levels/{id}/delete",
        guards: &[(Get, AT_LEVEL), (Post, AT_LEVEL)],
        handler: || get(levels::show_delete).post(levels::delete),
    },
    PageRoute {
        path: "/levels/{id}/subsidiaries/new",
        guards: &[(Get, AT_LEVEL), (Post, AT_LEVEL)],
        handler: || get(subsidiaries::show_new).post(subsidiaries::create),
    },
    PageRoute {
        path: "/subsidiaries/{id}/edit",
        guards: &[(Get, OF_SUBSIDIARY), (Post, OF_SUBSIDIARY)],
        handler: || get(subsidiaries::show_edit).post(subsidiaries::modify),
    },
];

/// Pages of what befalls everybody of a third party: an entry and a notice for each person take a while.
pub(super) const TURNS: &[PageRoute] = &[
    PageRoute {
        path: "/third-parties/{id}/offboard",
        guards: &[(Get, ONBOARD), (Post, ONBOARD)],
        handler: || get(onboarding::show_offboard).post(onboarding::offboard),
    },
    PageRoute {
        path: "/third-parties/{id}/suspend",
        guards: &[(Get, SUSPEND), (Post, SUSPEND)],
        handler: || get(status::show_suspend).post(status::suspend),
    },
    PageRoute {
        path: "/third-parties/{id}/reactivate",
        guards: &[(Get, SUSPEND), (Post, SUSPEND)],
        handler: || get(status::show_reactivate).post(status::reactivate),
    },
    PageRoute {
        path: "/third-parties/{id}/close",
        guards: &[(Get, SUSPEND), (Post, SUSPEND)],
        handler: || get(status::show_close).post(status::close),
    },
    PageRoute {
        path: "/third-parties/{id}/merge",
        guards: &[(Get, MERGE), (Post, MERGE)],
        handler: || get(merge::show).post(merge::submit),
    },
];

/// The third party of an address, if the person may do this to it.
async fn load(asking: &Asking, id: &str, action: Action) -> Result<ThirdParty, PageError> {
    let id: ThirdPartyId = id.parse().map_err(|_| PageError::NotFound)?;
    let third_party = asking.app.store.find_third_party(id).await?.ok_or(PageError::NotFound)?;
    asking.may(action, &object_of_third_party(&third_party))?;
    Ok(third_party)
}

/// Key of the word for a state, and how its mark looks.
const fn state(status: ThirdPartyStatus) -> (&'static str, &'static str) {
    match status {
        ThirdPartyStatus::Prospect => ("third-party-prospect", "muted"),
        ThirdPartyStatus::Active => ("third-party-active", "good"),
        ThirdPartyStatus::Orphaned => ("third-party-orphaned", "warning"),
        ThirdPartyStatus::Suspended => ("third-party-suspended", "bad"),
        ThirdPartyStatus::Closed => ("third-party-closed", "muted"),
    }
}

/// The word for a kind; one that is not of ours is shown as it is stored.
fn kind(of: &str, texts: &Texts) -> String {
    match of {
        "bank" => texts.msg("third-party-kind-bank"),
        "group" => texts.msg("third-party-kind-group"),
        "service-provider" => texts.msg("third-party-kind-service-provider"),
        "acquirer" => texts.msg("third-party-kind-acquirer"),
        "authority" => texts.msg("third-party-kind-authority"),
        other => other.to_owned(),
    }
}
