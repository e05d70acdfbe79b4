//! Pages as data: where each is, and what the permission table is asked before it does anything. The router is made
//! from these tables, and so is the test that walks every route with every role.

use std::sync::Arc;

use axum::{http::Method, routing::MethodRouter};
use portal_core::permission::Action;

use crate::App;

/// A page.
pub struct PageRoute {
    /// Its address; `{id}` stands for what [`Of`] says.
    pub path: &'static str,
    /// What it takes, and who may.
    pub guards: &'static [(Verb, Guard)],
    /// What answers it.
    pub handler: fn() -> MethodRouter<Arc<App>>,
}

impl PageRoute {
    /// Whether a path is one of this page; `{…}` stands for any name.
    pub fn is_at(&self, path: &str) -> bool {
        let (mut names, mut parts) = (self.path.split('/'), path.split('/'));
        loop {
            match (names.next(), parts.next()) {
                (None, None) => return true,
                (Some(name), Some(part)) if name == part || name.starts_with('{') => {}
                _ => return false,
            }
        }
    }

    /// What the permission table is asked before it does anything by that method, and of what; `None` where it is asked
    /// nothing.
    pub fn asked_by(&self, method: &Method) -> Option<(Action, Of)> {
        let verb = if *method == Method::POST { Verb::Post } else { Verb::Get };
        self.guards.iter().find_map(|(of, guard)| match guard {
            Guard::Asks(action, on) if *of == verb => Some((*action, *on)),
            Guard::Asks(..) | Guard::Public => None,
        })
    }

    /// Whether it can be looked at.
    pub fn is_shown(&self) -> bool {
        self.guards.iter().any(|(verb, _)| *verb == Verb::Get)
    }
}

/// A method that pages take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Look.
    Get,
    /// Change something.
    Post,
}

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody: the page proves by itself what it needs, such as a one-time link.
    Public,
    /// Whom the permission table allows this.
    Asks(Action, Of),
}

/// What the action is asked of: what `{id}` in the address names, or what needs no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The signed-in person.
    Oneself,
    /// A person.
    User,
    /// An application at a level, or a person's access to it, named by something of its own.
    Access,
    /// A level: that of `{id}`, or any that is in sight.
    Level,
    /// A third party.
    ThirdParty,
    /// A subsidiary, by its level.
    Subsidiary,
    /// A nomination.
    Nomination,
    /// An application, named by its code.
    Application,
    /// Everything.
    Everything,
}
