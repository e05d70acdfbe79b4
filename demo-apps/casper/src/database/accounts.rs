//! Accounts: one row for each (iss, sub) that has signed in.

use sqlx::{FromRow, Sqlite, Transaction};

use super::{
    Database, DatabaseError,
    audit::{self, Event, Record},
};
use crate::environment::{Role, Roles};

/// Who somebody is: issuer and subject, and nothing else (OpenID Connect Core 5.7).
#[derive(Clone, Debug, PartialEq, Eq, Hash, FromRow)]
pub struct Identity {
    /// Issuer.
    pub iss: String,
    /// Subject at that issuer.
    pub sub: String,
}

/// What the latest claims say of a person, as far as CASPER keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claims {
    /// Who.
    pub identity: Identity,
    /// Display name.
    pub name: String,
    /// Last name, first name, in lower case: the order of lists.
    pub sort_name: String,
    /// For display only.
    pub email: String,
    /// Identifier of the organisation at the portal.
    pub third_party: Option<String>,
    /// Its name.
    pub third_party_name: Option<String>,
    /// Place in the tree of levels, such as `Root/BANK E`.
    pub level_path: String,
    /// What the portal lets the person be in this environment.
    pub roles: Roles,
}

/// An account as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Account {
    /// Number of the account in this database, for addresses of pages.
    pub id: i64,
    /// Who.
    #[sqlx(flatten)]
    pub identity: Identity,
    /// Display name.
    pub name: String,
    /// Key of the order of lists.
    pub sort_name: String,
    /// For display only.
    pub email: String,
    /// Identifier of the organisation at the portal.
    pub third_party: Option<String>,
    /// Its name.
    pub third_party_name: Option<String>,
    /// Place in the tree of levels.
    pub level_path: String,
    data_submitter: bool,
    user_admin: bool,
    collection_owner: bool,
    /// Unix milliseconds of the first sign-in.
    pub created_at: i64,
    /// Unix milliseconds of the latest sign-in.
    pub signed_in_at: i64,
}

impl Account {
    /// The roles as of the latest claims.
    pub fn roles(&self) -> Roles {
        Roles {
            data_submitter: self.data_submitter,
            user_admin: self.user_admin,
            collection_owner: self.collection_owner,
        }
    }

    /// The account with what a session's own claims say of rights in place of the stored copy.
    fn seen_with(self, claims: &Claims) -> Self {
        Self {
            third_party: claims.third_party.clone(),
            third_party_name: claims.third_party_name.clone(),
            level_path: claims.level_path.clone(),
            data_submitter: claims.roles.data_submitter,
            user_admin: claims.roles.user_admin,
            collection_owner: claims.roles.collection_owner,
            ..self
        }
    }
}

/// An account as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct ListedAccount {
    /// The account.
    #[sqlx(flatten)]
    pub account: Account,
    /// How many of its assignments are awake.
    pub assignments: i64,
    /// Codes of their data collections, separated by commas.
    pub collections: String,
}

/// A page of the list of accounts.
#[derive(Clone, Debug, Default)]
pub struct AccountPage {
    /// In the order of [`Claims::sort_name`].
    pub rows: Vec<ListedAccount>,
    /// How many accounts there are on all pages.
    pub total: i64,
}

/// How many accounts a page of the list has.
pub(crate) const PAGE_SIZE: i64 = 25;

const BY_IDENTITY: &str = "SELECT * FROM account WHERE iss = ? AND sub = ?";

impl Database {
    /// Makes the account at the first sign-in and brings it up to date at later ones. Twenty
    /// first sign-ins at once make one account (I24). A role that the portal no longer gives,
    /// and a change of organisation, put the assignments to sleep (O32).
    pub async fn sign_in(&self, claims: &Claims, now: i64) -> Result<Account, DatabaseError> {
        let mut tx = self.begin().await?;
        let before = find(&mut tx, &claims.identity).await?;
        sqlx::query(
            "INSERT INTO account (iss, sub, name, sort_name, email, third_party, \
             third_party_name, level_path, data_submitter, user_admin, collection_owner, \
             created_at, signed_in_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
             ?12, ?12) ON CONFLICT (iss, sub) DO UPDATE SET name = ?3, sort_name = ?4, \
             email = ?5, third_party = ?6, third_party_name = ?7, level_path = ?8, \
             data_submitter = ?9, user_admin = ?10, collection_owner = ?11, signed_in_at = ?12",
        )
        .bind(&claims.identity.iss)
        .bind(&claims.identity.sub)
        .bind(&claims.name)
        .bind(&claims.sort_name)
        .bind(&claims.email)
        .bind(&claims.third_party)
        .bind(&claims.third_party_name)
        .bind(&claims.level_path)
        .bind(claims.roles.data_submitter)
        .bind(claims.roles.user_admin)
        .bind(claims.roles.collection_owner)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        match &before {
            Some(before) if before.third_party != claims.third_party => {
                put_all_to_sleep(&mut tx, &claims.identity, now).await?;
            }
            Some(before) => put_to_sleep(&mut tx, before, claims.roles, now).await?,
            None => audit::write(&mut tx, created(claims, now)).await?,
        }
        let after = find(&mut tx, &claims.identity).await?.ok_or(sqlx::Error::RowNotFound)?;
        tx.commit().await?;
        Ok(after)
    }

    /// The account of a person in a running session, with the rights of that session's claims.
    /// The stored copy stays as it is: another session may have brought newer claims, and old
    /// ones must put nothing to sleep.
    pub async fn get_current(&self, claims: &Claims, now: i64) -> Result<Account, DatabaseError> {
        match self.find_account(&claims.identity).await? {
            Some(account) => Ok(account.seen_with(claims)),
            None => self.sign_in(claims, now).await,
        }
    }

    /// Notes that a person came without any role. Makes no account (E35); the assignments of
    /// an account that there is go to sleep (O32).
    pub async fn note_refusal(&self, of: &Identity, now: i64) -> Result<(), DatabaseError> {
        let mut tx = self.begin().await?;
        if let Some(before) = find(&mut tx, of).await? {
            put_to_sleep(&mut tx, &before, Roles::default(), now).await?;
            sqlx::query(
                "UPDATE account SET data_submitter = 0, user_admin = 0, collection_owner = 0 \
                 WHERE id = ?",
            )
            .bind(before.id)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The account of (iss, sub), if the person has ever signed in.
    pub async fn find_account(&self, of: &Identity) -> Result<Option<Account>, DatabaseError> {
        Ok(sqlx::query_as(BY_IDENTITY)
            .bind(&of.iss)
            .bind(&of.sub)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// The account with this number.
    pub async fn find_account_by_id(&self, id: i64) -> Result<Option<Account>, DatabaseError> {
        Ok(sqlx::query_as("SELECT * FROM account WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// A page of accounts, of one organisation or (`None`) of all, whose name, e-mail address or
    /// organisation contains `search`. `page` counts from zero.
    pub async fn list_accounts(
        &self,
        third_party: Option<&str>,
        search: &str,
        page: i64,
    ) -> Result<AccountPage, DatabaseError> {
        let pattern = contains(search);
        let rows = sqlx::query_as(
            "SELECT account.*, (SELECT COUNT(*) FROM assignment a WHERE a.iss = account.iss \
             AND a.sub = account.sub AND a.asleep_since IS NULL) AS assignments, \
             COALESCE((SELECT group_concat(DISTINCT a.collection) FROM assignment a \
             WHERE a.iss = account.iss AND a.sub = account.sub AND a.asleep_since IS NULL), '') \
             AS collections \
             FROM account WHERE (?1 IS NULL OR third_party = ?1) AND (name LIKE ?2 ESCAPE '\\' \
             OR email LIKE ?2 ESCAPE '\\' OR third_party_name LIKE ?2 ESCAPE '\\') \
             ORDER BY sort_name, id LIMIT ?3 OFFSET ?4",
        )
        .bind(third_party)
        .bind(&pattern)
        .bind(PAGE_SIZE)
        .bind(page.clamp(0, 1_000_000).saturating_mul(PAGE_SIZE))
        .fetch_all(&self.pool)
        .await?;
        let total = sqlx::query_scalar(
            "SELECT COUNT(*) FROM account WHERE (?1 IS NULL OR third_party = ?1) \
             AND (name LIKE ?2 ESCAPE '\\' OR email LIKE ?2 ESCAPE '\\' \
             OR third_party_name LIKE ?2 ESCAPE '\\')",
        )
        .bind(third_party)
        .bind(&pattern)
        .fetch_one(&self.pool)
        .await?;
        Ok(AccountPage { rows, total })
    }
}

/// A LIKE pattern for text that contains `search`, taken literally.
fn contains(search: &str) -> String {
    let mut pattern = String::from("%");
    for character in search.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn created(claims: &Claims, now: i64) -> Record<'_> {
    Record {
        at: now,
        event: Event::AccountCreated,
        actor: Some(&claims.identity),
        actor_name: &claims.name,
        subject: &claims.identity,
        role: None,
        pair: None,
    }
}

/// The account of (iss, sub) inside a transaction.
pub(super) async fn find(
    tx: &mut Transaction<'static, Sqlite>,
    of: &Identity,
) -> Result<Option<Account>, DatabaseError> {
    Ok(sqlx::query_as(BY_IDENTITY).bind(&of.iss).bind(&of.sub).fetch_optional(&mut **tx).await?)
}

/// Lets all assignments sleep, whatever roles the person had or has: another organisation gave
/// them.
async fn put_all_to_sleep(
    tx: &mut Transaction<'static, Sqlite>,
    of: &Identity,
    now: i64,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "UPDATE assignment SET asleep_since = ? WHERE iss = ? AND sub = ? \
         AND asleep_since IS NULL",
    )
    .bind(now)
    .bind(&of.iss)
    .bind(&of.sub)
    .execute(&mut **tx)
    .await?;
    let moved = Record {
        at: now,
        event: Event::Moved,
        actor: None,
        actor_name: "Identity Portal",
        subject: of,
        role: None,
        pair: None,
    };
    audit::write(tx, moved).await
}

/// Lets the assignments of every role sleep that `before` had and `still` has not.
async fn put_to_sleep(
    tx: &mut Transaction<'static, Sqlite>,
    before: &Account,
    still: Roles,
    now: i64,
) -> Result<(), DatabaseError> {
    for role in Role::ALL {
        if !before.roles().has(role) || still.has(role) {
            continue;
        }
        sqlx::query(
            "UPDATE assignment SET asleep_since = ? WHERE iss = ? AND sub = ? AND role = ? \
             AND asleep_since IS NULL",
        )
        .bind(now)
        .bind(&before.identity.iss)
        .bind(&before.identity.sub)
        .bind(role.as_str())
        .execute(&mut **tx)
        .await?;
        let lost = Record {
            at: now,
            event: Event::RoleLost,
            actor: None,
            actor_name: "Identity Portal",
            subject: &before.identity,
            role: Some(role),
            pair: None,
        };
        audit::write(tx, lost).await?;
    }
    Ok(())
}
