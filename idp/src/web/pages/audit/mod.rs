//! The audit trail for those who may read it (O20): by level, filtered, and as a file.

mod download;
mod filter;
mod list;

use axum::routing::{get, post};
use portal_core::permission::Action;

use super::route::{Guard, Of, PageRoute, Verb};

/// The list, and the files.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/audit",
        guards: &[(Verb::Get, Guard::Asks(Action::ViewAudit, Of::Level))],
        handler: || get(list::show),
    },
    PageRoute {
        path: "/audit/export",
        guards: &[(Verb::Post, Guard::Asks(Action::ExportAudit, Of::Level))],
        handler: || post(download::submit),
    },
];
