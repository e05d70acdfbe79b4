//! Choosing a level in a filter: from a list, or by its name where there are too many for a list (O5).

use portal_core::{
    id::LevelId,
    organisation::{Level, LevelPath, ROOT},
    permission::Sight,
};

use crate::{App, texts::Texts, web::error::PageError};

/// Most levels that a list offers.
pub(crate) const LISTED: u64 = 200;

/// How a level is chosen.
#[derive(Default)]
pub(crate) struct LevelChoice {
    /// Identifiers and names; the first is Root.
    pub(crate) options: Vec<(String, String)>,
    /// Whether a level is named because not all of them are listed.
    pub(crate) is_named: bool,
    /// What is wrong with the name.
    pub(crate) error: Option<String>,
}

impl LevelChoice {
    /// The levels of a filter in which `level` is chosen, or `name` was typed. A level that was named is found, and
    /// `level` holds it from then on.
    pub(crate) async fn load(
        app: &App,
        sight: &Sight,
        (level, name): (&mut String, &str),
        texts: &Texts,
    ) -> Result<Self, PageError> {
        let root = (String::new(), ROOT.to_owned());
        let all = app.store.list_levels(sight, LISTED).await?;
        if all.len() as u64 <= LISTED {
            let below = all.iter().filter(|level| !is_root(level)).map(option);
            return Ok(Self {
                options: std::iter::once(root).chain(below).collect(),
                ..Self::default()
            });
        }
        let mut choice = Self { options: vec![root], is_named: true, error: None };
        if name.is_empty() {
            // A link that names a level by its identifier is of that level.
            let chosen = find_chosen(app, sight, level).await?;
            choice.options.extend(chosen.as_ref().map(option));
            return Ok(choice);
        }
        if name.eq_ignore_ascii_case(ROOT) {
            level.clear();
            return Ok(choice);
        }
        let named = app.store.list_levels_named(sight, name).await?;
        choice.options.extend(named.iter().map(option));
        match named.as_slice() {
            [] => choice.error = Some(texts.msg("users-level-unknown")),
            // Of several of that name, one was chosen; at first the topmost.
            [first, ..] if !named.iter().any(|found| found.id.to_string() == *level) => {
                *level = first.id.to_string();
            }
            _ => {}
        }
        Ok(choice)
    }
}

/// The level that was chosen, within sight; `None` for Root.
pub(crate) async fn find_chosen(
    app: &App,
    sight: &Sight,
    level: &str,
) -> Result<Option<Level>, PageError> {
    if level.is_empty() {
        return Ok(None);
    }
    let id: LevelId = level.parse().map_err(|_| PageError::NotFound)?;
    let level = app.store.find_level_by_id(id).await?.ok_or(PageError::NotFound)?;
    if sight.includes(&level.path) { Ok(Some(level)) } else { Err(PageError::Hidden) }
}

/// A level in a list.
pub(crate) fn option(level: &Level) -> (String, String) {
    (level.id.to_string(), way(&level.path))
}

/// The names from the top of a third party down to a level.
pub(crate) fn way(path: &LevelPath) -> String {
    let path = path.as_str();
    path.strip_prefix(ROOT)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(path)
        .replace('/', " / ")
}

/// Whether it is the top of the tree.
pub(crate) fn is_root(level: &Level) -> bool {
    level.path.as_str() == ROOT
}
