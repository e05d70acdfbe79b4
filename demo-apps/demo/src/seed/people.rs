//! People, in states that are real: expired, locked, invited and nominated accounts behave so.

use anyhow::Context as _;
use idp::{
    App,
    administration::{Administration, is_delegated},
};
use portal_core::{
    Timestamp,
    account::{Channel, NewUser, UserStatus},
    audit::Origin,
    email::Email,
    expiry::ExpirationDate,
    id::UserId,
    organisation::{Level, LevelName, LevelPath},
    password::NewPassword,
    permission::StaffRole,
    person_name::PersonName,
    phone::PhoneNumber,
    terms::Document,
};

use super::data::{PortalData, PortalUser};

/// Name that the data give to the operator's own level; staff sit at Root (I16).
const STAFF_LEVEL: &str = "ECB";
/// Who has not acknowledged what.
const UNASKED: [(&str, Document); 2] = [
    ("m.dummy@nomail.com", Document::EndUsers),
    ("theo.brissonnet@littoral.example", Document::Administrators),
];
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Creates everybody: first staff, who create the others; last, further identity administrators, who are then not told
/// of all that came before them. Staff are admitted at set-up: what one of them grants waits for a second one.
pub(super) async fn fill(
    app: &App,
    setup: &Administration<'_>,
    data: &PortalData,
    password: &str,
) -> anyhow::Result<()> {
    let hash = hash_of(app, data, password).await?;
    let first = data.portal_users.iter().find(|user| is_identity_administrator(user));
    let first = first.context("no identity administrator")?;
    let (staff, others): (Vec<_>, Vec<_>) =
        data.portal_users.iter().partition(|user| user.level == STAFF_LEVEL);
    let (further, staff): (Vec<_>, Vec<_>) = staff
        .into_iter()
        .partition(|user| is_identity_administrator(user) && user.email != first.email);
    for user in staff {
        create(app, (setup, setup), user, &hash).await.with_context(|| user.email.clone())?;
    }
    let admin = Email::parse(&first.email)?;
    let admin =
        app.store.find_account_by_email(admin.key()).await?.context("no identity administrator")?;
    let actor = app.store.actor(&admin).await?;
    let administration = Administration {
        actor: &actor,
        store: setup.store,
        now: setup.now,
        origin: setup.origin.clone(),
    };
    for user in others {
        create(app, (setup, &administration), user, &hash)
            .await
            .with_context(|| user.email.clone())?;
    }
    for user in further {
        create(app, (setup, setup), user, &hash).await.with_context(|| user.email.clone())?;
    }
    Ok(())
}

fn is_identity_administrator(user: &PortalUser) -> bool {
    user.delegated_roles.iter().any(|role| role == StaffRole::IdentityAdmin.as_str())
}

/// One hash for all: the password is the same, and the rule is applied with everybody's names.
async fn hash_of(app: &App, data: &PortalData, password: &str) -> anyhow::Result<String> {
    let context: Vec<&str> = data
        .portal_users
        .iter()
        .flat_map(|u| [u.first_name.as_str(), u.last_name.as_str(), u.email.as_str()])
        .collect();
    let password = NewPassword::parse(password, &context)?;
    Ok(app.passwords.hash(password.expose().to_owned()).await?)
}

/// Roles are given at set-up too: the first ones of an organisation are no member of the staff's to give (I15).
async fn create(
    app: &App,
    (setup, administration): (&Administration<'_>, &Administration<'_>),
    user: &PortalUser,
    hash: &str,
) -> anyhow::Result<()> {
    let new = new_user(app, administration, user).await?;
    let status =
        if user.status == "NOMINATED" { UserStatus::Nominated } else { UserStatus::Invited };
    let id = administration.create_user(&new, status).await?;
    grant_roles(setup, id, user).await?;
    for name in &user.memberships {
        let group = app.store.find_group(name).await?.with_context(|| format!("group {name}"))?;
        administration.assign_membership(id, &group).await?;
    }
    if matches!(user.status.as_str(), "ACTIVE" | "EXPIRED" | "LOCKED") {
        administration.activate_user(id, hash).await?;
        acknowledge(app, administration.now, (id, user)).await?;
    }
    if user.status == "LOCKED" {
        lock(app, id, administration.now).await?;
    }
    Ok(())
}

async fn new_user(
    app: &App,
    administration: &Administration<'_>,
    user: &PortalUser,
) -> anyhow::Result<NewUser> {
    let level = level_of(app, user).await?;
    let subsidiary = match &user.subsidiary {
        None => None,
        Some(name) => {
            let found = app.store.find_subsidiary(level.id, name).await?;
            Some(found.with_context(|| format!("subsidiary {name}"))?.id)
        }
    };
    Ok(NewUser {
        first_name: PersonName::parse(&user.first_name)?,
        last_name: PersonName::parse(&user.last_name)?,
        email: Email::parse(&user.email)?,
        phone: PhoneNumber::parse(&user.phone)?,
        company_id: user.company_id.clone(),
        expires_on: expiration(user, app.now(), administration.now)?,
        level_id: level.id,
        subsidiary_id: subsidiary,
        default_channel: Channel::parse(&user.default_otp_channel).context("channel")?,
    })
}

async fn level_of(app: &App, user: &PortalUser) -> anyhow::Result<Level> {
    let path = match user.level.as_str() {
        STAFF_LEVEL => LevelPath::root(),
        name => LevelPath::root().child(&LevelName::parse(name)?),
    };
    app.store.find_level(&path).await?.with_context(|| format!("level {path}"))
}

/// Dates in the data are relative to today; each was in the future when the account was created.
fn expiration(
    user: &PortalUser,
    today: Timestamp,
    created: Timestamp,
) -> anyhow::Result<Option<ExpirationDate>> {
    let days = match user.account_expiration.as_deref() {
        None => return Ok(None),
        Some("yesterday") => -1,
        Some(text) => {
            let days = text.strip_prefix("today+").and_then(|text| text.strip_suffix('d'));
            days.with_context(|| format!("date {text}"))?.parse()?
        }
    };
    let date = ExpirationDate::days_from(today, days).context("date")?;
    Ok(Some(ExpirationDate::parse(&date.to_iso(), created)?))
}

async fn grant_roles(
    administration: &Administration<'_>,
    id: UserId,
    user: &PortalUser,
) -> anyhow::Result<()> {
    for role in &user.delegated_roles {
        if let Some(staff) = StaffRole::parse(role) {
            administration.grant_staff_role(id, staff).await?;
        } else if let Some(code) = role.strip_prefix("ApplicationAccessAdmin:") {
            let application = administration.store.find_application(code).await?;
            let application = application.with_context(|| format!("application {code}"))?;
            administration.grant_access_administrator(id, &application).await?;
        } else {
            anyhow::ensure!(role == "DelegatedUserAdmin", "role {role}");
            administration.grant_user_administrator(id).await?;
        }
    }
    Ok(())
}

/// The person acknowledges the terms of use, and an administrator the supplement as well, but for whom the demo shows
/// how that is asked.
async fn acknowledge(
    app: &App,
    now: Timestamp,
    (id, user): (UserId, &PortalUser),
) -> anyhow::Result<()> {
    let account = app.store.find_account(id).await?.context("no account")?;
    let actor = app.store.actor(&account).await?;
    let by = Administration { store: &app.store, actor: &actor, now, origin: Origin::default() };
    for document in Document::ALL {
        let concerns = document == Document::EndUsers || is_delegated(&actor);
        if concerns && !UNASKED.contains(&(user.email.as_str(), document)) {
            by.acknowledge_terms(document, app.terms.version(document)).await?;
        }
    }
    Ok(())
}

/// Enters wrong codes, over days, until only an administrator can help.
async fn lock(app: &App, id: UserId, since: Timestamp) -> anyhow::Result<()> {
    let mut now = since;
    while app.store.code_failures(id).await?.suspended_at.is_none() {
        let tx = app.store.begin().await?;
        if !tx.count_code_try(id, now).await? {
            now = now.plus_seconds(DAY_SECONDS);
        }
        tx.commit().await?;
    }
    Ok(())
}
