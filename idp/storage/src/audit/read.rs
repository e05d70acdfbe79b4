//! Reading the trail: the entries that somebody may see, a page at a time, and the stretch that an export walks over.

use std::collections::{HashMap, HashSet};

use portal_core::{
    Timestamp,
    account::UserStatus,
    audit::{AuditAction, AuditActor, chain::Entry},
    id::{LevelId, ThirdPartyId, UserId},
    permission::Sight,
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, Select,
};
use uuid::Uuid;

use super::{
    checkpoint::{StoredCheckpoint, into_checkpoint},
    into_entry,
};
use crate::{
    StorageError, Store,
    entity::{audit_checkpoints, audit_events, levels, third_parties, users},
    level_sight::{LevelSet, in_sight},
};

/// Which entries to read. What is `None` or empty does not narrow it.
#[derive(Clone, Debug)]
pub struct AuditSearch {
    /// Whose levels; entries of no level are seen only where everything is.
    pub within: Sight,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Who did it, as it is stored.
    pub actor: Option<String>,
    /// What happened: one of these.
    pub actions: Vec<AuditAction>,
    /// On whom or what, as it is stored.
    pub object: Option<String>,
    /// What happened to this person's own account: on the account, and what the person allowed to clients (O20).
    pub own: Option<UserId>,
}

impl AuditSearch {
    /// Everything in sight.
    pub const fn within(within: Sight) -> Self {
        Self {
            within,
            from: None,
            until: None,
            actor: None,
            actions: Vec::new(),
            object: None,
            own: None,
        }
    }

    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        let Self { within, from, until, actor, actions, object, own } = self;
        *within == Sight::Everything
            && from.is_none()
            && until.is_none()
            && actor.is_none()
            && actions.is_empty()
            && object.is_none()
            && own.is_none()
    }
}

/// The place of an entry in the order of time, for [`Store::list_audit`].
pub type AuditPosition = (Timestamp, i64);

/// A person as the trail shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonName {
    /// Name and address.
    Known {
        /// First and last name.
        name: String,
        /// The address.
        email: String,
    },
    /// The account was deleted.
    Former,
}

/// The names of what a page of the trail speaks of.
#[derive(Clone, Debug, Default)]
pub struct AuditNames {
    /// People.
    pub people: HashMap<UserId, PersonName>,
    /// Levels.
    pub levels: HashMap<LevelId, String>,
    /// Third parties.
    pub third_parties: HashMap<ThirdPartyId, String>,
}

impl Store {
    /// Entries, newest first, older than `before`.
    pub async fn list_audit(
        &self,
        search: &AuditSearch,
        before: Option<AuditPosition>,
        limit: u64,
    ) -> Result<Vec<Entry>, StorageError> {
        let mut find = self.found(search).await?;
        if let Some((at, seq)) = before {
            let older = Condition::any().add(audit_events::Column::At.lt(at.millis())).add(
                Condition::all()
                    .add(audit_events::Column::At.eq(at.millis()))
                    .add(audit_events::Column::Seq.lt(seq)),
            );
            // The first condition alone says where the index begins to be read.
            find = find.filter(audit_events::Column::At.lte(at.millis())).filter(older);
        }
        let rows = find
            .order_by_desc(audit_events::Column::At)
            .order_by_desc(audit_events::Column::Seq)
            .limit(limit)
            .all(self.connection())
            .await?;
        rows.into_iter().map(readable).collect()
    }

    /// The numbers of the first and the last entry that a search finds.
    pub async fn audit_span(
        &self,
        search: &AuditSearch,
    ) -> Result<Option<(i64, i64)>, StorageError> {
        let span: Option<(Option<i64>, Option<i64>)> = self
            .found(search)
            .await?
            .select_only()
            .column_as(audit_events::Column::Seq.min(), "first")
            .column_as(audit_events::Column::Seq.max(), "last")
            .into_tuple()
            .one(self.connection())
            .await?;
        Ok(span.and_then(|(first, last)| first.zip(last)))
    }

    /// The entries after a number, whoever may see them, oldest first.
    pub async fn list_audit_after(&self, seq: i64, limit: u64) -> Result<Vec<Entry>, StorageError> {
        let rows = audit_events::Entity::find()
            .filter(audit_events::Column::Seq.gt(seq))
            .order_by_asc(audit_events::Column::Seq)
            .limit(limit)
            .all(self.connection())
            .await?;
        rows.into_iter().map(readable).collect()
    }

    /// Whether a search finds more than so many entries; no more of them are looked at.
    pub async fn finds_more_than(
        &self,
        search: &AuditSearch,
        entries: u64,
    ) -> Result<bool, StorageError> {
        let find = self.found(search).await?.select_only().column(audit_events::Column::Seq);
        let one_more: Option<i64> =
            find.offset(entries).limit(1).into_tuple().one(self.connection()).await?;
        Ok(one_more.is_some())
    }

    /// The entries that a search finds after one number and up to another, oldest first.
    pub async fn list_found_after(
        &self,
        search: &AuditSearch,
        (after, last): (i64, i64),
        limit: u64,
    ) -> Result<Vec<Entry>, StorageError> {
        let rows = self
            .found(search)
            .await?
            .filter(audit_events::Column::Seq.gt(after))
            .filter(audit_events::Column::Seq.lte(last))
            .order_by_asc(audit_events::Column::Seq)
            .limit(limit)
            .all(self.connection())
            .await?;
        rows.into_iter().map(readable).collect()
    }

    /// Of the entries after one number and up to another, those that a search finds.
    pub async fn audit_numbers(
        &self,
        search: &AuditSearch,
        (after, last): (i64, i64),
    ) -> Result<HashSet<i64>, StorageError> {
        let numbers: Vec<i64> = self
            .found(search)
            .await?
            .select_only()
            .column(audit_events::Column::Seq)
            .filter(audit_events::Column::Seq.gt(after))
            .filter(audit_events::Column::Seq.lte(last))
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(numbers.into_iter().collect())
    }

    /// The checkpoints after one number and up to another, in order.
    pub async fn list_audit_checkpoints(
        &self,
        (after, last): (i64, i64),
    ) -> Result<Vec<StoredCheckpoint>, StorageError> {
        let rows = audit_checkpoints::Entity::find()
            .filter(audit_checkpoints::Column::Seq.gt(after))
            .filter(audit_checkpoints::Column::Seq.lte(last))
            .order_by_asc(audit_checkpoints::Column::Seq)
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(into_checkpoint).collect())
    }

    /// The last checkpoint before an entry.
    pub async fn find_audit_checkpoint_before(
        &self,
        seq: i64,
    ) -> Result<Option<StoredCheckpoint>, StorageError> {
        let row = audit_checkpoints::Entity::find()
            .filter(audit_checkpoints::Column::Seq.lt(seq))
            .order_by_desc(audit_checkpoints::Column::Seq)
            .one(self.connection())
            .await?;
        Ok(row.map(into_checkpoint))
    }

    /// The first checkpoint that signs an entry.
    pub async fn find_audit_checkpoint_of(
        &self,
        seq: i64,
    ) -> Result<Option<StoredCheckpoint>, StorageError> {
        let row = audit_checkpoints::Entity::find()
            .filter(audit_checkpoints::Column::Seq.gte(seq))
            .order_by_asc(audit_checkpoints::Column::Seq)
            .one(self.connection())
            .await?;
        Ok(row.map(into_checkpoint))
    }

    /// The names of the people, levels and third parties of some entries, in three queries.
    pub async fn audit_names(&self, entries: &[Entry]) -> Result<AuditNames, StorageError> {
        let (mut people, mut parties, mut places) =
            (HashSet::new(), HashSet::new(), HashSet::new());
        for entry in entries {
            let content = &entry.content;
            let texts = [content.actor.as_str(), content.object.as_str()];
            people.extend(texts.iter().filter_map(|text| AuditActor::user_of(text)).map(|id| id.0));
            let party = content.object.strip_prefix("third_party:");
            parties.extend(party.and_then(|id| Uuid::try_parse(id).ok()));
            places.extend(content.level_id.map(|id| id.0));
            let level = content.object.strip_prefix("level:");
            places.extend(level.and_then(|id| Uuid::try_parse(id).ok()));
        }
        Ok(AuditNames {
            people: self.people(people).await?,
            levels: self.level_names(places).await?,
            third_parties: self.third_party_names(parties).await?,
        })
    }

    async fn people(
        &self,
        ids: HashSet<Uuid>,
    ) -> Result<HashMap<UserId, PersonName>, StorageError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Uuid, String, String, String, String)> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .column(users::Column::FirstName)
            .column(users::Column::LastName)
            .column(users::Column::Email)
            .column(users::Column::Status)
            .filter(users::Column::Id.is_in(ids))
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, first, last, email, status)| {
                let person = if status == UserStatus::Deleted.as_str() {
                    PersonName::Former
                } else {
                    PersonName::Known { name: format!("{first} {last}"), email }
                };
                (UserId(id), person)
            })
            .collect())
    }

    async fn level_names(
        &self,
        ids: HashSet<Uuid>,
    ) -> Result<HashMap<LevelId, String>, StorageError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Uuid, String)> = levels::Entity::find()
            .select_only()
            .column(levels::Column::Id)
            .column(levels::Column::Name)
            .filter(levels::Column::Id.is_in(ids))
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(|(id, name)| (LevelId(id), name)).collect())
    }

    async fn third_party_names(
        &self,
        ids: HashSet<Uuid>,
    ) -> Result<HashMap<ThirdPartyId, String>, StorageError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Uuid, String)> = third_parties::Entity::find()
            .select_only()
            .column(third_parties::Column::Id)
            .column(third_parties::Column::LegalName)
            .filter(third_parties::Column::Id.is_in(ids))
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(|(id, name)| (ThirdPartyId(id), name)).collect())
    }

    /// The one place that says which entries a search finds.
    async fn found(
        &self,
        search: &AuditSearch,
    ) -> Result<Select<audit_events::Entity>, StorageError> {
        let mut find = audit_events::Entity::find();
        find = match self.level_set(&search.within).await? {
            LevelSet::All => find,
            LevelSet::Named(ids) => find.filter(audit_events::Column::LevelId.is_in(ids)),
            LevelSet::Many(_) => {
                let inside = levels::Entity::find()
                    .select_only()
                    .column(levels::Column::Id)
                    .filter(in_sight(&search.within))
                    .into_query();
                find.filter(audit_events::Column::LevelId.in_subquery(inside))
            }
        };
        if let Some(from) = search.from {
            find = find.filter(audit_events::Column::At.gte(from.millis()));
        }
        if let Some(until) = search.until {
            find = find.filter(audit_events::Column::At.lt(until.millis()));
        }
        if let Some(actor) = &search.actor {
            find = find.filter(audit_events::Column::Actor.eq(actor));
        }
        if !search.actions.is_empty() {
            find = find.filter(audit_events::Column::Action.is_in(words(&search.actions)));
        }
        if let Some(object) = &search.object {
            find = find.filter(audit_events::Column::Object.eq(object));
        }
        if let Some(own) = search.own {
            find = find.filter(of_own_account(own));
        }
        Ok(find)
    }
}

fn of_own_account(user: UserId) -> Condition {
    let own = AuditActor::User(user).to_text();
    let allowed = Condition::all()
        .add(audit_events::Column::Actor.eq(own.clone()))
        .add(audit_events::Column::Action.is_in(words(&AuditAction::CONSENT)));
    Condition::any().add(audit_events::Column::Object.eq(own)).add(allowed)
}

fn words(actions: &[AuditAction]) -> Vec<&'static str> {
    actions.iter().map(|action| action.as_str()).collect()
}

fn readable(row: audit_events::Model) -> Result<Entry, StorageError> {
    into_entry(row).ok_or(StorageError::Corrupt("audit entry"))
}
