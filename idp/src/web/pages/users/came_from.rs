//! The list of users as somebody looked at it. The pages that are opened from a row carry it along, and lead back to the
//! same filter, order and page.

use axum::{
    extract::FromRequestParts,
    http::{Uri, request::Parts},
};
use serde::Deserialize;

use super::filter::{self, Wanted};
use crate::web::{error::PageError, form::OwnForm, query, way_back::encoded};

/// Longest query that is carried along, in bytes. With a longer one the list begins anew.
const LONGEST: usize = 1_500;

/// The query of the list, as its own filter reads and writes it: never an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::web::pages) struct CameFrom(String);

/// Where it stands in the address of a page.
#[derive(Deserialize)]
struct Carried {
    #[serde(default)]
    from: String,
}

impl<S: Sync> FromRequestParts<S> for CameFrom {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let Carried { from } = query::read(&parts.uri)?;
        Ok(Self::read(&from))
    }
}

impl CameFrom {
    /// The list as it is shown.
    pub(super) fn of(wanted: &Wanted) -> Self {
        let query = wanted.own_query();
        if query.len() > LONGEST { Self::default() } else { Self(query) }
    }

    /// From a form of a page that was opened from the list.
    pub(in crate::web::pages) fn of_form(form: &OwnForm) -> Self {
        Self::read(form.get("from"))
    }

    /// What the list itself would not ask for leads to its beginning.
    fn read(query: &str) -> Self {
        let address = format!("/users?{query}").parse::<Uri>().ok();
        let wanted = address.and_then(|address| filter::read(&address).ok());
        wanted.as_ref().map(Self::of).unwrap_or_default()
    }

    /// What a form carries.
    pub(in crate::web::pages) fn query(&self) -> &str {
        &self.0
    }

    /// The address of the list.
    pub(in crate::web::pages) fn list(&self) -> String {
        joined("/users", &self.0)
    }

    /// The address of the list, which says what was done.
    pub(super) fn list_after(&self, done: &str) -> String {
        joined(&self.list(), &format!("done={done}"))
    }

    /// The address of a page of ours, which carries this along.
    pub(in crate::web::pages) fn with(&self, address: &str) -> String {
        if self.0.is_empty() {
            return address.to_owned();
        }
        joined(address, &format!("from={}", encoded(&self.0)))
    }

    /// The address of what is done with a user, `rest` being its end.
    pub(in crate::web::pages) fn to_user(&self, user: &str, rest: &str) -> String {
        self.with(&format!("/users/{user}{rest}"))
    }
}

fn joined(address: &str, query: &str) -> String {
    match query {
        "" => address.to_owned(),
        query if address.contains('?') => format!("{address}&{query}"),
        query => format!("{address}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_list_asks_for_is_carried_along() {
        for (typed, kept) in [
            ("", ""),
            ("first_name=J%C3%B6rg&sort=email", "first_name=J%C3%B6rg&sort=email"),
            ("page=abc.def&last_name=O%27Neill+x", "last_name=O%27Neill+x&page=abc.def"),
            ("done=deleted&count=7&from=x", ""),
            ("first_name=%00", ""),
            ("//evil.example", ""),
            ("https://evil.example/?first_name=a", ""),
            ("first_name=a#/../evil", "first_name=a"),
            ("first_name=a\r\nset-cookie:x", ""),
        ] {
            assert_eq!(CameFrom::read(typed).query(), kept, "{typed}");
        }
        let long = format!("first_name={0}&last_name={0}", "%C3%A9".repeat(127));
        assert_eq!(CameFrom::read(&long), CameFrom::default());
    }

    #[test]
    fn a_page_leads_back_to_the_list_as_it_was() {
        let from = CameFrom::read("last_name=Perry&sort=email");
        assert_eq!(from.list(), "/users?last_name=Perry&sort=email");
        assert_eq!(from.list_after("deleted"), "/users?last_name=Perry&sort=email&done=deleted");
        assert_eq!(
            from.with("/users/7?done=saved"),
            "/users/7?done=saved&from=last_name%3DPerry%26sort%3Demail"
        );
        let none = CameFrom::default();
        assert_eq!([none.list(), none.with("/users/7/edit")], ["/users", "/users/7/edit"]);
        assert_eq!(none.list_after("deleted"), "/users?done=deleted");
    }
}
