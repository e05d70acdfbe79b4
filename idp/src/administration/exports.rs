//! Lists of people that leave the portal as files: permitted, and written down before the first line (E45).

use portal_core::{
    audit::AuditAction,
    organisation::{Level, LevelPath},
    permission::{Action, Object},
};
use serde_json::Value;

use super::{Administration, Done};

impl Administration<'_> {
    /// Lets a list of who has access go out: of a level, or of everything that is in sight (`None`). Asked of the
    /// permission table and noted in the trail; the detail says what the list was about.
    ///
    /// # Errors
    /// [`super::AdministrationError`].
    pub async fn export_access(&self, level: Option<&Level>, detail: Value) -> Done<()> {
        self.export(AuditAction::AccessExported, level, detail).await
    }

    /// Lets the list of users go out, as it is filtered (E45).
    ///
    /// # Errors
    /// [`super::AdministrationError`].
    pub async fn export_users(&self, level: Option<&Level>, detail: Value) -> Done<()> {
        self.export(AuditAction::UsersExported, level, detail).await
    }

    async fn export(&self, action: AuditAction, level: Option<&Level>, detail: Value) -> Done<()> {
        let sight = portal_core::permission::sight(self.actor, Action::ExportUsers, self.now);
        let path = match (level, &sight) {
            (Some(level), _) => level.path.clone(),
            (None, portal_core::permission::Sight::Levels(levels)) => {
                levels.first().cloned().unwrap_or_else(LevelPath::root)
            }
            (None, portal_core::permission::Sight::Everything) => LevelPath::root(),
        };
        self.permit(Action::ExportUsers, &Object::Level(path.clone()))?;
        let of = match level {
            Some(level) => Some(level.id),
            None => self.store.find_level(&path).await?.map(|level| level.id),
        };
        let tx = self.store.begin().await?;
        let what = (of, detail);
        self.write_down(&tx, action, format!("level:{path}"), what).await?;
        Ok(tx.commit().await?)
    }
}
