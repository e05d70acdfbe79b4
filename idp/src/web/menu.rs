//! The entries of the main navigation that administrators and staff see.

use portal_core::{
    Timestamp,
    permission::{Action, Actor, is_in_sight},
};

/// An entry that is shown when the permission table puts anything in the actor's sight.
struct Entry {
    href: &'static str,
    text: &'static str,
    action: Action,
}

/// In the order in which they are shown.
const ENTRIES: &[Entry] = &[
    Entry { href: "/users", text: "nav-users", action: Action::ViewUser },
    Entry { href: "/confirmations", text: "nav-confirmations", action: Action::ViewConfirmations },
    Entry { href: "/access/matrix", text: "nav-access", action: Action::ExplainAccess },
    Entry { href: "/requests", text: "nav-requests", action: Action::DecideAccessRequest },
    Entry { href: "/reviews", text: "nav-reviews", action: Action::ViewAccessReview },
    Entry { href: "/nominations", text: "nav-nominations", action: Action::ViewNomination },
    Entry { href: "/third-parties", text: "nav-third-parties", action: Action::ViewThirdParty },
    Entry { href: "/applications", text: "nav-applications", action: Action::ViewApplication },
    Entry { href: "/audit", text: "nav-audit", action: Action::ViewAudit },
];

/// An entry as a page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MenuEntry {
    /// Where it leads.
    pub href: &'static str,
    /// Key of its text.
    pub text: &'static str,
}

/// The entries for somebody.
pub fn entries_for(actor: &Actor, now: Timestamp) -> Vec<MenuEntry> {
    ENTRIES
        .iter()
        .filter(|entry| is_in_sight(actor, entry.action, now))
        .map(|entry| MenuEntry { href: entry.href, text: entry.text })
        .collect()
}
