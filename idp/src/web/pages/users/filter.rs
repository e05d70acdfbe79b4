//! What the list was asked for: level, group, four fields, order, page. It all stands in the address.

use axum::http::Uri;
use portal_core::{
    id::{GroupId, UserId},
    organisation::Level,
    permission::Sight,
    phone::PhoneSearch,
};
use serde::{Deserialize, Serialize};
use storage::{UserOrder, UserPosition, UserSearch, UserSort};

use crate::{
    App,
    texts::Texts,
    web::{
        asking::Asking,
        cursor::CursorScope,
        error::PageError,
        level_choice::{self, LevelChoice},
        query,
    },
};

/// Longest text that is searched for.
const LONGEST: usize = 254;

/// The address of the list, taken apart.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) level: String,
    #[serde(default)]
    pub(super) level_name: String,
    #[serde(default)]
    pub(super) membership: String,
    #[serde(default)]
    pub(super) first_name: String,
    #[serde(default)]
    pub(super) last_name: String,
    #[serde(default)]
    pub(super) email: String,
    #[serde(default)]
    pub(super) phone_number: String,
    #[serde(default)]
    pub(super) sort: String,
    #[serde(default)]
    pub(super) order: String,
    #[serde(default)]
    pub(super) page: String,
    #[serde(default)]
    pub(super) done: String,
    #[serde(default)]
    pub(super) count: String,
}

/// A place in the list, as a cursor carries it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    /// Towards the beginning.
    back: bool,
    key: String,
    user: UserId,
    /// How many users stand before the page.
    pub(super) before: u64,
}

impl Place {
    pub(super) fn new(back: bool, (key, user): (String, UserId), before: u64) -> Self {
        Self { back, key, user, before }
    }

    pub(super) fn position(&self) -> UserPosition {
        if self.back {
            UserPosition::Before(self.key.clone(), self.user)
        } else {
            UserPosition::After(self.key.clone(), self.user)
        }
    }
}

/// The columns with their names in addresses.
pub(super) const COLUMNS: [(&str, UserSort); 4] = [
    ("first_name", UserSort::FirstName),
    ("last_name", UserSort::LastName),
    ("email", UserSort::Email),
    ("phone_number", UserSort::Phone),
];

impl Wanted {
    /// Trims what was typed; what nobody types is refused.
    fn check(mut self) -> Result<Self, PageError> {
        for field in [
            &mut self.level_name,
            &mut self.first_name,
            &mut self.last_name,
            &mut self.email,
            &mut self.phone_number,
        ] {
            if field.len() > LONGEST || field.chars().any(char::is_control) {
                return Err(PageError::BadRequest);
            }
            *field = field.trim().to_owned();
        }
        Ok(self)
    }

    pub(super) fn order(&self) -> UserOrder {
        let by = COLUMNS.iter().find(|(name, _)| *name == self.sort);
        let by = by.map_or_else(UserSort::default, |(_, sort)| *sort);
        UserOrder { by, descending: self.order == "descending" }
    }

    pub(super) fn is_filtered(&self) -> bool {
        self.filter_text() != Self::default().filter_text()
    }

    /// The level that was chosen, within sight; `None` for Root.
    pub(super) async fn find_level(
        &self,
        app: &App,
        sight: &Sight,
    ) -> Result<Option<Level>, PageError> {
        level_choice::find_chosen(app, sight, &self.level).await
    }

    /// The levels to choose from. One that was named is found, and chosen from then on.
    pub(super) async fn levels(
        &mut self,
        app: &App,
        sight: &Sight,
        texts: &Texts,
    ) -> Result<LevelChoice, PageError> {
        LevelChoice::load(app, sight, (&mut self.level, &self.level_name), texts).await
    }

    /// The search. A number that is none finds nobody; the page says so at the field.
    pub(super) fn search(&self, within: Sight) -> Result<UserSearch, PageError> {
        let group = if self.membership.is_empty() {
            None
        } else {
            Some(self.membership.parse::<GroupId>().map_err(|_| PageError::NotFound)?)
        };
        Ok(UserSearch {
            within,
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            email: self.email.clone(),
            phone: PhoneSearch::parse(&self.phone_number),
            group,
        })
    }

    /// What was done just before: somebody was deleted, or a file was applied.
    pub(super) fn done(&self, texts: &Texts) -> Option<String> {
        let key = match self.done.as_str() {
            "deleted" => "users-done-deleted",
            "imported" => "users-done-imported",
            "imported-unsent" => "users-done-imported-unsent",
            "memberships-imported" => "users-done-memberships-imported",
            _ => return None,
        };
        let count: u16 = self.count.parse().unwrap_or_default();
        Some(texts.msg1(key, "count", &count.to_string()))
    }

    /// The fields that narrow the list, by their names: what the trail keeps of a search without what was searched.
    pub(super) fn fields_in_use(&self) -> Vec<&'static str> {
        [
            ("level", &self.level),
            ("membership", &self.membership),
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("email", &self.email),
            ("phone_number", &self.phone_number),
        ]
        .into_iter()
        .filter_map(|(name, value)| (!value.is_empty()).then_some(name))
        .collect()
    }

    /// The address of the same list as a file.
    pub(super) fn address_of_file(&self) -> String {
        self.address(&self.sort, &self.order, "").replacen("/users", "/users/export", 1)
    }

    pub(super) fn phone_is_odd(&self) -> bool {
        !self.phone_number.is_empty() && PhoneSearch::parse(&self.phone_number).is_none()
    }

    /// The place that the address names, if it was made for this person, filter and order.
    pub(super) fn place(&self, asking: &Asking) -> Option<Place> {
        let filter = self.bound_to();
        scope(asking, &filter).read(&asking.app, &self.page)
    }

    /// The address of the page at a place.
    pub(super) fn address_at(&self, asking: &Asking, place: &Place) -> String {
        let filter = self.bound_to();
        let cursor = scope(asking, &filter).write(&asking.app, place);
        self.address(&self.sort, &self.order, &cursor)
    }

    /// The address of the first page in an order.
    pub(super) fn address_sorted(&self, sort: &str, order: &str) -> String {
        self.address(sort, order, "")
    }

    fn bound_to(&self) -> String {
        format!("{}\n{}\n{}", self.filter_text(), self.sort, self.order)
    }

    fn filter_text(&self) -> String {
        [
            &self.level,
            &self.level_name,
            &self.membership,
            &self.first_name,
            &self.last_name,
            &self.email,
            &self.phone_number,
        ]
        .map(String::as_str)
        .join("\n")
    }

    /// The query of the page that is looked at.
    pub(super) fn own_query(&self) -> String {
        self.query(&self.sort, &self.order, &self.page)
    }

    fn address(&self, sort: &str, order: &str, page: &str) -> String {
        let query = self.query(sort, order, page);
        if query.is_empty() { "/users".to_owned() } else { format!("/users?{query}") }
    }

    fn query(&self, sort: &str, order: &str, page: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("level", self.level.as_str()),
            ("level_name", &self.level_name),
            ("membership", &self.membership),
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("email", &self.email),
            ("phone_number", &self.phone_number),
            ("sort", sort),
            ("order", order),
            ("page", page),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

/// A query that cannot be read is refused.
pub(super) fn read(uri: &Uri) -> Result<Wanted, PageError> {
    query::read::<Wanted>(uri)?.check()
}

/// What a cursor of this list is bound to.
fn scope<'a>(asking: &Asking, filter: &'a str) -> CursorScope<'a> {
    CursorScope { list: "users", actor: asking.who.account.user.id, filter }
}
