//! The query of a page's address. It is checked as a whole before any page sees a word of it: what nobody types reaches
//! neither a search nor the database.

use axum::{
    extract::FromRequestParts,
    http::{Uri, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::web::error::PageError;

/// Longest value, in bytes: that of a place in a list.
const LONGEST: usize = 2_000;

/// A query, read into its fields.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        read(&parts.uri).map(Self)
    }
}

/// Reads the query of an address.
///
/// # Errors
/// [`PageError::BadRequest`] for one that cannot be read, and for control characters or a value that is longer than any.
pub fn read<T: DeserializeOwned>(uri: &Uri) -> Result<T, PageError> {
    let query = uri.query().unwrap_or_default().as_bytes();
    let is_odd = |text: &str| text.len() > LONGEST || text.chars().any(char::is_control);
    if form_urlencoded::parse(query).any(|(name, value)| is_odd(&name) || is_odd(&value)) {
        return Err(PageError::BadRequest);
    }
    let read = axum_extra::extract::Query::try_from_uri(uri);
    read.map(|axum_extra::extract::Query(fields)| fields).map_err(|_| PageError::BadRequest)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Fields {
        name: String,
        count: Option<u8>,
    }

    fn fields(query: &str) -> Result<Fields, PageError> {
        read(&format!("/page?{query}").parse().unwrap())
    }

    #[test]
    fn a_query_is_read_as_it_was_typed() {
        let read = fields("name=O%27Neill+%C3%A9&count=&other=x");
        assert_eq!(read, Ok(Fields { name: "O'Neill é".to_owned(), count: None }));
    }

    #[test]
    fn what_nobody_types_is_refused_wherever_it_stands() {
        let long = format!("name={}", "a".repeat(LONGEST + 1));
        for query in [
            "name=%00",
            "name=a%0Ab",
            "name=%C2%85",
            "name=a&other=%00",
            "name=a&%00=b",
            &long,
            "count=1",
            "name=a&count=x",
        ] {
            assert_eq!(fields(query), Err(PageError::BadRequest), "{query}");
        }
    }
}
