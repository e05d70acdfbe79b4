//! Issuance: may this person get a token for this client now, and what does it say (design §3)?
//!
//! Authorization, redemption, every refresh and userinfo ask here, and nowhere else (security.md 20, 27). The facts
//! are loaded at that moment; the decision is [`portal_core::issuance::decide`].

use oidc_core::{
    claims::{self, Person},
    client::Client,
};
use portal_core::{
    Timestamp,
    access::Holding,
    id::UserId,
    issuance::{Denial, Facts},
};
use storage::{Account, StorageError, StoredGrant};

use crate::{App, subject};

/// Why there is nothing to issue.
#[derive(Debug, thiserror::Error)]
pub enum IssuanceError {
    /// A rule says no.
    #[error("not issued: {0:?}")]
    Denied(Denial),
    /// The facts cannot be loaded.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Decides for a person who is signed in, and gives what the client may hear of that person.
///
/// # Errors
/// [`IssuanceError`].
pub async fn decide(
    app: &App,
    client: &Client,
    user: UserId,
    sid: &str,
) -> Result<Person, IssuanceError> {
    decide_for(app, client, Asked { user, sid, granted_at: None }).await
}

/// Decides for a grant: as [`decide`], and a grant from before a change of credentials is void.
///
/// # Errors
/// [`IssuanceError`].
pub async fn decide_for_grant(
    app: &App,
    client: &Client,
    stored: &StoredGrant,
) -> Result<Person, IssuanceError> {
    let asked = Asked {
        user: stored.user_id,
        sid: &stored.authentication.sid,
        granted_at: Some(stored.created_at),
    };
    decide_for(app, client, asked).await
}

/// For whom, from which session and grant.
struct Asked<'a> {
    user: UserId,
    sid: &'a str,
    granted_at: Option<Timestamp>,
}

async fn decide_for(app: &App, client: &Client, asked: Asked<'_>) -> Result<Person, IssuanceError> {
    let session = app.store.find_session_by_sid(asked.sid).await?;
    let session = session.filter(|session| session.user_id == asked.user);
    let Some(account) = app.store.find_account(asked.user).await? else {
        return Err(IssuanceError::Denied(Denial::SessionEnded));
    };
    let holding = holding(app, client, asked.user).await?;
    let now = app.now();
    let facts = Facts {
        standing: account.standing(now),
        credentials_changed_at: account.user.credentials_changed_at,
        session: session.as_ref(),
        client_is_enabled: client.enabled,
        granted_at: asked.granted_at,
        application_code: client.application.as_deref(),
        holding: &holding,
    };
    portal_core::issuance::decide(&facts, now).map_err(IssuanceError::Denied)?;
    let subject = subject::of(&app.server_keys, client, asked.user);
    Ok(person(subject, account, holding))
}

/// What the person holds in the client's application; groups of others are left behind here (I18).
async fn holding(app: &App, client: &Client, user: UserId) -> Result<Holding, StorageError> {
    let Some(code) = &client.application else {
        return Ok(Holding::default());
    };
    let Some(application) = app.store.find_application(code).await? else {
        return Ok(Holding::default());
    };
    Ok(app.store.holdings(user, app.now()).await?.of(application.id))
}

fn person(subject: String, account: Account, holding: Holding) -> Person {
    let user = account.user;
    Person {
        subject,
        given_name: user.first_name,
        family_name: user.last_name,
        locale: user.locale,
        email: user.email,
        // An account becomes ACTIVE by the link in a mail to this address.
        email_verified: true,
        third_party: account.third_party.map(|third_party| claims::Organisation {
            id: third_party.id.to_string(),
            name: third_party.name,
            lei: third_party.lei,
        }),
        level: Some(claims::Level {
            id: account.level.id.to_string(),
            path: account.level.path.to_string(),
        }),
        subsidiary: account.subsidiary.map(|subsidiary| claims::Organisation {
            id: subsidiary.id.to_string(),
            name: subsidiary.short_name,
            lei: Some(subsidiary.lei),
        }),
        company_id: user.company_id,
        groups: holding.groups,
        app_admin: holding.is_access_administrator,
        staff_roles: holding.staff.iter().map(|role| role.as_str().to_owned()).collect(),
    }
}
