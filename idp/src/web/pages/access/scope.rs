//! Which part of the tree and which application an overview is about.

use portal_core::{
    access::Application,
    id::UserId,
    organisation::Level,
    permission::{Action, Sight},
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    App,
    web::{
        asking::Asking,
        cursor::CursorScope,
        error::PageError,
        level_choice::{self, LevelChoice},
    },
};

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::web::pages) struct Wanted {
    #[serde(default)]
    level: String,
    /// The name of the level, where there are too many for a list.
    #[serde(default)]
    level_name: String,
    application: Option<String>,
    /// The day, of "who could, on a day".
    pub(super) date: Option<String>,
    /// How access was given, of the report on what one person alone gave.
    pub(super) how: Option<String>,
    /// After whom the page begins.
    after: Option<String>,
}

/// What an overview is about.
pub(super) struct Scope {
    /// The levels to choose from.
    levels: LevelChoice,
    /// The name as it was typed.
    level_name: String,
    /// The one that was chosen.
    pub(super) level: Option<Level>,
    /// Where the people sit.
    pub(super) within: Sight,
    /// All applications.
    pub(super) applications: Vec<Application>,
    /// The one that was chosen.
    pub(super) application: Option<Application>,
}

impl Scope {
    /// As far as `action` lets the person see; a level beyond does not exist.
    pub(super) async fn of(
        asking: &Asking,
        action: Action,
        wanted: &Wanted,
    ) -> Result<Self, PageError> {
        let (store, whole) = (&asking.app.store, asking.sight(action));
        if whole.is_empty() {
            return Err(PageError::Hidden);
        }
        let (mut chosen, name) = (wanted.level.clone(), wanted.level_name.as_str());
        let levels =
            LevelChoice::load(&asking.app, &whole, (&mut chosen, name), asking.texts()).await?;
        let level = level_choice::find_chosen(&asking.app, &whole, &chosen).await?;
        let applications = store.list_applications().await?;
        let application = match wanted.application.as_deref().filter(|code| !code.is_empty()) {
            None => None,
            Some(code) => {
                let found = applications.iter().find(|one| one.code == code);
                Some(found.cloned().ok_or(PageError::NotFound)?)
            }
        };
        let within = match (&level, &levels.error) {
            (_, Some(_)) => Sight::Levels(Vec::new()),
            (Some(level), None) => Sight::Levels(vec![level.path.clone()]),
            (None, None) => whole,
        };
        Ok(Self {
            levels,
            level_name: wanted.level_name.clone(),
            within,
            level,
            applications,
            application,
        })
    }

    /// The levels to choose from.
    pub(super) const fn levels(&self) -> &LevelChoice {
        &self.levels
    }

    /// The name of a level as it was typed.
    pub(super) fn level_name(&self) -> &str {
        &self.level_name
    }

    /// The id of the chosen level, for forms and links; nothing for all.
    pub(super) fn level_id(&self) -> String {
        self.level.as_ref().map(|level| level.id.to_string()).unwrap_or_default()
    }

    /// The code of the chosen application, likewise.
    pub(super) fn code(&self) -> &str {
        self.application.as_ref().map_or("", |application| application.code.as_str())
    }

    /// The applications that have a column.
    pub(super) fn columns(&self) -> &[Application] {
        self.application.as_ref().map_or(&self.applications, std::slice::from_ref)
    }

    /// What stands in an address to come here again.
    pub(super) fn query(&self, more: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("level", &self.level_id()).append_pair("level_name", &self.level_name);
        query.append_pair("application", self.code());
        query.extend_pairs(more).finish()
    }
}

impl Wanted {
    /// After whom the page begins: the key of the last name, and who.
    pub(super) fn after(&self, app: &App, cursor: &CursorScope<'_>) -> Option<(String, UserId)> {
        self.position(app, cursor)
    }

    /// Where the page begins, as its list has written it.
    pub(super) fn position<T: DeserializeOwned>(
        &self,
        app: &App,
        cursor: &CursorScope<'_>,
    ) -> Option<T> {
        self.after.as_deref().and_then(|after| cursor.read(app, after))
    }
}
