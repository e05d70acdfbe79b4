//! Walking the whole trail, and naming the first entry that is not the one that was written.

use futures_util::TryStreamExt as _;
use portal_core::audit::chain::{Fault, Place, Walk};
use sea_orm::{
    AccessMode, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend,
    EntityTrait as _, IsolationLevel, QueryFilter as _, QueryOrder as _, Statement,
    TransactionOptions, TransactionTrait as _,
};

use super::{
    HEAD,
    checkpoint::{StoredCheckpoint, into_checkpoint},
    into_entry, into_place,
};
use crate::{
    StorageError, Store,
    entity::{audit_checkpoints, audit_events, audit_head},
};

/// Says where the trail was when a checkpoint was signed; `None` when no trusted key signed it.
pub type CheckpointReader<'a> = &'a (dyn Fn(&StoredCheckpoint) -> Option<Place> + Send + Sync);

/// What a walk came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The first thing that does not fit.
    pub fault: Option<Fault>,
    /// Number of the last entry that fits.
    pub last: i64,
    /// Number of the last entry that a checkpoint vouches for.
    pub signed: i64,
}

impl Store {
    /// Walks the whole chain, without a look at checkpoints: the first fault, and the number of entries that fit.
    pub async fn verify_audit(&self) -> Result<(Option<Fault>, i64), StorageError> {
        let walked = self.walk_audit(Place::START, None).await?;
        Ok((walked.fault, walked.last))
    }

    /// Walks the whole chain and compares it with all checkpoints, and with places that the caller knows of from
    /// elsewhere. On SQLite it also looks at what this
    /// database alone leaves open.
    pub async fn verify_signed_audit(
        &self,
        read: CheckpointReader<'_>,
        known: &[Place],
    ) -> Result<Walked, StorageError> {
        let walked = self.walk_audit(Place::START, Some((read, known))).await?;
        if walked.fault.is_some() {
            return Ok(walked);
        }
        Ok(Walked { fault: self.find_sqlite_fault().await?, ..walked })
    }

    /// Walks on from a place that is known to be good.
    pub async fn verify_audit_after(&self, place: Place) -> Result<Walked, StorageError> {
        self.walk_audit(place, None).await
    }

    async fn walk_audit(
        &self,
        start: Place,
        checkpoints: Option<(CheckpointReader<'_>, &[Place])>,
    ) -> Result<Walked, StorageError> {
        // Everything is read as of one instant: what is appended meanwhile is left for the next time.
        let snapshot = self.snapshot().await?;
        let mut signed = Vec::new();
        if let Some((read, known)) = checkpoints {
            signed = signed_places(&snapshot, read).await?;
            signed.extend(known.iter().map(|place| (place.seq, Some(*place))));
            signed.sort_by_key(|(seq, _)| *seq);
        }
        let mut walk = Walk::after(start);
        let fault = follow(&snapshot, &mut walk, &signed).await?.err();
        // Nothing was written. A database that is damaged may refuse even the rollback.
        drop(snapshot);
        Ok(Walked { fault, last: walk.place().seq, signed: walk.signed() })
    }

    async fn snapshot(&self) -> Result<DatabaseTransaction, StorageError> {
        let is_postgres = self.connection().get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: is_postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: is_postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: None,
        };
        Ok(self.connection().begin_with_options(options).await?)
    }

    /// SQLite does not hold a column to its type: bytes may have become text without another value. And it keeps
    /// copies of columns in indexes, which are not read here, but by those who look something up.
    async fn find_sqlite_fault(&self) -> Result<Option<Fault>, StorageError> {
        if self.connection().get_database_backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        if let Some(seq) = self.find_number(NOT_OF_ITS_TYPE.to_owned()).await? {
            return Ok(Some(Fault::Entry(seq)));
        }
        for (index, column) in INDEXES {
            let found = self.find_number(not_listed(index, column)).await;
            match found {
                Ok(None) => {}
                Ok(seq) => return Ok(Some(Fault::Index(seq))),
                Err(StorageError::Corrupt(_)) => return Ok(Some(Fault::Index(None))),
                Err(error) => return Err(error),
            }
        }
        let check = "PRAGMA integrity_check('audit_events')".to_owned();
        let ask = Statement::from_string(DbBackend::Sqlite, check);
        let answer = self.connection().query_one_raw(ask).await?;
        let answer: Option<String> = answer.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok((answer.as_deref() != Some("ok")).then_some(Fault::Index(None)))
    }

    async fn find_number(&self, sql: String) -> Result<Option<i64>, StorageError> {
        let ask = Statement::from_string(DbBackend::Sqlite, sql);
        let row = self.connection().query_one_raw(ask).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.flatten())
    }
}

/// The first entry with a column that holds another type than was written.
const NOT_OF_ITS_TYPE: &str = "SELECT min(seq) FROM audit_events WHERE typeof(salt) <> 'blob' \
    OR typeof(previous) <> 'blob' OR typeof(digest) <> 'blob' OR typeof(level_id) NOT IN ('blob', 'null')";

/// The indexes of the trail, and what each lists entries by before their time and number.
const INDEXES: [(&str, &str); 4] = [
    ("audit_events_at", "at"),
    ("audit_events_level_at", "level_id"),
    ("audit_events_actor_at", "actor"),
    ("audit_events_object_at", "object"),
];

/// The first entry that an index does not list as it is. A column that no index has makes SQLite read the entries
/// themselves for the one side.
fn not_listed(index: &str, column: &str) -> String {
    let columns = format!("{column}, at, seq");
    format!(
        "SELECT min(seq) FROM (SELECT {columns} FROM audit_events NOT INDEXED WHERE length(digest) > 0 \
         EXCEPT SELECT {columns} FROM audit_events INDEXED BY {index})"
    )
}

/// What a checkpoint stands at, and what it signs if it is good.
type Signed = (i64, Option<Place>);

async fn signed_places(
    snapshot: &DatabaseTransaction,
    read: CheckpointReader<'_>,
) -> Result<Vec<Signed>, StorageError> {
    let mut rows = audit_checkpoints::Entity::find()
        .order_by_asc(audit_checkpoints::Column::Seq)
        .stream(snapshot)
        .await?;
    let (mut places, mut last) = (Vec::new(), 0);
    loop {
        match rows.try_next().await.map_err(StorageError::from) {
            Ok(None) => return Ok(places),
            Ok(Some(row)) => {
                let checkpoint = into_checkpoint(row);
                last = checkpoint.seq;
                places.push((last, read(&checkpoint).filter(|place| place.seq == last)));
            }
            Err(StorageError::Corrupt(_)) => {
                places.push((last, None));
                return Ok(places);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Walks over all entries and checkpoints, and compares with the recorded end.
async fn follow(
    snapshot: &DatabaseTransaction,
    walk: &mut Walk,
    signed: &[Signed],
) -> Result<Result<(), Fault>, StorageError> {
    let head = audit_head::Entity::find_by_id(HEAD).one(snapshot).await.map_err(StorageError::from);
    let end = match head {
        Ok(row) => row.and_then(into_place),
        Err(StorageError::Corrupt(_)) => None,
        Err(error) => return Err(error),
    };
    let mut signed = signed.iter().peekable();
    let mut passed_end = end == Some(walk.place());
    let mut entries = audit_events::Entity::find().order_by_asc(audit_events::Column::Seq);
    // From the beginning all rows are read as they stand: a search by number would follow one that was changed.
    if walk.place() != Place::START {
        entries = entries.filter(audit_events::Column::Seq.gt(walk.place().seq));
    }
    let mut rows = entries.stream(snapshot).await?;
    loop {
        while let Some((seq, place)) = signed.next_if(|(seq, _)| *seq <= walk.place().seq) {
            if let Err(fault) = check(walk, *seq, *place) {
                return Ok(Err(fault));
            }
        }
        let entry = match rows.try_next().await.map_err(StorageError::from) {
            Ok(None) => break,
            Ok(Some(row)) => into_entry(row),
            Err(StorageError::Corrupt(_)) => None,
            Err(error) => return Err(error),
        };
        let stepped = entry.ok_or(Fault::Entry(walk.next())).and_then(|entry| walk.entry(&entry));
        if let Err(fault) = stepped {
            return Ok(Err(fault));
        }
        passed_end |= end == Some(walk.place());
    }
    for (seq, place) in signed {
        if let Err(fault) = check(walk, *seq, *place) {
            return Ok(Err(fault));
        }
    }
    Ok(check_end(walk, end, passed_end))
}

fn check(walk: &mut Walk, seq: i64, place: Option<Place>) -> Result<(), Fault> {
    walk.checkpoint(place.ok_or(Fault::Checkpoint(seq))?)
}

/// The recorded end must be the last entry. One that was passed on the way has had entries put in after it.
fn check_end(walk: &Walk, end: Option<Place>, passed_end: bool) -> Result<(), Fault> {
    let last = walk.place();
    match end {
        Some(end) if end == last => Ok(()),
        Some(end) if passed_end => Err(Fault::Entry(end.seq.saturating_add(1))),
        Some(end) if end.seq > last.seq => {
            Err(Fault::Missing { first: walk.next(), last: end.seq })
        }
        _ => Err(Fault::End(last.seq)),
    }
}
