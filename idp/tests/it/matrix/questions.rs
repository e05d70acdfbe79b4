//! What the permission table is asked before a page answers, and which status follows from what it decides.

use axum::http::StatusCode;
use portal_core::{
    organisation::LevelPath,
    permission::{
        Action, Actor, Decision, Denial, Object, Sight, application_sight, decide, sight,
    },
};

use crate::harness::START;

/// What is asked.
#[derive(Clone)]
pub(super) enum Question {
    /// There is no such object.
    Nothing,
    /// There is no such object, and the right is that over all of them: it is asked before any is looked for.
    NothingOfAll(Action),
    /// One of these has to be allowed.
    AnyOf(Vec<(Action, Object)>),
    /// A list of what is in sight.
    Levels(Action, Chosen),
    /// A list of what belongs to the applications in sight.
    Applications(Action),
}

/// The level that a list was asked for.
#[derive(Clone)]
pub(super) enum Chosen {
    /// None: all that is in sight.
    All,
    /// This one.
    Level(LevelPath),
    /// One that there is not.
    Unknown,
}

/// What has to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// The request is let through, whatever becomes of it then.
    Through,
    /// The object is in sight, but this is not allowed.
    Forbidden,
    /// The object is out of sight.
    NotFound,
    /// A page about no object, for nobody of this kind: there is nothing whose existence the status could tell.
    Refused,
}

impl Question {
    /// What the table decides for somebody.
    pub(super) fn expected(&self, actor: &Actor) -> Expected {
        match self {
            Self::Nothing => Expected::NotFound,
            Self::NothingOfAll(action) => {
                match Self::AnyOf(vec![(*action, Object::Everything)]).expected(actor) {
                    Expected::Through => Expected::NotFound,
                    refused => refused,
                }
            }
            Self::AnyOf(asked) => {
                let decided: Vec<Decision> = asked
                    .iter()
                    .map(|(action, object)| decide(actor, *action, object, START))
                    .collect();
                if decided.iter().any(|one| one.is_allowed()) {
                    Expected::Through
                } else if decided.iter().all(|one| *one == Decision::Deny(Denial::NotFound)) {
                    Expected::NotFound
                } else {
                    Expected::Forbidden
                }
            }
            Self::Levels(action, chosen) => of_levels(&sight(actor, *action, START), chosen),
            Self::Applications(action) if application_sight(actor, *action, START).is_empty() => {
                Expected::Refused
            }
            Self::Applications(_) => Expected::Through,
        }
    }
}

fn of_levels(sight: &Sight, chosen: &Chosen) -> Expected {
    match chosen {
        _ if sight.is_empty() => Expected::Refused,
        Chosen::Unknown => Expected::NotFound,
        Chosen::Level(level) if !sight.includes(level) => Expected::NotFound,
        _ => Expected::Through,
    }
}

impl Expected {
    /// Whether a status says so.
    pub(super) fn is(self, status: StatusCode) -> bool {
        let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
        match self {
            Self::Through => !refused.contains(&status) && !status.is_server_error(),
            Self::Forbidden => status == StatusCode::FORBIDDEN,
            Self::NotFound => status == StatusCode::NOT_FOUND,
            Self::Refused => refused.contains(&status) && status != StatusCode::UNAUTHORIZED,
        }
    }
}
