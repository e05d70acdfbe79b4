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

/// The levels that a user can be put at: those of the user's third party in sight.
pub(super) async fn options(app: &App, sight: &Sight, of: &Level) -> Result<Vec<Level>, PageError> {
    let mut all = app.store.list_levels_of(of, LISTED).await?;
    all.retain(|level| sight.includes(&level.path));
    Ok(all)
}

/// Where somebody can be created.
pub(super) struct Places {
    /// The levels in sight, or those of the name that was typed.
    pub(super) levels: Vec<Level>,
    /// Whether there are too many for a list, so that one is named.
    pub(super) are_named: bool,
}

impl Places {
    /// The levels in sight; those called `name` where there are too many. Root, where the operator's staff sits, comes
    /// last, so that nobody gets there by mistake.
    pub(super) async fn load(app: &App, sight: &Sight, name: &str) -> Result<Self, PageError> {
        let mut levels = app.store.list_levels(sight, LISTED).await?;
        let are_named = levels.len() as u64 > LISTED;
        if are_named {
            levels = app.store.list_levels_named(sight, name.trim()).await?;
        }
        levels.sort_by_key(is_root);
        Ok(Self { levels, are_named })
    }

    /// Which level a form means: the only one of the name that was typed, or the one that was chosen among several. A
    /// choice from before another name was typed means nothing.
    pub(super) fn chosen(&self, level: &str) -> String {
        match self.levels.as_slice() {
            _ if !self.are_named => level.to_owned(),
            [only] => only.id.to_string(),
            several if several.iter().any(|one| one.id.to_string() == level) => level.to_owned(),
            _ => String::new(),
        }
    }
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
