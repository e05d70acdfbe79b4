//! Activation of an account, and the proof of a new address: a page behind a one-time link (O9, O15, E64). To open the
//! link uses nothing up: a mail scanner does that too. The person chooses a password and accepts the terms of use, a
//! code goes to the phone, and the right code uses the link up.

use axum::routing::{get, post};

use super::route::{
    Guard, PageRoute,
    Verb::{Get, Post},
};

mod code;
mod password;
mod waiting;

/// The pages behind the link.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/activate",
        guards: &[(Get, Guard::Public), (Post, Guard::Public)],
        handler: || get(password::show).post(password::submit),
    },
    PageRoute {
        path: "/activate/code",
        guards: &[(Get, Guard::Public), (Post, Guard::Public)],
        handler: || get(code::show).post(code::submit),
    },
    PageRoute {
        path: "/activate/resend",
        guards: &[(Post, Guard::Public)],
        handler: || post(code::resend),
    },
    PageRoute {
        path: "/activate/done",
        guards: &[(Get, Guard::Public)],
        handler: || get(code::done),
    },
];
