//! The third party for which administrators are to be nominated: found by its name.

use askama::Template;
use axum::response::Response;
use portal_core::permission::{Action, Object};
use serde::Deserialize;
use storage::{ThirdParty, ThirdPartyFilter, ThirdPartyOrder, ThirdPartyPosition};

use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        query::Query,
    },
};

/// Most third parties that are shown: whoever does not find it types more of its name.
const SHOWN: u64 = 20;

/// What is looked for.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    name: String,
}

struct Row {
    id: String,
    name: String,
    lei: String,
}

#[derive(Template)]
#[template(path = "nominations/new.html")]
struct BeginPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    sought: String,
    no_error: Option<String>,
    rows: Vec<Row>,
    /// How many are shown, if there are more.
    left_out: Option<String>,
}

/// `GET /nominations/new`.
pub(super) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    asking.may(Action::FileNomination, &Object::Everything)?;
    let filter = ThirdPartyFilter {
        name: wanted.name.clone(),
        lei: String::new(),
        country: String::new(),
        status: None,
        sight: asking.sight(Action::FileNomination),
    };
    let (order, start) = (ThirdPartyOrder::default(), ThirdPartyPosition::Start);
    let found = asking.app.store.list_third_parties(&filter, order, &start, SHOWN).await?;
    let left_out = found.has_more.then(|| SHOWN.to_string());
    let found = found.rows.into_iter().map(|(one, _)| one);
    chrome::page(&BeginPage {
        t: asking.texts(),
        chrome: asking.chrome("nav-nominations"),
        sought: wanted.name,
        no_error: None,
        left_out,
        rows: found.filter(|one| one.level.is_some()).map(row).collect(),
    })
}

fn row(of: ThirdParty) -> Row {
    Row { id: of.id.to_string(), name: of.legal_name, lei: of.lei.unwrap_or_default() }
}
