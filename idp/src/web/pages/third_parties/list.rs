//! The list of third parties.

use askama::Template;
use axum::{http::Uri, response::Response};
use portal_core::{
    organisation::ThirdPartyStatus,
    permission::{Action, Object},
};
use storage::{Found, ThirdParty, ThirdPartyOrder, ThirdPartyPosition, ThirdPartyRows};

use super::filter::{COLUMNS, Place, Wanted};
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        columns::ColumnHead,
        error::PageError,
    },
};

/// Third parties on one page.
const PAGE: u64 = 25;
/// They are counted up to this.
const COUNTED: u64 = 1_000;

struct RowView {
    id: String,
    legal_name: String,
    short_name: String,
    kind: String,
    country: String,
    lei: String,
    state: String,
    mark: &'static str,
}

#[derive(Template)]
#[template(path = "third-parties/list.html")]
struct ListPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    wanted: &'a Wanted,
    states: Vec<(String, String)>,
    no_error: Option<String>,
    heads: Vec<ColumnHead>,
    rows: Vec<RowView>,
    count: String,
    is_filtered: bool,
    may_create: bool,
    previous: Option<String>,
    next: Option<String>,
}

/// A page of the list, as it was found.
struct FoundPage {
    found: ThirdPartyRows,
    /// How many stand before it.
    before: u64,
    is_back: bool,
}

/// `GET /third-parties`.
pub(super) async fn show(asking: Asking, uri: Uri) -> Result<Response, PageError> {
    let seen = asking.sight(Action::ViewThirdParty);
    if seen.is_empty() {
        return Err(PageError::Forbidden);
    }
    let wanted = Wanted::read(&uri)?;
    let (filter, place) = (wanted.filter(seen), wanted.place(&asking));
    let position = place.as_ref().map_or(ThirdPartyPosition::Start, Place::position);
    let order = wanted.order();
    let page = FoundPage {
        found: asking.app.store.list_third_parties(&filter, order, &position, PAGE).await?,
        before: place.map_or(0, |place| place.before),
        is_back: matches!(position, ThirdPartyPosition::Before(..)),
    };
    let total = asking.app.store.count_third_parties(&filter, COUNTED).await?;
    let texts = asking.texts();
    let (previous, next) = page.neighbours(&asking, &wanted);
    chrome::page(&ListPage {
        t: texts,
        chrome: asking.chrome("nav-third-parties"),
        states: states(texts),
        no_error: None,
        heads: heads(&wanted, order, texts),
        rows: page.found.rows.iter().map(|(row, _)| row_view(row, texts)).collect(),
        count: page.count(total, texts),
        is_filtered: wanted.is_filtered(),
        may_create: asking.is_allowed(Action::CreateThirdParty, &Object::Everything),
        previous,
        next,
        wanted: &wanted,
    })
}

impl FoundPage {
    /// The addresses of the pages before and after.
    fn neighbours(&self, asking: &Asking, wanted: &Wanted) -> (Option<String>, Option<String>) {
        let rows = &self.found.rows;
        let shown = rows.len() as u64;
        let has_previous = if self.is_back { self.found.has_more } else { self.before > 0 };
        let has_next = self.is_back || self.found.has_more;
        let at = |(row, key): &(ThirdParty, String), back: bool, before: u64| {
            let place = Place { back, key: key.clone(), third_party: row.id, before };
            wanted.address_at(asking, &place)
        };
        let previous = rows.first().filter(|_| has_previous);
        let next = rows.last().filter(|_| has_next);
        (
            previous.map(|first| at(first, true, self.before.saturating_sub(PAGE))),
            next.map(|last| at(last, false, self.before + shown)),
        )
    }

    /// "1 - 25 of 134", or "of 1000+".
    fn count(&self, total: Found, texts: &Texts) -> String {
        let shown = self.found.rows.len() as u64;
        let total = match total {
            Found::Exactly(count) => count.to_string(),
            Found::MoreThan(count) => format!("{count}+"),
        };
        let (from, to) = ((self.before + 1).to_string(), (self.before + shown).to_string());
        texts.msg_with("third-parties-count", [("from", &*from), ("to", &to), ("total", &total)])
    }
}

fn states(texts: &Texts) -> Vec<(String, String)> {
    let all = (String::new(), texts.msg("third-parties-all-states"));
    let states = ThirdPartyStatus::ALL
        .map(|status| (status.as_str().to_owned(), texts.msg(super::state(status).0)));
    std::iter::once(all).chain(states).collect()
}

fn heads(wanted: &Wanted, order: ThirdPartyOrder, texts: &Texts) -> Vec<ColumnHead> {
    COLUMNS
        .iter()
        .map(|(name, by, key)| {
            let state = (order.by == *by, order.descending);
            ColumnHead::of(texts.msg(key), state, |order| wanted.address_sorted(name, order))
        })
        .collect()
}

fn row_view(of: &ThirdParty, texts: &Texts) -> RowView {
    let (state, mark) = super::state(of.status);
    RowView {
        id: of.id.to_string(),
        legal_name: of.legal_name.clone(),
        short_name: of.level.as_ref().map(|level| level.name.clone()).unwrap_or_default(),
        kind: super::kind(&of.kind, texts),
        country: of.country.clone(),
        lei: of.lei.clone().unwrap_or_default(),
        state: texts.msg(state),
        mark,
    }
}
