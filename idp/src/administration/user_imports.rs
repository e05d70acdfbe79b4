//! Users from a file: each created as on the page (manual §3), all or none.

use std::collections::{HashMap, HashSet};

use portal_core::{
    account::{NewUser, UserStatus},
    audit::{AuditAction, AuditActor},
    id::{LevelId, SubsidiaryId, ThirdPartyId},
    import_check,
    one_time_link::LinkPurpose,
    organisation::Level,
    permission::{Action, Object},
};
use serde_json::json;
use storage::{Digest, StorageError};

use super::{
    Administration, AdministrationError, Change, Done, Rule,
    imports::{Applied, ImportedFile, Preview, Refusal, Taken},
};
use crate::secrets;

/// A row of the file.
#[derive(Clone, Debug)]
pub struct ImportedUser {
    /// Its number in the file.
    pub row: usize,
    /// Who is to be created.
    pub new: NewUser,
    /// Digest of the link that activates the account.
    pub link: Digest,
}

/// What a row does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedUser {
    /// The row.
    pub row: usize,
    /// The address.
    pub email: String,
    /// Where the person will sit.
    pub level: LevelId,
}

/// Users that are created together.
#[derive(Clone, Copy, Debug)]
pub struct UserImport<'a> {
    /// The rows.
    pub rows: &'a [ImportedUser],
    /// The language in which the people are written to.
    pub locale: &'a str,
}

impl Administration<'_> {
    /// Shows what an import would do, and does nothing but write down that it was looked at: it tells which addresses
    /// have an account.
    ///
    /// # Errors
    /// [`Rule::TooManyChecks`]; what is wrong with rows stands in the preview.
    pub async fn preview_users(
        &self,
        import: UserImport<'_>,
        file: &ImportedFile,
    ) -> Done<Preview<CreatedUser>> {
        self.note_check(import.rows, file).await?;
        let preview = {
            let (mut change, third_party) = self.begin_user_import(import.rows).await?;
            change.add_users(import, third_party).await.map_err(meanwhile)?
        };
        self.keep_ticket(LinkPurpose::UserImport, file, &preview).await?;
        Ok(preview)
    }

    /// Writes down that a file is checked, before it is; refuses when that was done too often.
    async fn note_check(&self, rows: &[ImportedUser], file: &ImportedFile) -> Done<()> {
        let (mut change, third_party) = self.begin_user_import(rows).await?;
        if let Some(actor) = self.actor_id() {
            // No other check is written down between this count and the commit.
            change.tx.hold_audit_end().await?;
            let checks = (AuditActor::User(actor), AuditAction::UsersPreviewed);
            let since = import_check::counted_since(self.now);
            if !import_check::may_check(change.tx.count_actions(checks, since).await?) {
                return Err(AdministrationError::Rule(Rule::TooManyChecks));
            }
        }
        change.record_file(AuditAction::UsersPreviewed, third_party, (rows, file));
        change.commit().await
    }

    /// Creates INVITED accounts as they were shown, with the links that activate them. The caller sends the links once
    /// this has returned [`Applied::Now`].
    ///
    /// # Errors
    /// [`AdministrationError::Stale`] when it is not what was shown.
    pub async fn import_users(&self, import: UserImport<'_>, file: &ImportedFile) -> Done<Applied> {
        let (mut change, third_party) = self.begin_user_import(import.rows).await?;
        let shown = match self.take_ticket(&change, LinkPurpose::UserImport, file).await? {
            Taken::Now(shown) => shown,
            Taken::Before(count) => return Ok(Applied::Before(count)),
        };
        let done = change.add_users(import, third_party).await.map_err(meanwhile)?;
        done.check(&shown)?;
        let count = done.effects.len();
        change.record_file(AuditAction::UsersImported, third_party, (import.rows, file));
        change.note_applied(file, count).await?;
        change.commit().await?;
        Ok(Applied::Now(count))
    }

    /// The organisation of a file is that of its first row.
    async fn begin_user_import(
        &self,
        rows: &[ImportedUser],
    ) -> Done<(Change<'_>, Option<ThirdPartyId>)> {
        let level = match rows.first() {
            Some(row) => self.store.find_level_by_id(row.new.level_id).await?,
            None => None,
        };
        let third_party = level.and_then(|level| level.third_party_id);
        Ok((self.change(third_party).await?, third_party))
    }
}

/// What the rows of a file refer to, loaded once for all.
struct Places {
    levels: HashMap<LevelId, Level>,
    subsidiaries: HashMap<SubsidiaryId, LevelId>,
    taken: HashSet<String>,
}

impl Change<'_> {
    /// Notes what became of a file: how many rows it has, and its digest; no addresses.
    fn record_file(
        &mut self,
        action: AuditAction,
        third_party: Option<ThirdPartyId>,
        (rows, file): (&[ImportedUser], &ImportedFile),
    ) {
        let level = rows.first().map(|row| row.new.level_id);
        let detail = json!({ "count": rows.len(), "file": secrets::hexadecimal(&file.digest) });
        let object =
            third_party.map_or_else(|| "root".to_owned(), |id| format!("third_party:{id}"));
        self.record(action, object, level, detail);
    }

    async fn add_users(
        &mut self,
        import: UserImport<'_>,
        third_party: Option<ThirdPartyId>,
    ) -> Done<Preview<CreatedUser>> {
        let places = self.places(import.rows).await?;
        let (mut preview, mut created) = (Preview::default(), Vec::new());
        for row in import.rows {
            if let Some(refusal) = self.refusal_of(&row.new, &places, third_party) {
                preview.refuse(row.row, refusal);
                continue;
            }
            let id = self.insert_account(&row.new, UserStatus::Invited).await?;
            self.insert_activation(id, &row.link).await?;
            created.push(id);
            preview.effects.push(CreatedUser {
                row: row.row,
                email: row.new.email.key().as_str().to_owned(),
                level: row.new.level_id,
            });
        }
        self.tx.set_locale(&created, import.locale).await?;
        Ok(preview)
    }

    async fn places(&self, rows: &[ImportedUser]) -> Done<Places> {
        let levels: Vec<LevelId> = rows.iter().map(|row| row.new.level_id).collect();
        let subsidiaries: Vec<_> = rows.iter().filter_map(|row| row.new.subsidiary_id).collect();
        let keys: Vec<_> = rows.iter().map(|row| row.new.email.key().clone()).collect();
        let levels = self.tx.list_levels(&levels).await?;
        let taken = self.tx.list_accounts_of(&keys).await?;
        Ok(Places {
            levels: levels.into_iter().map(|level| (level.id, level)).collect(),
            subsidiaries: self.tx.list_levels_of_subsidiaries(&subsidiaries).await?,
            taken: taken
                .into_iter()
                .map(|account| portal_core::email::EmailKey::of(&account.user.email))
                .map(|key| key.as_str().to_owned())
                .collect(),
        })
    }

    fn refusal_of(
        &self,
        new: &NewUser,
        places: &Places,
        third_party: Option<ThirdPartyId>,
    ) -> Option<Refusal> {
        let level = places.levels.get(&new.level_id);
        let level =
            level.filter(|level| self.may(Action::CreateUser, &Object::Level(level.path.clone())));
        let Some(level) = level else {
            return Some(Refusal::Level);
        };
        if level.third_party_id != third_party {
            return Some(Refusal::OtherOrganisation);
        }
        let is_elsewhere =
            |subsidiary: &SubsidiaryId| places.subsidiaries.get(subsidiary) != Some(&level.id);
        if new.subsidiary_id.as_ref().is_some_and(is_elsewhere) {
            return Some(Refusal::Subsidiary);
        }
        places.taken.contains(new.email.key().as_str()).then_some(Refusal::AddressTaken)
    }
}

/// Somebody else took an address between the look and the write.
fn meanwhile(error: AdministrationError) -> AdministrationError {
    match error {
        AdministrationError::Storage(StorageError::Conflict(_)) => AdministrationError::Stale,
        other => other,
    }
}
