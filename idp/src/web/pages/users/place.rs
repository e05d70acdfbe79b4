//! Levels and subsidiaries to choose from. Where there are too many levels for a list, a level is named (O5, O6).

use portal_core::{id::LevelId, organisation::Level, permission::Sight};

use crate::{
    App,
    web::{
        error::PageError,
        level_choice::{LISTED, is_root},
    },
};

pub(super) use crate::web::level_choice::option;

/// Most subsidiaries that a list offers.
const SUBSIDIARIES: u64 = 500;

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
