//! The way back to a page from one that has to come first, such as a fresh sign-in: an address of ours, made by us, and
//! checked against the table of pages when it comes in.

use form_urlencoded::byte_serialize;
use portal_core::login::{PageAddress, PortalPage};

use crate::web::pages;

/// The page that a form was on: where it is posted to, or the next above that can be looked at.
pub(super) fn page_of(path: &str, query: Option<&str>) -> String {
    let can_be_seen = |path: &str| pages::is_shown_at(path) && PageAddress::parse(path).is_some();
    if can_be_seen(path) {
        return with_query(path, query);
    }
    let mut next = path;
    loop {
        match next.rsplit_once('/') {
            Some((above, _)) if can_be_seen(above) => return above.to_owned(),
            Some((above, _)) if !above.is_empty() => next = above,
            _ => return PortalPage::of_path(path).path().to_owned(),
        }
    }
}

/// The address of a page, with its query written anew. One that no page of ours has is left out.
pub(super) fn with_query(path: &str, query: Option<&str>) -> String {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let address = PageAddress::parse(&format!("{path}?{query}"));
    address.map_or_else(|| path.to_owned(), |address| address.as_str().to_owned())
}

/// An address as the value of a query.
pub(super) fn encoded(address: &str) -> String {
    byte_serialize(address.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_on_the_page_it_is_posted_to_or_on_the_next_above() {
        for (posted, page) in [
            ("/users/new", "/users/new"),
            ("/users/12/edit", "/users/12/edit"),
            ("/users/12/suspend", "/users/12/suspend"),
            ("/users/12/unlock", "/users/12"),
            ("/users/import/apply", "/users/import"),
            ("/confirmations/12", "/confirmations"),
            ("/nowhere", "/apps"),
        ] {
            assert_eq!(page_of(posted, None), page, "{posted}");
        }
        assert_eq!(page_of("/users/12/edit", Some("a=b c")), "/users/12/edit?a=b+c");
        assert_eq!(page_of("/users/12/unlock", Some("a=b")), "/users/12");
    }

    #[test]
    fn a_query_comes_back_encoded_or_not_at_all() {
        for (query, kept) in [
            (None, ""),
            (Some(""), ""),
            (Some("into=BANK E&x=%C3%A9"), "?into=BANK+E&x=%C3%A9"),
            (Some("to=//evil.example"), "?to=%2F%2Fevil.example"),
            (Some("a=%0d%0aset-cookie:x"), ""),
            (Some("a=%00"), ""),
        ] {
            assert_eq!(with_query("/a", query), format!("/a{kept}"), "{query:?}");
        }
        assert_eq!(with_query("/a", Some(&"b".repeat(2_001))), "/a");
    }
}
