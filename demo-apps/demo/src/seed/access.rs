//! Access that is asked for, a review of access that runs, and access that somebody gave to oneself.

use anyhow::Context as _;
use idp::App;
use portal_core::{
    access_request::{NewAccessRequest, Reason},
    email::EmailKey,
    expiry::ExpirationDate,
};

use super::nominations::{actor, at};

/// A request: who, for which group, why, for how many days, and how many days ago.
type Asked = (&'static str, &'static str, &'static str, Option<i64>, i64);

const REQUESTS: [Asked; 3] = [
    (
        "marta.olivenza@bank-e.example",
        "A-CASPER_WEB_DATA_SUBMITTER",
        "I check the new templates in pre-production before the next deadline.",
        Some(90),
        1,
    ),
    (
        "hugo.belmonte@bank-e.example",
        "SSM-PORTAL_USER",
        "I stand in for Noa in two fit and proper procedures.",
        Some(30),
        2,
    ),
    (
        "ruben.aldewereld@meridiaan.example",
        "SSM-PORTAL_USER",
        "Our licensing file moved to my desk.",
        None,
        4,
    ),
];

/// Who began a review, of which application, and how many days ago.
const REVIEW: (&str, &str, i64) = ("alvaro.pedrosa@bank-e.example", "CASPER", 5);

/// Who of several administrators gave access to oneself, to which group, and how many days ago.
pub(super) const SELF_ASSIGNED: (&str, &str, i64) =
    ("onni.lehtikari@bank-01.example", "A-CASPER_WEB_DATA_SUBMITTER", 12);

/// Files the requests, begins the review, and has access assigned.
pub(super) async fn fill(app: &App) -> anyhow::Result<()> {
    for request in &REQUESTS {
        ask(app, request).await.with_context(|| request.0)?;
    }
    let (email, application, days_ago) = REVIEW;
    let account = app.store.find_account_by_email(&EmailKey::of(email)).await?;
    let third_party = account.and_then(|account| account.third_party).context("third party")?;
    let application = app.store.find_application(application).await?.context("application")?;
    let reviewer = actor(app, email).await?;
    at(app, &reviewer, days_ago).begin_access_review(third_party.id, application.id).await?;
    let (email, group, days_ago) = SELF_ASSIGNED;
    let account =
        app.store.find_account_by_email(&EmailKey::of(email)).await?.context("account")?;
    let oneself = app.store.actor(&account).await?;
    let group = app.store.find_group(group).await?.context("group")?;
    at(app, &oneself, days_ago).assign_membership(account.user.id, &group).await?;
    Ok(())
}

async fn ask(app: &App, (email, group, reason, days, days_ago): &Asked) -> anyhow::Result<()> {
    let account = app.store.find_account_by_email(&EmailKey::of(email)).await?;
    let group = app.store.find_group(group).await?.context("group")?;
    let wished_until = match days {
        Some(days) => Some(ExpirationDate::days_from(app.now(), *days).context("date")?),
        None => None,
    };
    let request = NewAccessRequest {
        user: account.context("account")?.user.id,
        group: group.id,
        reason: Reason::parse(reason)?,
        wished_until,
    };
    let asks = actor(app, email).await?;
    at(app, &asks, *days_ago).request_access(&request).await?;
    Ok(())
}
