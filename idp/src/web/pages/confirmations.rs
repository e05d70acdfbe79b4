//! Whose access waits for a confirmation, and deciding about it (I28, O2).

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use portal_core::{
    access::Application,
    descent::Descent,
    id::{GroupId, LevelId, UserId},
    organisation::Level,
    permission::{Action, Object, StaffRole},
};
use serde::Deserialize;
use storage::{Account, DormantMembership, HeldRole, HeldStaffRole};

use super::route::{Guard, Of, PageRoute, Verb};
use crate::{
    App,
    administration::{AdministrationError, Decider, DormantChoice, makers, object_of},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        list_place::ListPlace,
        person_name::name_of,
        query::Query,
        role_name::{role_field, role_name, role_of_field},
        staff_role_name::staff_role_key,
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

/// What its cursors are of.
const LIST: &str = "confirmations";
/// What stands in the name of a field between a role and its boundary, where that is not the level of the account.
const AT: char = '@';
/// People on one page.
const PAGE: u64 = 20;

/// Which page, and what was decided a moment ago.
#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    after: Option<String>,
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
    /// The place of this page, for its forms.
    after: String,
    next: Option<String>,
    notice: Option<String>,
    /// What is wrong, at the person if the person is on the page.
    error: Option<(Option<UserId>, String)>,
}

/// `GET /confirmations`.
pub(super) async fn show(
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let place = ListPlace::read(&asking, LIST, wanted.after.as_deref().unwrap_or_default());
    page(&asking, place, wanted.done.as_deref(), None).await
}

/// `POST /confirmations/{id}`: the boxes that are ticked are confirmed, or taken away.
pub(super) async fn decide(
    asking: Asking,
    Path(id): Path<String>,
    form: OwnForm,
) -> Result<Response, PageError> {
    let id: UserId = id.parse().map_err(|_| PageError::NotFound)?;
    let account = asking.app.store.find_account(id).await?.ok_or(PageError::NotFound)?;
    asking.may(Action::ViewConfirmations, &object_of(&account))?;
    let choice = read(&asking.app, &form, account.level.id).await?;
    let place = ListPlace::read(&asking, LIST, form.get("after"));
    let (status, key) = if choice.is_empty() {
        (StatusCode::UNPROCESSABLE_ENTITY, "confirmations-none-chosen")
    } else {
        match asking.administration().decide_dormant(id, &choice).await {
            Ok(()) => {
                let done = if choice.confirm { "confirmed" } else { "refused" };
                let next = format!("/confirmations?done={done}{}", place.to_query());
                return Ok(Redirect::to(&next).into_response());
            }
            Err(AdministrationError::Stale) => (StatusCode::CONFLICT, "confirmations-stale"),
            Err(AdministrationError::Rule(rule)) => (StatusCode::UNPROCESSABLE_ENTITY, rule.key()),
            Err(error) => return Err(error.into()),
        }
    };
    let page = page(&asking, place, None, Some((id, asking.text(key)))).await?;
    Ok((status, page).into_response())
}

async fn read(app: &App, form: &OwnForm, own_level: LevelId) -> Result<DormantChoice, PageError> {
    form.only(&["decision", "after"], &["role.", "group.", "staff."])?;
    let confirm = match form.get("decision") {
        "confirm" => true,
        "refuse" | "" => false,
        _ => return Err(PageError::BadRequest),
    };
    let applications = app.store.list_applications().await?;
    let mut roles = BTreeSet::new();
    for (name, _) in form.after("role.") {
        let (name, level) = match name.rsplit_once(AT) {
            Some((name, level)) => (name, level.parse().map_err(|_| PageError::BadRequest)?),
            None => (name, own_level),
        };
        roles.insert((role_of_field(name, &applications).ok_or(PageError::BadRequest)?, level));
    }
    let groups: Result<BTreeSet<GroupId>, _> =
        form.after("group.").map(|(id, _)| id.parse()).collect();
    let groups = groups.map_err(|_| PageError::BadRequest)?;
    let staff: Option<BTreeSet<StaffRole>> =
        form.after("staff.").map(|(name, _)| StaffRole::parse(name)).collect();
    let staff = staff.ok_or(PageError::BadRequest)?;
    Ok(DormantChoice { roles, groups, staff, confirm })
}

async fn page(
    asking: &Asking,
    mut place: ListPlace<UserId>,
    done: Option<&str>,
    error: Option<(UserId, String)>,
) -> Result<Response, PageError> {
    let (app, texts) = (&asking.app, asking.texts());
    let levels = asking.sight(Action::ViewConfirmations);
    if levels.is_empty() {
        return Err(PageError::Forbidden);
    }
    let store = &app.store;
    let mut ids = store.list_people_with_dormant_access(&levels, place.after, PAGE + 1).await?;
    if ids.is_empty() && place.after.is_some() {
        // The last of this page was decided; there may be others before it.
        place = ListPlace::first();
        ids = store.list_people_with_dormant_access(&levels, None, PAGE + 1).await?;
    }
    let has_more = ids.len() as u64 > PAGE;
    ids.truncate(usize::try_from(PAGE).unwrap_or_default());
    let last = ids.last().filter(|_| has_more);
    let next = last.map(|last| asking.cursor(LIST, "").write(app, last));
    let mut accounts = store.list_accounts(&ids).await?;
    accounts.sort_by_key(|account| account.user.id);
    let known = Known::load(asking, &accounts).await?;
    let people = accounts.iter().map(|account| person(asking, account, &known)).collect();
    let notice = match done {
        Some("confirmed") => Some(texts.msg("confirmations-confirmed")),
        Some("refused") => Some(texts.msg("confirmations-refused")),
        _ => None,
    };
    let error = error.map(|(person, text)| (Some(person).filter(|id| ids.contains(id)), text));
    let chrome = asking.chrome("nav-confirmations");
    let after = place.word;
    let page = ConfirmationsPage { t: texts, chrome, people, after, next, notice, error };
    chrome::page(&page)
}

fn person(asking: &Asking, account: &Account, known: &Known) -> Person {
    let texts = asking.texts();
    let user = &account.user;
    let actor = Some(asking.who.account.user.id);
    let decider = Decider { actor, descent: &known.descent };
    let may = |(action, object): &(Action, Object)| asking.is_allowed(*action, object);
    let mut waiting = Vec::new();
    let mut reasons = Vec::new();
    if let Some(last) = user.replaced.last().filter(|_| known.waits_for_person(user.id)) {
        let hands = user.replaced.hands().into_iter().map(Some);
        let mut names: Vec<String> = hands.map(|by| name_or_nobody(asking, known, by)).collect();
        if names.is_empty() {
            names.push(name_or_nobody(asking, known, None));
        }
        names.sort();
        reasons.push(reason(texts, "confirmations-replaced", (&names.join(", "), last.at)));
    }
    for role in known.dormant_roles(user.id) {
        if role.waits_for_operator() {
            let by = name_or_nobody(asking, known, role.granted_by);
            reasons.push(reason(texts, "confirmations-granted", (&by, role.granted_at)));
        }
        let questions = decider.role_questions(account, role);
        let is_mine = questions.iter().all(may);
        let mut field = format!("role.{}", role_field(role.kind, &known.applications));
        let mut name = role_name(role.kind, &known.applications);
        if role.level != account.level.id {
            field = format!("{field}{AT}{}", role.level);
            name = format!("{name}, {}", known.level_name(role.level));
        }
        waiting.push(Waiting { field, name, is_mine });
    }
    for (_, role) in known.staff.iter().filter(|(holder, _)| *holder == user.id) {
        if role.is_new() {
            let by = name_or_nobody(asking, known, role.granted_by);
            reasons.push(reason(texts, "confirmations-staff-granted", (&by, role.granted_at)));
        }
        let is_mine = may(&Decider::staff_question(account, role));
        let name = texts.msg(staff_role_key(role.role));
        waiting.push(Waiting { field: format!("staff.{}", role.role.as_str()), name, is_mine });
    }
    for membership in known.memberships.get(&user.id).into_iter().flatten() {
        let is_mine = may(&decider.membership_question(account, membership));
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

fn name_or_nobody(asking: &Asking, known: &Known, user: Option<UserId>) -> String {
    let name = user.and_then(|user| known.names.get(&user).cloned());
    name.unwrap_or_else(|| asking.text("confirmations-nobody"))
}

/// What the page says of its people, loaded once for all of them.
struct Known {
    applications: Vec<Application>,
    roles: HashMap<UserId, Vec<HeldRole>>,
    levels: Vec<Level>,
    staff: Vec<(UserId, HeldStaffRole)>,
    memberships: HashMap<UserId, Vec<DormantMembership>>,
    names: HashMap<UserId, String>,
    descent: Descent,
}

impl Known {
    async fn load(asking: &Asking, accounts: &[Account]) -> Result<Self, PageError> {
        let (store, texts) = (&asking.app.store, asking.texts());
        let ids: Vec<UserId> = accounts.iter().map(|account| account.user.id).collect();
        let roles = store.list_dormant_roles_of(&ids).await?;
        let mut staff = store.list_staff_roles(&ids).await?;
        staff.retain(|(_, role)| role.dormant_at.is_some());
        let mut concerned: Vec<UserId> = accounts
            .iter()
            .flat_map(|account| makers(account, roles.get(&account.user.id).into_iter().flatten()))
            .chain(staff.iter().filter_map(|(_, role)| role.granted_by))
            .collect();
        let boundaries: Vec<LevelId> = roles.values().flatten().map(|role| role.level).collect();
        let named = store.list_accounts(&concerned).await?;
        concerned.push(asking.who.account.user.id);
        Ok(Self {
            applications: store.list_applications().await?,
            memberships: store.list_dormant_memberships_of(&ids).await?,
            names: named.iter().map(|one| (one.user.id, name_of(one, texts))).collect(),
            descent: store.descent(&concerned).await?,
            levels: store.list_levels_by_id(&boundaries).await?,
            roles,
            staff,
        })
    }

    /// Whether something waits because it is not known whose the account is, and not because it was granted a moment
    /// ago.
    fn waits_for_person(&self, user: UserId) -> bool {
        self.memberships.contains_key(&user)
            || self.dormant_roles(user).any(|role| !role.waits_for_operator())
            || self.staff.iter().any(|(holder, role)| *holder == user && !role.is_new())
    }

    fn level_name(&self, id: LevelId) -> &str {
        self.levels.iter().find(|level| level.id == id).map_or("", |level| level.name.as_str())
    }

    fn dormant_roles(&self, user: UserId) -> impl Iterator<Item = &HeldRole> {
        self.roles.get(&user).into_iter().flatten()
    }
}

fn reason(texts: &Texts, key: &str, (by, at): (&str, portal_core::Timestamp)) -> String {
    let at = texts.instant(at);
    texts.msg_with(key, [("by", by), ("at", at.as_str())])
}
