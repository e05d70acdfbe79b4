//! What the form of a user's permissions sends.

use std::collections::BTreeMap;

use super::{paging::PerPage, parameter};
use crate::level::Level;

/// Rows that fit a page of the form ("Auto").
const AUTO_ROWS: i64 = 8;

/// A level that was set but not saved: what the page showed, and what it was set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Staged {
    pub(crate) was: Level,
    pub(crate) level: Level,
}

/// The form, or its state when the page is opened.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Version of the account that the page showed.
    pub(crate) version: i64,
    /// What the selector says.
    pub(crate) chosen_type: Option<i64>,
    /// What the rows belong to.
    pub(crate) current_type: Option<i64>,
    /// Differences by institution, from all pages.
    pub(crate) staged: BTreeMap<i64, Staged>,
    pub(crate) page: i64,
    pub(crate) per_page: PerPage,
    /// "Show all", or only institutions with access (domain.md O23).
    pub(crate) shows_all: bool,
    /// "Set all shown to" this level.
    pub(crate) set_all: Option<Level>,
    action: String,
}

impl Sent {
    /// The state of a page that was just opened by its address.
    pub(crate) fn opened(version: i64, process_type: Option<i64>, query: Option<&str>) -> Self {
        let number = |name| parameter(query, name).and_then(|sent| sent.parse().ok());
        Self {
            version,
            chosen_type: process_type,
            current_type: process_type,
            staged: BTreeMap::new(),
            page: number("page").unwrap_or(1),
            per_page: PerPage::parse(parameter(query, "per_page").as_deref(), AUTO_ROWS),
            shows_all: parameter(query, "show").as_deref() != Some("access"),
            set_all: None,
            action: String::new(),
        }
    }

    /// The fields of the form. Levels come as `level.{institution}` beside `was.{institution}`.
    pub(crate) fn parse(form: &[(String, String)]) -> Self {
        let get = |wanted: &str| {
            form.iter().rev().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
        };
        let number = |name: &str| get(name).and_then(|sent| sent.parse::<i64>().ok());
        let action = get("action").unwrap_or_default().to_owned();
        let page = action.strip_prefix("page-").and_then(|page| page.parse().ok());
        let set_all = (action == "set-all").then(|| number("all_level")).flatten();
        Self {
            version: number("version").unwrap_or_default(),
            chosen_type: number("process_type"),
            current_type: number("current_type"),
            staged: staged(form),
            page: page.or_else(|| number("page")).unwrap_or(1),
            per_page: PerPage::parse(get("per_page"), AUTO_ROWS),
            shows_all: match action.as_str() {
                "show-all" => true,
                "show-access" => false,
                _ => get("show") != Some("access"),
            },
            set_all: set_all.and_then(Level::from_number),
            action,
        }
    }

    /// Whether Save was pressed.
    pub(crate) fn wants_save(&self) -> bool {
        self.action == "save"
    }

    /// What is to be stored.
    pub(crate) fn levels(&self) -> BTreeMap<i64, Level> {
        self.staged.iter().map(|(institution, staged)| (*institution, staged.level)).collect()
    }

    /// Where in the list the person is, as part of an address.
    pub(crate) fn place(&self) -> String {
        let show = if self.shows_all { "all" } else { "access" };
        format!("show={show}&per_page={}&page={}", self.per_page.value(), self.page)
    }
}

fn staged(form: &[(String, String)]) -> BTreeMap<i64, Staged> {
    let by_institution = |prefix: &str| -> BTreeMap<i64, Level> {
        form.iter()
            .filter_map(|(name, value)| {
                let institution = name.strip_prefix(prefix)?.parse().ok()?;
                Some((institution, Level::from_number(value.parse().ok()?)?))
            })
            .collect()
    };
    let was = by_institution("was.");
    by_institution("level.")
        .into_iter()
        .map(|(institution, level)| {
            let was = was.get(&institution).copied().unwrap_or_default();
            (institution, Staged { was, level })
        })
        .filter(|(_, staged)| staged.was != staged.level)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_levels_that_were_touched_are_staged() {
        let sent = Sent::parse(&form(&[
            ("was.1", "0"),
            ("level.1", "3"),
            ("was.2", "1"),
            ("level.2", "1"),
            ("level.x", "1"),
            ("level.3", "9"),
        ]));
        assert_eq!(sent.levels(), BTreeMap::from([(1, Level::ReadWriteSubmit)]));
    }

    #[test]
    fn turning_the_page_keeps_what_is_staged_and_saves_nothing() {
        let sent = Sent::parse(&form(&[("level.1", "2"), ("page", "1"), ("action", "page-2")]));
        assert_eq!(sent.page, 2);
        assert_eq!(sent.staged.len(), 1);
        assert!(!sent.wants_save());
    }
}
