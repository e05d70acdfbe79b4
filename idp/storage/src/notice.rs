//! Notices: what people are told in the portal and by mail. A mail waits here until a gateway has taken it.

use std::collections::BTreeMap;

use portal_core::{Timestamp, id::UserId, notice::NoticeKind};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, FromQueryResult, JoinType, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef,
    sea_query::{Expr, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{notices, users},
    mail::{MailId, MailTry},
    row_id,
};

/// Most rows in one statement.
const ROWS: usize = 500;
/// Most unread notices that are counted.
const COUNT_AT_MOST: u64 = 100;
/// A mail that is urgent is due so many seconds before it is written: it goes before whatever became due meanwhile,
/// by the order that the mails have anyway.
const HEAD_START: i64 = 24 * 60 * 60;

/// The facts that the words of a notice speak of: names, groups, dates. No secret, no phone number.
pub type NoticeFacts = BTreeMap<String, String>;

/// A notice to be written.
#[derive(Clone, Debug)]
pub struct NewNotice {
    /// To whom.
    pub user: UserId,
    /// What it tells.
    pub kind: NoticeKind,
    /// Its facts.
    pub facts: NoticeFacts,
    /// Where its mail goes; `None` for a notice in the portal only.
    pub mail_to: Option<String>,
}

/// A notice as it is loaded.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Identifier; later notices have greater ones.
    pub id: Uuid,
    /// What it tells.
    pub kind: NoticeKind,
    /// Its facts.
    pub facts: NoticeFacts,
    /// When it was written.
    pub created_at: Timestamp,
    /// Whether the person has seen it in the portal.
    pub is_read: bool,
}

/// A notice whose mail is due.
#[derive(Clone, Debug)]
pub struct DueMail {
    /// The notice.
    pub notice: Notice,
    /// Who is told.
    pub user: UserId,
    /// Where to.
    pub to: String,
    /// The person's language.
    pub locale: String,
    /// The mail, with how often it was tried.
    pub mail: MailTry,
}

#[derive(FromQueryResult)]
struct DueRow {
    #[sea_orm(nested)]
    notice: notices::Model,
    locale: String,
}

impl Store {
    /// Notices of a person, newest first, older than `before`.
    pub async fn list_notices(
        &self,
        user: UserId,
        before: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Notice>, StorageError> {
        let mut find =
            notices::Entity::find().filter(notices::Column::UserId.eq(user.0)).filter(is_known());
        if let Some(before) = before {
            find = find.filter(notices::Column::Id.lt(before));
        }
        let rows =
            find.order_by_desc(notices::Column::Id).limit(limit).all(self.connection()).await?;
        rows.iter().map(into_notice).collect()
    }

    /// How many notices a person has not seen; no more than 100 are counted.
    pub async fn count_unread_notices(&self, user: UserId) -> Result<u64, StorageError> {
        let unread = notices::Entity::find()
            .select_only()
            .column(notices::Column::Id)
            .filter(notices::Column::UserId.eq(user.0))
            .filter(notices::Column::ReadAt.is_null())
            .filter(is_known())
            .limit(COUNT_AT_MOST);
        Ok(unread.count(self.connection()).await?)
    }

    /// Mails of notices that are due, urgent ones first, then those that have waited longest.
    pub async fn list_due_mails(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<DueMail>, StorageError> {
        let user: RelationDef = notices::Entity::belongs_to(users::Entity)
            .from(notices::Column::UserId)
            .to(users::Column::Id)
            .into();
        let rows = notices::Entity::find()
            .join(JoinType::InnerJoin, user)
            .column_as(users::Column::Locale, "locale")
            .filter(notices::Column::MailDueAt.lte(now.millis()))
            .filter(is_known())
            .order_by_asc(notices::Column::MailDueAt)
            .limit(limit)
            .into_model::<DueRow>()
            .all(self.connection())
            .await?;
        rows.into_iter()
            .map(|row| {
                let to = row.notice.mail_to.clone().ok_or(StorageError::Corrupt("mail address"))?;
                let mail =
                    MailTry { id: MailId::Notice(row.notice.id), tries: row.notice.mail_tries };
                let (user, notice) = (UserId(row.notice.user_id), into_notice(&row.notice)?);
                Ok(DueMail { notice, user, to, locale: row.locale, mail })
            })
            .collect()
    }
}

impl Transaction {
    /// Writes notices; their mails are due at once.
    pub async fn insert_notices(
        &self,
        new: &[NewNotice],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        for some in new.chunks(ROWS) {
            let rows: Result<Vec<_>, _> = some.iter().map(|new| into_row(new, now)).collect();
            notices::Entity::insert_many(rows?).exec_without_returning(self.connection()).await?;
        }
        Ok(())
    }

    /// Whether a person was told the very same since that instant, in Unix milliseconds.
    pub async fn was_told(
        &self,
        user: UserId,
        (kind, facts): (NoticeKind, &NoticeFacts),
        since: i64,
    ) -> Result<bool, StorageError> {
        let facts = serde_json::to_string(facts);
        let facts = facts.map_err(|_| StorageError::Corrupt("notice facts"))?;
        let found = notices::Entity::find()
            .filter(notices::Column::UserId.eq(user.0))
            .filter(notices::Column::CreatedAt.gte(since))
            .filter(notices::Column::Kind.eq(kind.as_str()))
            .filter(notices::Column::Facts.eq(facts))
            .one(self.connection())
            .await?;
        Ok(found.is_some())
    }

    /// When a person was first told something after an instant, whatever the facts.
    pub async fn first_told(
        &self,
        user: UserId,
        kind: NoticeKind,
        after: Timestamp,
    ) -> Result<Option<Timestamp>, StorageError> {
        let found: Option<i64> = notices::Entity::find()
            .select_only()
            .column(notices::Column::CreatedAt)
            .filter(notices::Column::UserId.eq(user.0))
            .filter(notices::Column::CreatedAt.gt(after.millis()))
            .filter(notices::Column::Kind.eq(kind.as_str()))
            .order_by_asc(notices::Column::CreatedAt)
            .into_tuple()
            .one(self.connection())
            .await?;
        Ok(found.map(Timestamp::from_millis))
    }

    /// Marks these notices of a person as seen; other people's stay as they are.
    pub async fn read_notices(
        &self,
        user: UserId,
        seen: &[Uuid],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        notices::Entity::update_many()
            .col_expr(notices::Column::ReadAt, Expr::value(now.millis()))
            .filter(notices::Column::UserId.eq(user.0))
            .filter(notices::Column::Id.is_in(seen.iter().copied()))
            .filter(notices::Column::ReadAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

/// Notices of a kind that this program has words for. One that a later release wrote waits for a node of that release,
/// and holds up no other.
fn is_known() -> SimpleExpr {
    notices::Column::Kind.is_in(NoticeKind::ALL.map(NoticeKind::as_str))
}

fn into_row(new: &NewNotice, now: Timestamp) -> Result<notices::ActiveModel, StorageError> {
    let facts = serde_json::to_string(&new.facts);
    let due = if new.kind.is_urgent() { now.plus_seconds(-HEAD_START) } else { now };
    Ok(notices::ActiveModel {
        id: Set(row_id::at(now)),
        user_id: Set(new.user.0),
        kind: Set(new.kind.as_str().to_owned()),
        facts: Set(facts.map_err(|_| StorageError::Corrupt("notice facts"))?),
        created_at: Set(now.millis()),
        read_at: Set(None),
        mail_to: Set(new.mail_to.clone()),
        mail_due_at: Set(new.mail_to.as_ref().map(|_| due.millis())),
        mail_tries: Set(0),
        mailed_at: Set(None),
    })
}

fn into_notice(row: &notices::Model) -> Result<Notice, StorageError> {
    Ok(Notice {
        id: row.id,
        kind: NoticeKind::parse(&row.kind).ok_or(StorageError::Corrupt("notice kind"))?,
        facts: serde_json::from_str(&row.facts)
            .map_err(|_| StorageError::Corrupt("notice facts"))?,
        created_at: Timestamp::from_millis(row.created_at),
        is_read: row.read_at.is_some(),
    })
}
