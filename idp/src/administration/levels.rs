//! The levels below that of a third party, and its subsidiaries.

use portal_core::{
    audit::AuditAction,
    id::{LevelId, SubsidiaryId, ThirdPartyId},
    organisation::{Level, LevelName, NewSubsidiary},
    permission::{Action, Object},
};
use serde_json::json;
use storage::SubsidiaryDetails;

use super::{Administration, AdministrationError, Change, Done, Rule};

/// The longest path of a level, in characters.
pub(super) const PATH_LENGTH: usize = 255;

impl Administration<'_> {
    /// Creates a level under another one.
    ///
    /// # Errors
    /// [`Rule::LevelNameTaken`], [`Rule::LevelPathTooLong`].
    pub async fn create_level(&self, parent: LevelId, name: &LevelName) -> Done<LevelId> {
        let (mut change, parent) = self.change_level(parent).await?;
        check_length(parent.path.child(name).as_str().chars().count())?;
        let id = change.tx.insert_level(&parent, name, self.now).await;
        let id = id.map_err(AdministrationError::taken(Rule::LevelNameTaken))?;
        let detail = json!({ "created": parent.path.child(name).as_str() });
        change.record(AuditAction::LevelChanged, format!("level:{id}"), Some(id), detail);
        change.commit().await?;
        Ok(id)
    }

    /// Gives a level, of which the actor saw the name `seen`, another one; what is below it follows.
    ///
    /// # Errors
    /// [`Rule::LevelNameTaken`], [`Rule::LevelPathTooLong`]; [`AdministrationError::Stale`] when it has another name by
    /// now.
    pub async fn rename_level(&self, id: LevelId, seen: &str, name: &LevelName) -> Done<()> {
        let (mut change, level) = self.change_level(id).await?;
        if level.name != seen {
            return Err(AdministrationError::Stale);
        }
        let longest = change.tx.longest_path(&level).await?;
        let growth = name.as_str().chars().count().saturating_sub(level.name.chars().count());
        check_length(longest + growth)?;
        let renamed = change.tx.rename_level(&level, name).await;
        renamed.map_err(AdministrationError::taken(Rule::LevelNameTaken))?;
        let detail = json!({ "before": level.name, "after": name.as_str() });
        change.record(AuditAction::LevelChanged, format!("level:{id}"), Some(id), detail);
        change.commit().await
    }

    /// Deletes a level that is empty (E27). The level of a third party itself stays.
    ///
    /// # Errors
    /// [`Rule::LevelNotEmpty`], [`Rule::LevelOfThirdParty`].
    pub async fn delete_level(&self, id: LevelId) -> Done<()> {
        let (mut change, level) = self.change_level(id).await?;
        let above = level.path.parent().and_then(|above| above.parent());
        if above.is_none() {
            return Err(AdministrationError::Rule(Rule::LevelOfThirdParty));
        }
        if !change.tx.delete_empty_level(id).await? {
            return Err(AdministrationError::Rule(Rule::LevelNotEmpty));
        }
        let parent = level.path.parent();
        let parent = match parent {
            Some(path) => change.tx.find_level(&path).await?.map(|level| level.id),
            None => None,
        };
        let detail = json!({ "deleted": level.path.as_str() });
        change.record(AuditAction::LevelChanged, format!("level:{id}"), parent, detail);
        change.commit().await
    }

    /// Creates a subsidiary under a level.
    ///
    /// # Errors
    /// [`Rule::SubsidiaryNameTaken`].
    pub async fn create_subsidiary(&self, new: &NewSubsidiary) -> Done<SubsidiaryId> {
        let (mut change, level) = self.change_level(new.level_id).await?;
        let id = change.tx.insert_subsidiary(new, self.now).await;
        let id = id.map_err(AdministrationError::taken(Rule::SubsidiaryNameTaken))?;
        let detail = json!({
            "short_name": new.short_name,
            "legal_name": new.legal_name,
            "country": new.country,
            "lei": new.lei.as_str(),
        });
        let object = format!("subsidiary:{id}");
        change.record(AuditAction::RegistryChanged, object, Some(level.id), detail);
        change.commit().await?;
        Ok(id)
    }

    /// Replaces the details of a subsidiary, which the actor saw as `seen`.
    ///
    /// # Errors
    /// [`Rule::SubsidiaryNameTaken`]; [`AdministrationError::Stale`] when somebody changed it meanwhile.
    pub async fn modify_subsidiary(
        &self,
        seen: &SubsidiaryDetails,
        new: &SubsidiaryDetails,
    ) -> Done<()> {
        let stored = self.store.find_subsidiary_details(seen.id).await?;
        let stored = stored.ok_or(AdministrationError::Missing("subsidiary"))?;
        let (mut change, level) = self.change_level(stored.level_id).await?;
        let updated = change.tx.update_subsidiary(seen, new).await;
        if !updated.map_err(AdministrationError::taken(Rule::SubsidiaryNameTaken))? {
            return Err(AdministrationError::Stale);
        }
        let facts = |of: &SubsidiaryDetails| {
            json!({
                "short_name": of.short_name,
                "legal_name": of.legal_name,
                "country": of.country,
                "lei": of.lei,
            })
        };
        let detail = json!({ "before": facts(seen), "after": facts(new) });
        let object = format!("subsidiary:{}", seen.id);
        change.record(AuditAction::RegistryChanged, object, Some(level.id), detail);
        change.commit().await
    }

    /// Begins a change to a level of a third party, and loads it within. Root is nobody's to change.
    async fn change_level(&self, id: LevelId) -> Done<(Change<'_>, Level)> {
        let missing = || AdministrationError::Missing("level");
        let level = self.store.find_level_by_id(id).await?.ok_or_else(missing)?;
        let third_party: ThirdPartyId = level.third_party_id.ok_or_else(missing)?;
        let change = self.change(Some(third_party)).await?;
        let level = change.tx.find_level_by_id(id).await?.ok_or_else(missing)?;
        if level.third_party_id != Some(third_party) {
            return Err(AdministrationError::Stale);
        }
        change.permit(Action::ModifyThirdParty, &Object::Level(level.path.clone()))?;
        Ok((change, level))
    }
}

/// Goes on only if a path of that length can be stored.
pub(super) const fn check_length(characters: usize) -> Done<()> {
    if characters > PATH_LENGTH {
        return Err(AdministrationError::Rule(Rule::LevelPathTooLong));
    }
    Ok(())
}
