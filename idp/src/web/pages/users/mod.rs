//! User Management (manual §3): the list of users, and what is done with one of them.

use axum::{
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use portal_core::{
    id::ApplicationId,
    permission::{Action, Actor, DelegatedRole, Object},
};
use storage::Account;

use super::route::{
    Guard, Of, PageRoute,
    Verb::{Get, Post},
};
use crate::{
    administration::{access_of, object_of},
    web::{asking::Asking, imports::BODY_LIMIT},
};

mod came_from;
mod create;
mod delete;
mod edit;
mod export;
mod filter;
mod form;
mod import;
mod list;
mod pending_address;
mod place;
mod row;
mod state;
mod status;
mod suspend;
mod view;

pub(super) use came_from::CameFrom;

const fn asks(action: Action) -> Guard {
    Guard::Asks(action, Of::User)
}

const CREATES: Guard = Guard::Asks(Action::CreateUser, Of::Level);

/// Pages of User Management.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/users",
        guards: &[(Get, Guard::Asks(Action::ViewUser, Of::Level))],
        handler: || get(list::show),
    },
    PageRoute {
        path: "/users/new",
        guards: &[(Get, CREATES), (Post, CREATES)],
        handler: || get(create::show).post(create::submit),
    },
    PageRoute {
        path: "/users/import",
        guards: &[(Get, CREATES), (Post, CREATES)],
        handler: || {
            let page = get(import::show).post(import::check);
            page.layer(DefaultBodyLimit::max(BODY_LIMIT))
        },
    },
    PageRoute {
        path: "/users/import/apply",
        guards: &[(Post, CREATES)],
        handler: || post(import::apply).layer(DefaultBodyLimit::max(BODY_LIMIT)),
    },
    PageRoute {
        path: "/users/import/template",
        guards: &[(Get, CREATES)],
        handler: || get(import::template),
    },
    PageRoute {
        path: "/users/export",
        guards: &[(Get, Guard::Asks(Action::ExportUsers, Of::Level))],
        handler: || get(export::download),
    },
    PageRoute {
        path: "/users/{id}",
        guards: &[(Get, asks(Action::ViewUser))],
        handler: || get(view::show),
    },
    PageRoute {
        path: "/users/{id}/edit",
        // Details and each role are asked on their own.
        guards: &[(Get, asks(Action::ViewUser)), (Post, asks(Action::ViewUser))],
        handler: || get(edit::show).post(edit::submit),
    },
    PageRoute {
        path: "/users/{id}/delete",
        guards: &[(Get, asks(Action::DeleteUser)), (Post, asks(Action::DeleteUser))],
        handler: || get(delete::show).post(delete::submit),
    },
    PageRoute {
        path: "/users/{id}/suspend",
        guards: &[(Get, asks(Action::SuspendUser)), (Post, asks(Action::SuspendUser))],
        handler: || get(suspend::show).post(suspend::submit),
    },
    PageRoute {
        path: "/users/{id}/withdraw-address",
        guards: &[(Post, asks(Action::ModifyUser))],
        handler: || post(pending_address::withdraw),
    },
    PageRoute {
        path: "/users/{id}/reinstate",
        guards: &[(Post, asks(Action::SuspendUser))],
        handler: || post(state::reinstate),
    },
    PageRoute {
        path: "/users/{id}/unlock",
        guards: &[(Post, asks(Action::UnlockUser))],
        handler: || post(state::unlock),
    },
    PageRoute {
        path: "/users/{id}/resend",
        guards: &[(Post, asks(Action::ResendActivation))],
        handler: || post(state::resend),
    },
];

/// Whether somebody may go on, with a reason, when nobody is left to administer (O4).
fn may_orphan(asking: &Asking, account: &Account) -> bool {
    asking.is_allowed(Action::OrphanThirdParty, &Object::Level(account.level.path.clone()))
}

/// What somebody may do with a user, for buttons and icons. Each is asked again when it is done.
#[expect(clippy::struct_excessive_bools, reason = "each is a button of its own")]
#[derive(Clone, Copy, Debug, Default)]
struct Rights {
    modify: bool,
    roles: bool,
    delete: bool,
    assign: bool,
    suspend: bool,
    unlock: bool,
    resend: bool,
    staff: bool,
}

impl Rights {
    fn over(asking: &Asking, account: &Account) -> Self {
        let may = |action: Action, object: &Object| asking.is_allowed(action, object);
        let user = object_of(account);
        let in_third_party = account.third_party.is_some();
        let applications = applications_of(&asking.who.actor);
        let access = |action: Action| {
            let mut accesses = applications.iter().map(|id| access_of(account, *id, true));
            in_third_party && accesses.any(|access| may(action, &access))
        };
        Self {
            modify: may(Action::ModifyUser, &user),
            roles: (in_third_party && may(Action::GrantUserAdministrator, &user))
                || access(Action::GrantAccessAdministrator),
            delete: may(Action::DeleteUser, &user),
            assign: access(Action::AssignMembership),
            suspend: may(Action::SuspendUser, &user),
            unlock: may(Action::UnlockUser, &user),
            resend: may(Action::ResendActivation, &user),
            staff: !in_third_party && may(Action::GrantStaffRole, &user),
        }
    }

    const fn edit(self) -> bool {
        self.modify || self.roles
    }
}

/// The applications that somebody's rights could be for; for staff, whose rights are for all, any.
fn applications_of(actor: &Actor) -> Vec<ApplicationId> {
    let mut applications = vec![ApplicationId(uuid::Uuid::nil())];
    if let Actor::Person { roles, .. } = actor {
        applications.extend(roles.iter().filter_map(|role| match role {
            DelegatedRole::AccessAdministrator { application, .. } => Some(*application),
            DelegatedRole::UserAdministrator { .. } => None,
        }));
    }
    applications
}
