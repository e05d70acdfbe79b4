//! Where a login leads, as an address.

use portal_core::{
    Timestamp,
    login::{PageAddress, PortalPage, Target},
};
use url::form_urlencoded::byte_serialize;

use crate::web::visitor::LiveSession;

/// The target that address or form of step one names. A page that asks for a fresh sign-in is named by its address, and
/// is one of ours.
pub(super) fn named(
    request: Option<&str>,
    page: Option<&str>,
    again: Option<&str>,
) -> Option<Target> {
    let again = again.and_then(PageAddress::parse);
    let again = again.filter(|address| super::is_shown_at(address.path()));
    if let (None, Some(address)) = (request, again) {
        return Some(Target::Again(address));
    }
    match (request, page) {
        (Some(id), _) => Some(Target::AuthorizationRequest(id.to_owned())),
        (None, Some(page)) => Some(Target::Page(PortalPage::parse(page))),
        (None, None) => None,
    }
}

/// Whether somebody who is signed in goes on at once: nothing has to be proved again.
pub(super) fn leads_on(target: &Target, live: &LiveSession, now: Timestamp) -> bool {
    match target {
        Target::Page(_) => true,
        Target::Again(_) => live.session.is_fresh_for_form(now),
        Target::AuthorizationRequest(_) => false,
    }
}

/// Where a finished login leads.
pub(super) fn address(target: &Target) -> String {
    match target {
        Target::Page(page) => page.path().to_owned(),
        Target::Again(address) => address.as_str().to_owned(),
        Target::AuthorizationRequest(id) => format!("/oauth2/authorize?request={}", encoded(id)),
    }
}

/// Step one, leading to the same target.
pub(super) fn restart_address(target: &Target) -> String {
    match target {
        Target::Page(page) => format!("/login?page={}", page.as_str()),
        Target::Again(address) => format!("/login?again={}", encoded(address.as_str())),
        Target::AuthorizationRequest(id) => format!("/login?request={}", encoded(id)),
    }
}

fn encoded(id: &str) -> String {
    byte_serialize(id.as_bytes()).collect()
}
