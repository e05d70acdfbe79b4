//! "view" (manual §3): a user's details, and what can be done with the account.

use askama::Template;
use axum::{extract::Path, response::Response};
use portal_core::{expiry::ExpirationDate, permission::Action};
use serde::Deserialize;
use storage::{Account, HeldRole};

use super::{
    CameFrom, Rights, pending_address,
    status::{self, StatusView},
};
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        query::Query,
        role_name::role_name,
        staff_role_name::staff_role_key,
        terms_facts::terms_facts,
    },
};

/// What was done before the page was shown: a word of ours, or it shows nothing.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// Words of [`Done`], with whether they tell of something that went wrong.
const DONE: [(&str, bool); 14] = [
    ("created", false),
    ("created-unsent", true),
    ("saved", false),
    ("saved-dormant", false),
    ("saved-link", false),
    ("saved-link-dormant", false),
    ("saved-unsent", true),
    ("suspended", false),
    ("reinstated", false),
    ("unlocked", false),
    ("withdrawn", false),
    ("resent", false),
    ("unsent", true),
    ("refused", true),
];

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a part of the page that is there or not"
)]
#[derive(Template)]
#[template(path = "users/view.html")]
struct ViewPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    from: CameFrom,
    id: String,
    version: i64,
    name: String,
    badges: Vec<StatusView>,
    facts: Vec<(String, String)>,
    /// What is said of a new address that waits for its proof.
    pending_address: Option<String>,
    /// Roles that are held, each with whether it waits for a confirmation.
    roles: Vec<(String, bool)>,
    memberships: Vec<String>,
    notice: Option<String>,
    refusal: Option<String>,
    rights: Rights,
    is_active: bool,
    is_suspended: bool,
    is_invited: bool,
    is_locked: bool,
}

/// `GET /users/{id}`.
pub(super) async fn show(
    asking: Asking,
    (Path(id), Query(done)): (Path<String>, Query<Done>),
    from: CameFrom,
) -> Result<Response, PageError> {
    use portal_core::account::UserStatus;
    let account = asking.account(&id, Action::ViewUser).await?;
    let (user, texts, now) = (&account.user, asking.texts(), asking.app.now());
    let failures = asking.app.store.code_failures(user.id).await?;
    let is_dormant = asking.app.store.has_dormant_access(user.id).await?;
    let word = DONE.iter().find(|(word, _)| *word == done.done);
    let delegated = asking.app.store.list_delegated_roles(user.id).await?;
    let mut facts = facts_of(&account, texts);
    facts.extend(terms_facts(&asking.app, texts, (&user.terms, !delegated.is_empty())));
    let said = |(word, _): &(&str, bool)| texts.msg(&format!("users-done-{word}"));
    chrome::page(&ViewPage {
        t: texts,
        chrome: asking.chrome("nav-users"),
        from,
        id: user.id.to_string(),
        version: user.version,
        name: user.display_name(),
        badges: status::badges(&account, (&failures, is_dormant), now, texts),
        facts,
        pending_address: pending_address::text_of(&asking, &account).await?,
        roles: roles_of(&asking, &account, delegated).await?,
        memberships: asking.app.store.list_group_names_of(user.id).await?,
        notice: word.filter(|(_, is_bad)| !is_bad).map(said),
        refusal: word.filter(|(_, is_bad)| *is_bad).map(said),
        rights: Rights::over(&asking, &account),
        is_active: user.status == UserStatus::Active,
        is_suspended: user.status == UserStatus::Suspended,
        is_invited: user.status == UserStatus::Invited,
        is_locked: failures.bars(now),
    })
}

/// The details of an account, each with its name.
fn facts_of(account: &Account, texts: &Texts) -> Vec<(String, String)> {
    let user = &account.user;
    let date = user.expires_on.map(ExpirationDate::to_iso);
    let yes_or_no = if user.self_registered { "users-yes" } else { "users-no" };
    let none = || texts.msg("users-empty-value");
    let last_login = user.last_login_at.map(|at| texts.instant(at));
    let facts = [
        ("users-first-name", user.first_name.clone()),
        ("users-last-name", user.last_name.clone()),
        ("users-email", user.email.clone()),
        ("users-phone-number", user.phone.grouped()),
        ("users-expiration-date", date.unwrap_or_else(none)),
        ("users-company-id", user.company_id.clone().unwrap_or_else(none)),
        ("users-self-registered", texts.msg(yes_or_no)),
        ("users-level", account.level.name.clone()),
        (
            "users-subsidiary",
            account.subsidiary.as_ref().map_or_else(none, |s| s.short_name.clone()),
        ),
        ("users-last-login", last_login.unwrap_or_else(none)),
    ];
    facts.into_iter().map(|(key, value)| (texts.msg(key), value)).collect()
}

/// The roles of a person, for those who see the account but change no role as well.
async fn roles_of(
    asking: &Asking,
    account: &Account,
    delegated: Vec<HeldRole>,
) -> Result<Vec<(String, bool)>, PageError> {
    let (store, texts, user) = (&asking.app.store, asking.texts(), account.user.id);
    let staff = store.list_staff_roles(&[user]).await?;
    let applications =
        if delegated.is_empty() { Vec::new() } else { store.list_applications().await? };
    let delegated = delegated
        .into_iter()
        .map(|role| (role_name(role.kind, &applications), role.dormant_at.is_some()));
    let staff = staff
        .into_iter()
        .map(|(_, held)| (texts.msg(staff_role_key(held.role)), held.dormant_at.is_some()));
    Ok(delegated.chain(staff).collect())
}
