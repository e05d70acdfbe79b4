//! Accounts: people together with the level, third party and subsidiary that they belong to.

use portal_core::{
    Timestamp,
    account::{Channel, NewUser, Standing, User, UserStatus},
    email::EmailKey,
    expiry::ExpirationDate,
    id::{LevelId, SubsidiaryId, ThirdPartyId, UserId},
    organisation::{Level, LevelPath, Subsidiary, ThirdPartyStatus},
    phone::PhoneNumber,
    search_key::search_key,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, FromQueryResult, JoinType,
    QueryFilter as _, QuerySelect as _, RelationDef, Select,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{
    Sealer, StorageError, Store, Transaction,
    entity::{levels, subsidiaries, third_parties, users},
    guarded,
    role::{reach_of, topmost_boundary},
    sign_in_data::replaced_sign_in_data,
    terms::acknowledgements,
};

/// What a phone number is sealed for: this column of this person's row, and no other.
pub(crate) fn phone_of(id: Uuid) -> String {
    format!("users.phone:{id}")
}

/// The keys that a number is found by: all of it, and its last four digits.
pub(crate) fn phone_keys(sealer: &dyn Sealer, phone: &PhoneNumber) -> (Vec<u8>, Vec<u8>) {
    let whole = sealer.index("users.phone", phone.as_e164().as_bytes());
    (whole.to_vec(), phone_tail_key(sealer, phone.tail()))
}

/// The key of the last four digits of numbers.
pub(crate) fn phone_tail_key(sealer: &dyn Sealer, tail: &str) -> Vec<u8> {
    sealer.index("users.phone_tail", tail.as_bytes()).to_vec()
}

/// A third party as far as its people need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThirdPartySummary {
    /// Identifier.
    pub id: ThirdPartyId,
    /// Legal name.
    pub name: String,
    /// LEI, where it has one.
    pub lei: Option<String>,
    /// State.
    pub status: ThirdPartyStatus,
}

/// A person with everything that pages and tokens say of them, in one query.
#[derive(Clone, Debug)]
pub struct Account {
    /// The person.
    pub user: User,
    /// Where the person sits.
    pub level: Level,
    /// `None` for staff of the operator.
    pub third_party: Option<ThirdPartySummary>,
    /// If one is given.
    pub subsidiary: Option<Subsidiary>,
    /// How far the person's delegated roles reach, dormant ones as well: the topmost of their boundaries and of the
    /// level. A nomination grants above the level where an account is (E56).
    pub reach: LevelPath,
}

impl Account {
    /// Whether the account may be used now (I7).
    pub fn standing(&self, now: Timestamp) -> Standing {
        self.user.standing(self.third_party.as_ref().map(|t| t.status), now)
    }
}

#[derive(FromQueryResult)]
pub(crate) struct AccountRow {
    #[sea_orm(nested)]
    user: users::Model,
    level_name: String,
    level_path: String,
    third_party_id: Option<Uuid>,
    third_party_name: Option<String>,
    third_party_lei: Option<String>,
    third_party_status: Option<String>,
    third_party_barred_at: Option<i64>,
    subsidiary_name: Option<String>,
    subsidiary_lei: Option<String>,
    topmost_boundary: Option<String>,
}

impl Store {
    /// The account of an address.
    pub async fn find_account_by_email(
        &self,
        key: &EmailKey,
    ) -> Result<Option<Account>, StorageError> {
        one(of_address(key), self.connection(), self.sealer()).await
    }

    /// The account of a subject.
    pub async fn find_account(&self, id: UserId) -> Result<Option<Account>, StorageError> {
        let select = accounts().filter(users::Column::Id.eq(id.0));
        one(select, self.connection(), self.sealer()).await
    }
}

fn of_address(key: &EmailKey) -> Select<users::Entity> {
    accounts().filter(users::Column::EmailKey.eq(key.as_str()))
}

async fn one(
    select: Select<users::Entity>,
    db: &impl ConnectionTrait,
    sealer: &dyn Sealer,
) -> Result<Option<Account>, StorageError> {
    let row = select.into_model::<AccountRow>().one(db).await?;
    row.map(|row| into_account(row, sealer)).transpose()
}

impl Transaction {
    /// The account of a subject, as this transaction sees it.
    pub async fn find_account(&self, id: UserId) -> Result<Option<Account>, StorageError> {
        let select = accounts().filter(users::Column::Id.eq(id.0));
        one(select, self.connection(), self.sealer()).await
    }

    /// The account of an address, as this transaction sees it.
    pub async fn find_account_by_email(
        &self,
        key: &EmailKey,
    ) -> Result<Option<Account>, StorageError> {
        one(of_address(key), self.connection(), self.sealer()).await
    }

    /// Creates an account in state `status`, without a password.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when the address has an account already (I5).
    pub async fn insert_user(
        &self,
        new: &NewUser,
        status: UserStatus,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<UserId, StorageError> {
        let id = Uuid::new_v4();
        let (phone_key, phone_tail_key) = phone_keys(self.sealer(), &new.phone);
        let row = users::ActiveModel {
            id: Set(id),
            first_name: Set(new.first_name.as_str().to_owned()),
            last_name: Set(new.last_name.as_str().to_owned()),
            email: Set(new.email.as_str().to_owned()),
            email_key: Set(new.email.key().as_str().to_owned()),
            phone_sealed: Set(self.sealer().seal(&phone_of(id), new.phone.as_e164().as_bytes())?),
            phone_verified_at: Set(None),
            default_channel: Set(new.default_channel.as_str().to_owned()),
            password_hash: Set(None),
            credentials_changed_at: Set(now.millis()),
            level_id: Set(new.level_id.0),
            subsidiary_id: Set(new.subsidiary_id.map(|s| s.0)),
            company_id: Set(new.company_id.clone()),
            expires_on: Set(new.expires_on.map(ExpirationDate::to_iso)),
            self_registered: Set(false),
            status: Set(status.as_str().to_owned()),
            locale: Set("en".to_owned()),
            created_by: Set(by.map(|by| by.0)),
            created_at: Set(now.millis()),
            last_login_at: Set(None),
            version: Set(0),
            first_name_key: Set(search_key(new.first_name.as_str())),
            last_name_key: Set(search_key(new.last_name.as_str())),
            phone_key: Set(Some(phone_key)),
            phone_tail_key: Set(Some(phone_tail_key)),
            email_replaced_at: Set(None),
            phone_replaced_at: Set(None),
            email_replaced_by: Set(None),
            phone_replaced_by: Set(None),
            taken_over_by: Set(None),
            access_version: Set(0),
            terms_version: Set(None),
            terms_accepted_at: Set(None),
            deleted_at: Set(None),
            terms_told_version: Set(None),
            administrator_terms_version: Set(None),
            administrator_terms_accepted_at: Set(None),
            administrator_terms_told_version: Set(None),
        };
        users::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(UserId(id))
    }

    /// Fills in the keys that a person from before there were keys is found by.
    pub(crate) async fn fill_in_keys(&self, row: users::Model) -> Result<(), StorageError> {
        let first_name_key = search_key(&row.first_name);
        let last_name_key = search_key(&row.last_name);
        let user = into_user(row, self.sealer())?;
        let (phone_key, tail_key) = phone_keys(self.sealer(), &user.phone);
        users::Entity::update_many()
            .col_expr(users::Column::FirstNameKey, Expr::value(first_name_key))
            .col_expr(users::Column::LastNameKey, Expr::value(last_name_key))
            .col_expr(users::Column::PhoneKey, Expr::value(phone_key))
            .col_expr(users::Column::PhoneTailKey, Expr::value(tail_key))
            .filter(users::Column::Id.eq(user.id.0))
            .filter(users::Column::PhoneKey.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// INVITED becomes ACTIVE, once: password set, phone proved (life cycle of a user, domain.md 2.4).
    /// `false` when the account was not INVITED.
    pub async fn activate_user(
        &self,
        id: UserId,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = users::Entity::update_many()
            .col_expr(users::Column::Status, Expr::value(UserStatus::Active.as_str()))
            .col_expr(users::Column::PasswordHash, Expr::value(password_hash))
            .col_expr(users::Column::PhoneVerifiedAt, Expr::value(now.millis()))
            .col_expr(users::Column::CredentialsChangedAt, Expr::value(now.millis()))
            .filter(users::Column::Id.eq(id.0))
            .filter(users::Column::Status.eq(UserStatus::Invited.as_str()));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Replaces the password, if it is still the one that was proved. `false` when it changed meanwhile.
    pub async fn change_password(
        &self,
        user: &User,
        new_hash: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = users::Entity::update_many()
            .col_expr(users::Column::PasswordHash, Expr::value(new_hash))
            .col_expr(users::Column::CredentialsChangedAt, Expr::value(now.millis()))
            .filter(users::Column::Id.eq(user.id.0))
            .filter(users::Column::PasswordHash.eq(user.password_hash.clone()));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Whether the password that was compared is still the person's. Holds the row, so that it stays so until the
    /// commit. Every transaction that touches a person's logins or sessions takes this row first.
    pub async fn confirm_password(&self, user: &User) -> Result<bool, StorageError> {
        let update = users::Entity::update_many()
            .col_expr(users::Column::Version, Expr::col(users::Column::Version))
            .filter(users::Column::Id.eq(user.id.0))
            .filter(users::Column::PasswordHash.eq(user.password_hash.clone()));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Marks an account or its roles as changed: whoever saves on top of an older state is told (I27).
    pub async fn raise_version(&self, id: UserId) -> Result<(), StorageError> {
        users::Entity::update_many()
            .col_expr(users::Column::Version, Expr::col(users::Column::Version).add(1))
            .filter(users::Column::Id.eq(id.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Makes `channel` the default one (manual §1, O13).
    pub async fn set_default_channel(
        &self,
        id: UserId,
        channel: Channel,
    ) -> Result<(), StorageError> {
        users::Entity::update_many()
            .col_expr(users::Column::DefaultChannel, Expr::value(channel.as_str()))
            .filter(users::Column::Id.eq(id.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Notes when the person signed in, and holds the row: before logins and sessions, like every such transaction. The
    /// code has proved the number, if an administrator replaced it (E5).
    pub async fn note_login(&self, id: UserId, now: Timestamp) -> Result<(), StorageError> {
        let proved =
            Func::coalesce([Expr::col(users::Column::PhoneVerifiedAt), Expr::value(now.millis())]);
        users::Entity::update_many()
            .col_expr(users::Column::PhoneVerifiedAt, proved.into())
            .col_expr(users::Column::LastLoginAt, Expr::value(now.millis()))
            .filter(users::Column::Id.eq(id.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

/// Accounts with where they belong.
pub(crate) fn accounts() -> Select<users::Entity> {
    let level: RelationDef = users::Entity::belongs_to(levels::Entity)
        .from(users::Column::LevelId)
        .to(levels::Column::Id)
        .into();
    let third_party: RelationDef = levels::Entity::belongs_to(third_parties::Entity)
        .from(levels::Column::ThirdPartyId)
        .to(third_parties::Column::Id)
        .into();
    let subsidiary: RelationDef = users::Entity::belongs_to(subsidiaries::Entity)
        .from(users::Column::SubsidiaryId)
        .to(subsidiaries::Column::Id)
        .into();
    users::Entity::find()
        .join(JoinType::InnerJoin, level)
        .join(JoinType::LeftJoin, third_party)
        .join(JoinType::LeftJoin, subsidiary)
        .column_as(levels::Column::Name, "level_name")
        .column_as(levels::Column::Path, "level_path")
        .column_as(third_parties::Column::Id, "third_party_id")
        .column_as(third_parties::Column::LegalName, "third_party_name")
        .column_as(third_parties::Column::Lei, "third_party_lei")
        .column_as(third_parties::Column::Status, "third_party_status")
        .column_as(third_parties::Column::BarredAt, "third_party_barred_at")
        .column_as(subsidiaries::Column::ShortName, "subsidiary_name")
        .column_as(subsidiaries::Column::Lei, "subsidiary_lei")
        .expr_as(topmost_boundary(), "topmost_boundary")
}

pub(crate) fn into_account(row: AccountRow, sealer: &dyn Sealer) -> Result<Account, StorageError> {
    let third_party = match (row.third_party_id, row.third_party_name, row.third_party_status) {
        (Some(id), Some(name), Some(status)) => Some(ThirdPartySummary {
            id: ThirdPartyId(id),
            name,
            lei: row.third_party_lei,
            status: ThirdPartyStatus::parse(&status)
                .ok_or(StorageError::Corrupt("third party status"))?,
        }),
        _ => None,
    };
    let subsidiary = match (row.user.subsidiary_id, row.subsidiary_name, row.subsidiary_lei) {
        (Some(id), Some(short_name), Some(lei)) => Some(Subsidiary {
            id: SubsidiaryId(id),
            level_id: LevelId(row.user.level_id),
            short_name,
            lei,
        }),
        _ => None,
    };
    let level = Level {
        id: LevelId(row.user.level_id),
        name: row.level_name,
        path: LevelPath::from_stored(row.level_path),
        third_party_id: third_party.as_ref().map(|t| t.id),
    };
    let reach = reach_of(&level.path, row.topmost_boundary);
    let mut user = into_user(row.user, sealer)?;
    // What was issued before the third party was barred is void for good, also once it is open again (E55).
    if let Some(barred) = row.third_party_barred_at.map(Timestamp::from_millis) {
        user.credentials_changed_at = user.credentials_changed_at.max(barred);
    }
    Ok(Account { user, level, third_party, subsidiary, reach })
}

fn into_user(row: users::Model, sealer: &dyn Sealer) -> Result<User, StorageError> {
    let phone = String::from_utf8(sealer.open(&phone_of(row.id), &row.phone_sealed)?)
        .map_err(|_| StorageError::Corrupt("phone number"))?;
    let expires_on = row.expires_on.as_deref().map(ExpirationDate::from_iso).transpose();
    let (replaced, terms) = (replaced_sign_in_data(&row)?, acknowledgements(&row));
    Ok(User {
        id: UserId(row.id),
        first_name: row.first_name,
        last_name: row.last_name,
        email: row.email,
        phone: PhoneNumber::parse(&phone).map_err(|_| StorageError::Corrupt("phone number"))?,
        default_channel: Channel::parse(&row.default_channel)
            .ok_or(StorageError::Corrupt("channel"))?,
        password_hash: row.password_hash,
        credentials_changed_at: Timestamp::from_millis(row.credentials_changed_at),
        level_id: LevelId(row.level_id),
        subsidiary_id: row.subsidiary_id.map(SubsidiaryId),
        company_id: row.company_id,
        expires_on: expires_on.map_err(|_| StorageError::Corrupt("expiration date"))?,
        status: UserStatus::parse(&row.status).ok_or(StorageError::Corrupt("user status"))?,
        locale: row.locale,
        last_login_at: row.last_login_at.map(Timestamp::from_millis),
        self_registered: row.self_registered,
        created_by: row.created_by.map(UserId),
        created_at: Timestamp::from_millis(row.created_at),
        version: row.version,
        access_version: row.access_version,
        replaced,
        terms,
    })
}
