//! Levels and subsidiaries to choose from. Where there are too many levels for a list, a level is named (O5, O6).

use portal_core::{
    id::LevelId,
    organisation::{Level, ROOT},
    permission::Sight,
};

use super::filter::Wanted;
use crate::{App, texts::Texts, web::error::PageError};

/// Most levels that a list offers.
const LISTED: u64 = 200;
/// Most subsidiaries that a list offers.
const SUBSIDIARIES: u64 = 500;

/// How a level is chosen.
#[derive(Default)]
pub(super) struct LevelChoice {
    /// Identifiers and names; the first is Root.
    pub(super) options: Vec<(String, String)>,
    /// Whether a level is named because not all of them are listed.
    pub(super) is_named: bool,
    /// What is wrong with the name.
    pub(super) error: Option<String>,
}

/// The levels of a filter. A level that was named is found, and `wanted` holds it from then on.
pub(super) async fn levels(
    app: &App,
    sight: &Sight,
    wanted: &mut Wanted,
    texts: &Texts,
) -> Result<LevelChoice, PageError> {
    let root = (String::new(), ROOT.to_owned());
    let all = app.store.list_levels(sight, LISTED).await?;
    if all.len() as u64 <= LISTED {
        let options = std::iter::once(root).chain(all.iter().filter(|l| !is_root(l)).map(option));
        return Ok(LevelChoice { options: options.collect(), ..LevelChoice::default() });
    }
    let mut choice = LevelChoice { options: vec![root], is_named: true, ..LevelChoice::default() };
    let name = wanted.level_name.clone();
    if !name.is_empty() && !name.eq_ignore_ascii_case(ROOT) {
        let named = app.store.list_levels_named(sight, &name).await?;
        choice.options.extend(named.iter().map(option));
        match named.as_slice() {
            [] => choice.error = Some(texts.msg("users-level-unknown")),
            // Of several of that name, one was chosen; at first the topmost.
            [first, ..] if !named.iter().any(|l| l.id.to_string() == wanted.level) => {
                wanted.level = first.id.to_string();
            }
            _ => {}
        }
    } else {
        wanted.level = String::new();
    }
    Ok(choice)
}

/// The levels that a user can be put at: those of the sight, or those of the user's third party in it.
pub(super) async fn options(
    app: &App,
    sight: &Sight,
    of: Option<&Level>,
) -> Result<Vec<Level>, PageError> {
    let mut all = match of {
        Some(level) => app.store.list_levels_of(level, LISTED).await?,
        None => app.store.list_levels(sight, LISTED).await?,
    };
    all.retain(|level| sight.includes(&level.path));
    if of.is_none() {
        all.retain(|level| !is_root(level));
    }
    Ok(all)
}

/// The subsidiaries of levels; where there are several levels, each with the name of its own.
pub(super) async fn subsidiaries(
    app: &App,
    levels: &[Level],
) -> Result<Vec<(String, String)>, PageError> {
    let ids: Vec<LevelId> = levels.iter().map(|level| level.id).collect();
    let found = app.store.list_subsidiaries(&ids, SUBSIDIARIES).await?;
    let name_of = |id: LevelId| levels.iter().find(|l| l.id == id).map_or("", |l| l.name.as_str());
    Ok(found
        .into_iter()
        .map(|subsidiary| {
            let name = if levels.len() > 1 {
                format!("{} – {}", name_of(subsidiary.level_id), subsidiary.short_name)
            } else {
                subsidiary.short_name
            };
            (subsidiary.id.to_string(), name)
        })
        .collect())
}

pub(super) fn option(level: &Level) -> (String, String) {
    (level.id.to_string(), way(level))
}

/// The names from the top of a third party down to a level.
fn way(level: &Level) -> String {
    let path = level.path.as_str();
    path.strip_prefix(ROOT)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(path)
        .replace('/', " / ")
}

fn is_root(level: &Level) -> bool {
    level.path.as_str() == ROOT
}
