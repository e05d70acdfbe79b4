//! Nominations with their nominees and confirmations.

use portal_core::{
    Timestamp,
    email::Email,
    id::{ApplicationId, NominationId, ThirdPartyId, UserId},
    nomination::{NominationStatus, Nominee},
    person_name::PersonName,
    phone::PhoneNumber,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Sealer, StorageError, Store, Transaction,
    entity::{nomination_confirmations, nominations, nominees},
    guarded, stored_list,
};

/// Who signs for a third party.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signatory {
    /// Full name.
    pub name: String,
    /// Function in the organisation.
    pub function: String,
    /// Where questions and the decision go.
    pub email: String,
    /// The language in which they are written.
    pub locale: String,
}

/// A nomination to be begun.
#[derive(Clone, Debug)]
pub struct NewNomination {
    /// For which third party.
    pub third_party: ThirdPartyId,
    /// Who signs.
    pub signatory: Signatory,
    /// Who of the staff files it, or invited the signatory.
    pub filed_by: Option<UserId>,
    /// Whether staff file it from a paper.
    pub on_paper: bool,
}

/// A nomination as it is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nomination {
    /// Identifier.
    pub id: NominationId,
    /// For which third party.
    pub third_party: ThirdPartyId,
    /// State.
    pub status: NominationStatus,
    /// Who signs.
    pub signatory: Signatory,
    /// The applications that are to be administered.
    pub applications: Vec<ApplicationId>,
    /// Who of the staff filed it, or invited the signatory.
    pub filed_by: Option<UserId>,
    /// Whether staff filed it from a paper.
    pub on_paper: bool,
    /// Who of the staff took it in review.
    pub reviewed_by: Option<UserId>,
    /// The question with which it went back, or the reason for which it was refused.
    pub remark: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was handed in last.
    pub submitted_at: Option<Timestamp>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Goes up with every change: whoever decides on an older one is told (security.md 108).
    pub version: i64,
}

/// A confirmation by somebody of the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// How a nomination goes from one state into the next.
#[derive(Clone, Debug)]
pub struct NominationMove<'a> {
    /// Into which state.
    pub to: NominationStatus,
    /// Who takes it in review.
    pub reviewed_by: Option<UserId>,
    /// A question or a reason; the one before stays otherwise.
    pub remark: Option<&'a str>,
}

impl Store {
    /// A nomination.
    pub async fn find_nomination(
        &self,
        id: NominationId,
    ) -> Result<Option<Nomination>, StorageError> {
        load(self.connection(), id).await
    }

    /// Those whom a nomination names, as it was handed in last.
    pub async fn list_nominees(&self, id: NominationId) -> Result<Vec<Nominee>, StorageError> {
        load_nominees(self.connection(), self.sealer(), id).await
    }

    /// Who has confirmed it, in the order of time.
    pub async fn list_confirmations(
        &self,
        id: NominationId,
    ) -> Result<Vec<Confirmation>, StorageError> {
        load_confirmations(self.connection(), id).await
    }
}

impl Transaction {
    /// A nomination, as this transaction sees it.
    pub async fn find_nomination(
        &self,
        id: NominationId,
    ) -> Result<Option<Nomination>, StorageError> {
        load(self.connection(), id).await
    }

    /// Those whom a nomination names, as this transaction sees them.
    pub async fn list_nominees(&self, id: NominationId) -> Result<Vec<Nominee>, StorageError> {
        load_nominees(self.connection(), self.sealer(), id).await
    }

    /// Who has confirmed it, as this transaction sees it.
    pub async fn list_confirmations(
        &self,
        id: NominationId,
    ) -> Result<Vec<Confirmation>, StorageError> {
        load_confirmations(self.connection(), id).await
    }

    /// Begins a nomination.
    pub async fn insert_nomination(
        &self,
        new: &NewNomination,
        now: Timestamp,
    ) -> Result<NominationId, StorageError> {
        let id = Uuid::new_v4();
        let row = nominations::ActiveModel {
            id: Set(id),
            third_party_id: Set(new.third_party.0),
            status: Set(NominationStatus::Draft.as_str().to_owned()),
            signatory_name: Set(new.signatory.name.clone()),
            signatory_function: Set(new.signatory.function.clone()),
            signatory_email: Set(new.signatory.email.clone()),
            signatory_locale: Set(new.signatory.locale.clone()),
            applications: Set(stored_list::write::<ApplicationId>(&[])?),
            filed_by: Set(new.filed_by.map(|by| by.0)),
            on_paper: Set(new.on_paper),
            reviewed_by: Set(None),
            remark: Set(None),
            draft_sealed: Set(None),
            created_at: Set(now.millis()),
            submitted_at: Set(None),
            decided_at: Set(None),
            version: Set(0),
        };
        nominations::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(NominationId(id))
    }

    /// Writes down what is handed in, in place of what was handed in before: whoever had confirmed that has not
    /// confirmed this.
    pub async fn replace_nominees(
        &self,
        nomination: &Nomination,
        people: &[Nominee],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let id = nomination.id;
        nominations::Entity::update_many()
            .col_expr(
                nominations::Column::SignatoryName,
                Expr::value(nomination.signatory.name.as_str()),
            )
            .col_expr(
                nominations::Column::SignatoryFunction,
                Expr::value(nomination.signatory.function.as_str()),
            )
            .col_expr(
                nominations::Column::Applications,
                Expr::value(stored_list::write(&nomination.applications)?),
            )
            .col_expr(nominations::Column::SubmittedAt, Expr::value(now.millis()))
            .filter(nominations::Column::Id.eq(id.0))
            .exec(self.connection())
            .await?;
        nomination_confirmations::Entity::delete_many()
            .filter(nomination_confirmations::Column::NominationId.eq(id.0))
            .exec(self.connection())
            .await?;
        nominees::Entity::delete_many()
            .filter(nominees::Column::NominationId.eq(id.0))
            .exec(self.connection())
            .await?;
        let mut rows = Vec::new();
        for (place, person) in (0..).zip(people) {
            rows.push(self.new_nominee(id, place, person)?);
        }
        nominees::Entity::insert_many(rows).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    fn new_nominee(
        &self,
        id: NominationId,
        place: i32,
        person: &Nominee,
    ) -> Result<nominees::ActiveModel, StorageError> {
        let phone = self.sealer().seal(&phone_of(id, place), person.phone.as_e164().as_bytes())?;
        Ok(nominees::ActiveModel {
            nomination_id: Set(id.0),
            place: Set(place),
            first_name: Set(person.first_name.as_str().to_owned()),
            last_name: Set(person.last_name.as_str().to_owned()),
            email: Set(person.email.as_str().to_owned()),
            phone_sealed: Set(phone),
            is_user_administrator: Set(person.is_user_administrator),
            applications: Set(stored_list::write(&person.applications)?),
        })
    }

    /// Brings a nomination into its next state; `false` when somebody else changed it meanwhile.
    pub async fn move_nomination(
        &self,
        nomination: &Nomination,
        step: &NominationMove<'_>,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        use nominations::Column;
        let mut update = nominations::Entity::update_many()
            .col_expr(Column::Status, Expr::value(step.to.as_str()))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(nomination.id.0))
            .filter(Column::Status.eq(nomination.status.as_str()))
            .filter(Column::Version.eq(nomination.version));
        if step.to.is_final() {
            update = update.col_expr(Column::DecidedAt, Expr::value(now.millis()));
        }
        if let Some(by) = step.reviewed_by {
            update = update.col_expr(Column::ReviewedBy, Expr::value(by.0));
        }
        if let Some(remark) = step.remark {
            update = update.col_expr(Column::Remark, Expr::value(remark));
        }
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Notes a confirmation; `false` when the person had confirmed before.
    pub async fn insert_confirmation(
        &self,
        id: NominationId,
        by: UserId,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let row = nomination_confirmations::ActiveModel {
            nomination_id: Set(id.0),
            confirmed_by: Set(by.0),
            confirmed_at: Set(now.millis()),
        };
        let key = [
            nomination_confirmations::Column::NominationId,
            nomination_confirmations::Column::ConfirmedBy,
        ];
        let insert = nomination_confirmations::Entity::insert(row).on_conflict_do_nothing_on(key);
        guarded::be_first(self, insert).await
    }
}

async fn load(
    db: &impl ConnectionTrait,
    id: NominationId,
) -> Result<Option<Nomination>, StorageError> {
    let row = nominations::Entity::find_by_id(id.0).one(db).await?;
    row.map(into_nomination).transpose()
}

async fn load_nominees(
    db: &impl ConnectionTrait,
    sealer: &dyn Sealer,
    id: NominationId,
) -> Result<Vec<Nominee>, StorageError> {
    let rows = nominees::Entity::find()
        .filter(nominees::Column::NominationId.eq(id.0))
        .order_by_asc(nominees::Column::Place)
        .all(db)
        .await?;
    rows.iter().map(|row| into_nominee(row, sealer)).collect()
}

async fn load_confirmations(
    db: &impl ConnectionTrait,
    id: NominationId,
) -> Result<Vec<Confirmation>, StorageError> {
    let rows = nomination_confirmations::Entity::find()
        .filter(nomination_confirmations::Column::NominationId.eq(id.0))
        .order_by_asc(nomination_confirmations::Column::ConfirmedAt)
        .order_by_asc(nomination_confirmations::Column::ConfirmedBy)
        .all(db)
        .await?;
    let confirmation = |row: nomination_confirmations::Model| Confirmation {
        by: UserId(row.confirmed_by),
        at: Timestamp::from_millis(row.confirmed_at),
    };
    Ok(rows.into_iter().map(confirmation).collect())
}

fn phone_of(id: NominationId, place: i32) -> String {
    format!("nominees.phone:{id}:{place}")
}

pub(crate) fn into_nomination(row: nominations::Model) -> Result<Nomination, StorageError> {
    Ok(Nomination {
        id: NominationId(row.id),
        third_party: ThirdPartyId(row.third_party_id),
        status: NominationStatus::parse(&row.status)
            .ok_or(StorageError::Corrupt("nomination status"))?,
        signatory: Signatory {
            name: row.signatory_name,
            function: row.signatory_function,
            email: row.signatory_email,
            locale: row.signatory_locale,
        },
        applications: stored_list::read(&row.applications, "applications")?,
        filed_by: row.filed_by.map(UserId),
        on_paper: row.on_paper,
        reviewed_by: row.reviewed_by.map(UserId),
        remark: row.remark,
        created_at: Timestamp::from_millis(row.created_at),
        submitted_at: row.submitted_at.map(Timestamp::from_millis),
        decided_at: row.decided_at.map(Timestamp::from_millis),
        version: row.version,
    })
}

fn into_nominee(row: &nominees::Model, sealer: &dyn Sealer) -> Result<Nominee, StorageError> {
    let purpose = phone_of(NominationId(row.nomination_id), row.place);
    let phone = String::from_utf8(sealer.open(&purpose, &row.phone_sealed)?)
        .map_err(|_| StorageError::Corrupt("phone number"))?;
    let name = |text: &str| {
        PersonName::of_stored(text).map_err(|_| StorageError::Corrupt("nominee's name"))
    };
    Ok(Nominee {
        first_name: name(&row.first_name)?,
        last_name: name(&row.last_name)?,
        email: Email::of_stored(&row.email)
            .map_err(|_| StorageError::Corrupt("nominee's address"))?,
        phone: PhoneNumber::parse(&phone).map_err(|_| StorageError::Corrupt("phone number"))?,
        is_user_administrator: row.is_user_administrator,
        applications: stored_list::read(&row.applications, "applications")?,
    })
}
