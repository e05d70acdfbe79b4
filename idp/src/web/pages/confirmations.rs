//! Whose access waits for a confirmation, and deciding about it (I28, O2).

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Query;
use portal_core::{
    access::Application,
    administrators::RoleKind,
    descent::Descent,
    id::{GroupId, UserId},
    permission::{self, Action, Object, sight},
};
use serde::Deserialize;
use storage::{Account, DormantMembership, HeldRole};
use uuid::Uuid;

use super::route::{Guard, Of, PageRoute, Verb};
use crate::{
    App,
    administration::{Decider, DormantChoice, makers, object_of},
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        person_name::name_of,
        request_id::RequestContext,
        visitor::SignedIn,
    },
};

/// The list, and one decision.
pub(super) const ROUTES: &[PageRoute] = &[
    PageRoute {
        path: "/confirmations",
        guards: &[(Verb::Get, Guard::Asks(Action::ViewConfirmations, Of::Level))],
        handler: || get(show),
    },
    PageRoute {
        path: "/confirmations/{id}",
        guards: &[(Verb::Post, Guard::Asks(Action::ViewConfirmations, Of::User))],
        handler: || post(decide),
    },
];

/// People on one page.
const PAGE: u64 = 20;

/// Which page, and what was decided a moment ago.
#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    after: Option<Uuid>,
    done: Option<String>,
}

/// One thing that waits.
struct Waiting {
    field: String,
    name: String,
    is_mine: bool,
}

/// A person whose access waits.
struct Person {
    id: UserId,
    name: String,
    email: String,
    level: String,
    reasons: Vec<String>,
    waiting: Vec<Waiting>,
}

impl Person {
    fn is_mine(&self) -> bool {
        self.waiting.iter().any(|one| one.is_mine)
    }
}

#[derive(Template)]
#[template(path = "confirmations/list.html")]
struct ConfirmationsPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    people: Vec<Person>,
    next: Option<UserId>,
    notice: Option<String>,
    error: Option<(UserId, String)>,
}

/// What both handlers share.
struct Asked {
    app: Arc<App>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
}

/// `GET /confirmations`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let asked = Asked { app, browser, context, who };
    asked.page(wanted.after.map(UserId), wanted.done.as_deref(), None).await
}

/// `POST /confirmations/{id}`: the boxes that are ticked are confirmed, or taken away.
pub(super) async fn decide(
    State(app): State<Arc<App>>,
    (browser, context): (Browser, RequestContext),
    who: SignedIn,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let id: UserId = id.parse().map_err(|_| PageError::NotFound)?;
    let account = app.store.find_account(id).await?.ok_or(PageError::NotFound)?;
    who.may(&app, Action::ViewConfirmations, &object_of(&account))?;
    let choice = read(&app, &form).await?;
    let asked = Asked { app, browser, context, who };
    if choice.roles.is_empty() && choice.groups.is_empty() {
        let text = asked.context.texts.msg("confirmations-none-chosen");
        let page = asked.page(None, None, Some((id, text))).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    asked.who.administration(&asked.app, &asked.context).decide_dormant(id, &choice).await?;
    let done = if choice.confirm { "confirmed" } else { "refused" };
    Ok(Redirect::to(&format!("/confirmations?done={done}")).into_response())
}

async fn read(app: &App, form: &OwnForm) -> Result<DormantChoice, PageError> {
    let confirm = match form.get("decision") {
        "confirm" => true,
        "refuse" | "" => false,
        _ => return Err(PageError::BadRequest),
    };
    let applications = app.store.list_applications().await?;
    let mut roles = BTreeSet::new();
    for (name, _) in form.after("role.") {
        let kind = match name.strip_prefix("ApplicationAccessAdmin.") {
            None => (name == "DelegatedUserAdmin").then_some(RoleKind::UserAdministrator),
            Some(code) => applications
                .iter()
                .find(|application| application.code == code)
                .map(|application| RoleKind::AccessAdministrator(application.id)),
        };
        roles.insert(kind.ok_or(PageError::BadRequest)?);
    }
    let groups: Result<BTreeSet<GroupId>, _> =
        form.after("group.").map(|(id, _)| id.parse()).collect();
    let groups = groups.map_err(|_| PageError::BadRequest)?;
    Ok(DormantChoice { roles, groups, confirm })
}

impl Asked {
    async fn page(
        &self,
        after: Option<UserId>,
        done: Option<&str>,
        error: Option<(UserId, String)>,
    ) -> Result<Response, PageError> {
        let (app, context) = (&self.app, &self.context);
        let levels = sight(&self.who.actor, Action::ViewConfirmations, app.now());
        if levels.is_empty() {
            return Err(PageError::Forbidden);
        }
        let mut ids = app.store.list_people_with_dormant_access(&levels, after, PAGE + 1).await?;
        let has_more = ids.len() as u64 > PAGE;
        ids.truncate(usize::try_from(PAGE).unwrap_or_default());
        let next = ids.last().copied().filter(|_| has_more);
        let mut accounts = app.store.list_accounts(&ids).await?;
        accounts.sort_by_key(|account| account.user.id);
        let known = Known::load((app, &context.texts), &self.who, &accounts).await?;
        let people = accounts.iter().map(|account| self.person(account, &known)).collect();
        let notice = match done {
            Some("confirmed") => Some(context.texts.msg("confirmations-confirmed")),
            Some("refused") => Some(context.texts.msg("confirmations-refused")),
            _ => None,
        };
        let chrome = Chrome::personal(app, &self.browser, context, &self.who, "nav-confirmations");
        let page = ConfirmationsPage { t: &context.texts, chrome, people, next, notice, error };
        chrome::page(&page)
    }

    fn person(&self, account: &Account, known: &Known) -> Person {
        let texts = &self.context.texts;
        let user = &account.user;
        let actor = Some(self.who.account.user.id);
        let decider = Decider { actor, descent: &known.descent };
        let mut waiting = Vec::new();
        let mut reasons = Vec::new();
        let replaced_at = user.replaced.email_at.max(user.replaced.phone_at);
        if let Some(at) = replaced_at {
            let by = self.name_of(known, user.replaced.by);
            reasons.push(reason(texts, "confirmations-replaced", (&by, at)));
        }
        for role in known.dormant_roles(user.id) {
            if role.waits_for_operator() {
                let by = self.name_of(known, role.granted_by);
                reasons.push(reason(texts, "confirmations-granted", (&by, role.granted_at)));
            }
            let name = role_name(role.kind, &known.applications);
            let questions = decider.role_questions(account, role);
            let is_mine = questions.iter().all(|question| self.may(question));
            let label = name.replace('.', " ");
            waiting.push(Waiting { field: format!("role.{name}"), name: label, is_mine });
        }
        for membership in known.memberships.get(&user.id).into_iter().flatten() {
            let is_mine = self.may(&decider.membership_question(account, membership));
            let field = format!("group.{}", membership.group);
            waiting.push(Waiting { field, name: membership.name.clone(), is_mine });
        }
        Person {
            id: user.id,
            name: user.display_name(),
            email: user.email.clone(),
            level: account.level.name.clone(),
            reasons,
            waiting,
        }
    }

    fn may(&self, (action, object): &(Action, Object)) -> bool {
        permission::decide(&self.who.actor, *action, object, self.app.now()).is_allowed()
    }

    fn name_of(&self, known: &Known, user: Option<UserId>) -> String {
        let name = user.and_then(|user| known.names.get(&user).cloned());
        name.unwrap_or_else(|| self.context.texts.msg("confirmations-nobody"))
    }
}

/// What the page says of its people, loaded once for all of them.
struct Known {
    applications: Vec<Application>,
    roles: HashMap<UserId, Vec<HeldRole>>,
    memberships: HashMap<UserId, Vec<DormantMembership>>,
    names: HashMap<UserId, String>,
    descent: Descent,
}

impl Known {
    async fn load(
        (app, texts): (&App, &Texts),
        who: &SignedIn,
        accounts: &[Account],
    ) -> Result<Self, PageError> {
        let ids: Vec<UserId> = accounts.iter().map(|account| account.user.id).collect();
        let roles = app.store.list_dormant_roles_of(&ids).await?;
        let mut concerned: Vec<UserId> = accounts
            .iter()
            .flat_map(|account| makers(account, roles.get(&account.user.id).into_iter().flatten()))
            .collect();
        let named = app.store.list_accounts(&concerned).await?;
        concerned.push(who.account.user.id);
        Ok(Self {
            applications: app.store.list_applications().await?,
            memberships: app.store.list_dormant_memberships_of(&ids).await?,
            names: named.iter().map(|one| (one.user.id, name_of(one, texts))).collect(),
            descent: app.store.descent(&concerned).await?,
            roles,
        })
    }

    fn dormant_roles(&self, user: UserId) -> impl Iterator<Item = &HeldRole> {
        self.roles.get(&user).into_iter().flatten()
    }
}

fn reason(texts: &Texts, key: &str, (by, at): (&str, portal_core::Timestamp)) -> String {
    let at = texts.instant(at);
    texts.msg_with(key, [("by", by), ("at", at.as_str())])
}

fn role_name(kind: RoleKind, applications: &[Application]) -> String {
    let Some(id) = kind.application() else {
        return "DelegatedUserAdmin".to_owned();
    };
    let application = applications.iter().find(|application| application.id == id);
    let code = application.map_or("", |application| application.code.as_str());
    format!("ApplicationAccessAdmin.{code}")
}
