//! Where a login leads, as an address.

use portal_core::login::{PortalPage, Target};
use url::form_urlencoded::byte_serialize;

/// The target that address or form of step one names.
pub(super) fn named(request: Option<&str>, page: Option<&str>) -> Option<Target> {
    match (request, page) {
        (Some(id), _) => Some(Target::AuthorizationRequest(id.to_owned())),
        (None, Some(page)) => Some(Target::Page(PortalPage::parse(page))),
        (None, None) => None,
    }
}

/// Where a finished login leads.
pub(super) fn address(target: &Target) -> String {
    match target {
        Target::Page(page) => page.path().to_owned(),
        Target::AuthorizationRequest(id) => format!("/oauth2/authorize?request={}", encoded(id)),
    }
}

/// Step one, leading to the same target.
pub(super) fn restart_address(target: &Target) -> String {
    match target {
        Target::Page(page) => format!("/login?page={}", page.as_str()),
        Target::AuthorizationRequest(id) => format!("/login?request={}", encoded(id)),
    }
}

fn encoded(id: &str) -> String {
    byte_serialize(id.as_bytes()).collect()
}
