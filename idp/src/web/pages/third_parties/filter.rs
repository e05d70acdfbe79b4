//! What the list was asked for. It all stands in the address.

use axum::http::Uri;
use portal_core::{id::ThirdPartyId, organisation::ThirdPartyStatus, permission::Sight};
use serde::{Deserialize, Serialize};
use storage::{ThirdPartyFilter, ThirdPartyOrder, ThirdPartyPosition, ThirdPartySort};

use crate::web::{asking::Asking, cursor::CursorScope, error::PageError, query};

/// Longest text that is searched for.
const LONGEST: usize = 254;

/// The address of the list, taken apart.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) lei: String,
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    page: String,
}

/// A place in the list, as a cursor carries it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    /// Towards the beginning.
    pub(super) back: bool,
    pub(super) key: String,
    pub(super) third_party: ThirdPartyId,
    /// How many stand before the page.
    pub(super) before: u64,
}

impl Place {
    pub(super) fn position(&self) -> ThirdPartyPosition {
        if self.back {
            ThirdPartyPosition::Before(self.key.clone(), self.third_party)
        } else {
            ThirdPartyPosition::After(self.key.clone(), self.third_party)
        }
    }
}

/// The columns that can be sorted by, with their names in addresses and the keys of their words.
pub(super) const COLUMNS: [(&str, ThirdPartySort, &str); 4] = [
    ("name", ThirdPartySort::LegalName, "third-parties-legal-name"),
    ("country", ThirdPartySort::Country, "third-parties-country"),
    ("lei", ThirdPartySort::Lei, "third-parties-lei"),
    ("state", ThirdPartySort::Status, "third-parties-state"),
];

impl Wanted {
    /// A query that cannot be read is refused.
    pub(super) fn read(uri: &Uri) -> Result<Self, PageError> {
        let mut wanted: Self = query::read(uri)?;
        for field in [&mut wanted.name, &mut wanted.lei] {
            if field.len() > LONGEST || field.chars().any(char::is_control) {
                return Err(PageError::BadRequest);
            }
            *field = field.trim().to_owned();
        }
        Ok(wanted)
    }

    pub(super) fn order(&self) -> ThirdPartyOrder {
        let by = COLUMNS.iter().find(|(name, ..)| *name == self.sort);
        let by = by.map_or_else(ThirdPartySort::default, |(_, by, _)| *by);
        ThirdPartyOrder { by, descending: self.order == "descending" }
    }

    pub(super) fn filter(&self, sight: Sight) -> ThirdPartyFilter {
        ThirdPartyFilter {
            name: self.name.clone(),
            lei: self.lei.to_ascii_uppercase(),
            country: String::new(),
            status: ThirdPartyStatus::parse(&self.state),
            sight,
        }
    }

    pub(super) fn is_filtered(&self) -> bool {
        [&self.name, &self.lei, &self.state].iter().any(|text| !text.is_empty())
    }

    /// The place that the address names, if it was made for this person, filter and order.
    pub(super) fn place(&self, asking: &Asking) -> Option<Place> {
        scope(asking, &self.bound_to()).read(&asking.app, &self.page)
    }

    /// The address of the page at a place.
    pub(super) fn address_at(&self, asking: &Asking, place: &Place) -> String {
        let cursor = scope(asking, &self.bound_to()).write(&asking.app, place);
        self.address(&self.sort, &self.order, &cursor)
    }

    /// The address of the first page in an order.
    pub(super) fn address_sorted(&self, sort: &str, order: &str) -> String {
        self.address(sort, order, "")
    }

    fn bound_to(&self) -> String {
        [&self.name, &self.lei, &self.state, &self.sort, &self.order].map(String::as_str).join("\n")
    }

    fn address(&self, sort: &str, order: &str, page: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("name", self.name.as_str()),
            ("lei", &self.lei),
            ("state", &self.state),
            ("sort", sort),
            ("order", order),
            ("page", page),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() {
            "/third-parties".to_owned()
        } else {
            format!("/third-parties?{query}")
        }
    }
}

/// What a cursor of this list is bound to.
fn scope<'a>(asking: &Asking, filter: &'a str) -> CursorScope<'a> {
    CursorScope { list: "third-parties", actor: asking.who.account.user.id, filter }
}
