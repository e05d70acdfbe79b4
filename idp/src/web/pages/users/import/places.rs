//! Levels and subsidiaries that a file names, in somebody's sight: loaded once for all rows.

use std::collections::BTreeSet;

use portal_core::{
    id::LevelId,
    organisation::{Level, ROOT, Subsidiary},
    permission::Sight,
};

use crate::web::{asking::Asking, csv::read::Row, error::PageError, level_choice::is_root};

/// Most levels and subsidiaries that a file is compared with.
const KNOWN: u64 = 2_000;

pub(super) struct Places {
    own: Option<Level>,
    levels: Vec<Level>,
    subsidiaries: Vec<Subsidiary>,
}

impl Places {
    pub(super) async fn load(
        asking: &Asking,
        sight: &Sight,
        rows: &[Row],
    ) -> Result<Self, PageError> {
        let store = &asking.app.store;
        let named: BTreeSet<String> =
            rows.iter().flat_map(|row| [way(row.get("level")), plain(row.get("level"))]).collect();
        let named: Vec<String> = named.into_iter().filter(|name| !name.is_empty()).collect();
        let levels = store.list_levels_called(sight, &named, KNOWN).await?;
        let own = Some(asking.who.account.level.clone());
        let own = own.filter(|level| sight.includes(&level.path) && !is_root(level));
        let ids: Vec<LevelId> = levels.iter().chain(&own).map(|level| level.id).collect();
        let subsidiaries = store.list_subsidiaries(&ids, KNOWN).await?;
        Ok(Self { own, levels, subsidiaries })
    }

    /// The id of the level of a row; the own one where none is named.
    pub(super) fn level(&self, row: &Row) -> Result<String, &'static str> {
        let cell = row.get("level");
        if cell.is_empty() {
            let own = self.own.as_ref().ok_or("users-error-level")?;
            return Ok(own.id.to_string());
        }
        let (path, name) = (way(cell).to_lowercase(), plain(cell).to_lowercase());
        let there = |level: &&Level| !is_root(level);
        let by_path = |level: &&Level| level.path.as_str().to_lowercase() == path;
        if let Some(level) = self.levels.iter().filter(there).find(by_path) {
            return Ok(level.id.to_string());
        }
        let by_name = |level: &&Level| level.name.to_lowercase() == name;
        let mut named = self.levels.iter().filter(there).filter(by_name);
        match (named.next(), named.next()) {
            (Some(level), None) => Ok(level.id.to_string()),
            (None, _) => Err("import-error-level"),
            (Some(_), Some(_)) => Err("import-error-level-several"),
        }
    }

    /// The id of the subsidiary of a row, of that level.
    pub(super) fn subsidiary(&self, level: &str, row: &Row) -> Result<String, &'static str> {
        let cell = row.get("subsidiary");
        if cell.is_empty() {
            return Ok(String::new());
        }
        let is_it = |one: &&Subsidiary| {
            one.level_id.to_string() == level
                && one.short_name.to_lowercase() == cell.to_lowercase()
        };
        let found = self.subsidiaries.iter().find(is_it);
        found.map(|one| one.id.to_string()).ok_or("users-error-subsidiary")
    }
}

/// A way as it is shown, or as it is stored, made one: "BANK E / Branch" is "Root/BANK E/Branch".
fn way(cell: &str) -> String {
    let path = plain(cell);
    let from_root = path.strip_prefix(ROOT).is_some_and(|rest| rest.starts_with('/'));
    if path.is_empty() || from_root { path } else { format!("{ROOT}/{path}") }
}

fn plain(cell: &str) -> String {
    cell.split('/').map(str::trim).collect::<Vec<_>>().join("/")
}
