//! One third party: what it is, what it is onboarded to, its levels and subsidiaries, and who administers it.

use askama::Template;
use axum::{extract::Path, response::Response};
use portal_core::{
    access::{Application, Environment},
    account::UserStatus,
    organisation::{Administration, ThirdPartyStatus},
    permission::Action,
};
use serde::Deserialize;
use storage::{AtMost, Delegate, LevelCount, SubsidiaryDetails, ThirdParty};

use super::{
    form,
    tree::{self, NodeView},
};
use crate::{
    administration::object_of_third_party,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        one_left::OneLeft,
        query::Query,
        role_name::role_name,
    },
};

/// What was done before the page was shown: a word of ours, or it shows nothing.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// Words of [`Done`].
const DONE: [&str; 12] = [
    "created",
    "saved",
    "onboarded",
    "offboarded",
    "suspended",
    "reactivated",
    "orphaned",
    "closed",
    "merged",
    "level-saved",
    "level-deleted",
    "subsidiary-saved",
];

/// What the person may do now.
#[expect(clippy::struct_excessive_bools, reason = "each is a button of its own")]
struct Rights {
    modify: bool,
    onboard: bool,
    suspend: bool,
    reactivate: bool,
    close: bool,
    merge: bool,
    audit: bool,
    nominate: bool,
}

struct ApplicationView {
    code: String,
    title: String,
    is_production: bool,
}

struct SubsidiaryView {
    id: String,
    short_name: String,
    legal_name: String,
    country: String,
    lei: String,
    level: String,
}

struct DelegateView {
    id: String,
    name: String,
    email: String,
    roles: Vec<String>,
    /// Text and tone.
    marks: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "third-parties/view.html")]
struct ViewPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    name: String,
    state: String,
    state_text: String,
    mark: &'static str,
    notice: Option<String>,
    one_left: Option<OneLeft>,
    facts: Vec<(String, String)>,
    successor: Option<(String, String)>,
    applications: Vec<ApplicationView>,
    offered: Vec<(String, String)>,
    no_error: Option<String>,
    nodes: Vec<NodeView>,
    /// How many lists of the tree are open at its end.
    open: usize,
    top: Option<String>,
    subsidiaries: Vec<SubsidiaryView>,
    delegates: Vec<DelegateView>,
    left_out: LeftOut,
    is_delegated: bool,
    rights: Rights,
}

/// How many stand in a list that does not show all.
#[derive(Default)]
struct LeftOut {
    levels: Option<String>,
    subsidiaries: Option<String>,
    delegates: Option<String>,
}

impl LeftOut {
    fn of(
        levels: &AtMost<LevelCount>,
        subsidiaries: &AtMost<SubsidiaryDetails>,
        delegates: &AtMost<Delegate>,
    ) -> Self {
        Self {
            levels: shown(levels),
            subsidiaries: shown(subsidiaries),
            delegates: shown(delegates),
        }
    }
}

fn shown<T>(list: &AtMost<T>) -> Option<String> {
    list.has_more.then(|| list.rows.len().to_string())
}

/// `GET /third-parties/{id}`.
pub(super) async fn show(
    asking: Asking,
    (Path(id), Query(done)): (Path<String>, Query<Done>),
) -> Result<Response, PageError> {
    let third_party = super::load(&asking, &id, Action::ViewThirdParty).await?;
    let (texts, id) = (asking.texts(), third_party.id);
    let levels = asking.app.store.list_third_party_levels(id).await?;
    let subsidiaries = asking.app.store.list_subsidiaries_of(id).await?;
    let delegates = asking.app.store.list_delegates(id).await?;
    let onboarded = asking.app.store.list_onboarded_applications(id).await?;
    let all = asking.app.store.list_applications().await?;
    let successor = match third_party.successor {
        Some(id) => asking.app.store.find_third_party(id).await?,
        None => None,
    };
    let (state, mark) = super::state(third_party.status);
    let (nodes, open) = tree::nodes(&levels.rows);
    let people = asking.app.store.count_people(id).await?;
    let word = DONE.iter().find(|word| **word == done.done);
    chrome::page(&ViewPage {
        t: texts,
        chrome: asking.chrome("nav-third-parties"),
        id: id.to_string(),
        name: third_party.legal_name.clone(),
        state: texts.msg(state),
        state_text: texts.msg(&format!("{state}-text")),
        mark,
        notice: word.map(|word| texts.msg(&format!("third-party-done-{word}"))),
        one_left: OneLeft::of(&asking, id).await?,
        facts: facts(&third_party, people, texts),
        successor: successor.map(|of| (of.id.to_string(), of.legal_name)),
        applications: onboarded.iter().map(application_view).collect(),
        offered: offered(&all, &onboarded),
        no_error: None,
        nodes,
        open,
        top: third_party.level.as_ref().map(|level| level.id.to_string()),
        subsidiaries: subsidiaries
            .rows
            .iter()
            .map(|of| subsidiary_view(of, &levels.rows))
            .collect(),
        left_out: LeftOut::of(&levels, &subsidiaries, &delegates),
        delegates: delegate_views(&delegates.rows, (&all, top_name(&third_party)), texts),
        is_delegated: third_party.administration == Administration::Delegated,
        rights: rights(&asking, &third_party),
    })
}

fn rights(asking: &Asking, third_party: &ThirdParty) -> Rights {
    let (object, status) = (object_of_third_party(third_party), third_party.status);
    let is_open = status != ThirdPartyStatus::Closed;
    let may = |action: Action| asking.is_allowed(action, &object);
    let suspend = may(Action::SuspendThirdParty);
    Rights {
        modify: is_open && may(Action::ModifyThirdParty),
        onboard: is_open && may(Action::OnboardThirdParty),
        suspend: suspend && status.may_become(ThirdPartyStatus::Suspended),
        reactivate: suspend && status == ThirdPartyStatus::Suspended,
        close: suspend && is_open,
        merge: is_open && third_party.level.is_some() && may(Action::MergeThirdParty),
        audit: third_party.level.is_some() && may(Action::ViewAudit),
        nominate: is_open
            && status != ThirdPartyStatus::Suspended
            && third_party.administration == Administration::Delegated
            && third_party.level.is_some()
            && may(Action::FileNomination),
    }
}

fn facts(of: &ThirdParty, people: u64, texts: &Texts) -> Vec<(String, String)> {
    let yes = |set: bool| texts.msg(if set { "users-yes" } else { "users-no" });
    let none = || texts.msg("users-empty-value");
    let level = of.level.as_ref().map(|level| level.name.clone());
    [
        ("third-parties-short-name", level.unwrap_or_else(none)),
        ("third-parties-lei", of.lei.clone().unwrap_or_else(none)),
        ("third-parties-country", of.country.clone()),
        ("third-parties-kind", super::kind(&of.kind, texts)),
        ("third-parties-administration", texts.msg(form::administration(of.administration))),
        ("third-party-forbids-self-assignment", yes(of.forbids_self_assignment)),
        ("third-party-confirms-administrators", yes(of.confirms_administrators)),
        ("third-party-people", people.to_string()),
        ("third-party-created", texts.instant(of.created_at)),
    ]
    .into_iter()
    .map(|(key, value)| (texts.msg(key), value))
    .collect()
}

fn application_view(of: &Application) -> ApplicationView {
    ApplicationView {
        code: of.code.clone(),
        title: of.title.clone(),
        is_production: of.environment == Environment::Production,
    }
}

/// The applications that the third party can still be onboarded to.
fn offered(all: &[Application], onboarded: &[Application]) -> Vec<(String, String)> {
    all.iter()
        .filter(|application| !onboarded.iter().any(|held| held.id == application.id))
        .map(|application| (application.code.clone(), application.code.clone()))
        .collect()
}

fn subsidiary_view(of: &SubsidiaryDetails, levels: &[LevelCount]) -> SubsidiaryView {
    let level = levels.iter().find(|count| count.level.id == of.level_id);
    SubsidiaryView {
        id: of.id.to_string(),
        short_name: of.short_name.clone(),
        legal_name: of.legal_name.clone(),
        country: of.country.clone(),
        lei: of.lei.clone(),
        level: level.map(|count| count.level.name.clone()).unwrap_or_default(),
    }
}

/// One row a person; the roles stand in the order of the people.
fn delegate_views(
    roles: &[Delegate],
    (all, top): (&[Application], &str),
    texts: &Texts,
) -> Vec<DelegateView> {
    roles
        .chunk_by(|one, other| one.user == other.user)
        .filter_map(|roles| {
            let first = roles.first()?;
            let mut marks = Vec::new();
            if first.status != UserStatus::Active {
                marks.push((texts.msg(account_state(first.status)), "muted"));
            }
            if roles.iter().any(|role| role.is_dormant) {
                marks.push((texts.msg("users-status-dormant"), "warning"));
            }
            let mut names: Vec<String> = roles.iter().map(|role| name_at(role, all, top)).collect();
            names.sort();
            Some(DelegateView {
                id: first.user.to_string(),
                name: first.name.clone(),
                email: first.email.clone(),
                roles: names,
                marks,
            })
        })
        .collect()
}

const fn account_state(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Active => "users-status-active",
        UserStatus::Nominated => "users-status-nominated",
        UserStatus::Invited => "users-status-invited",
        UserStatus::Suspended => "users-status-suspended",
        UserStatus::Deleted => "users-status-deleted",
    }
}

/// Name of the topmost level.
fn top_name(of: &ThirdParty) -> &str {
    of.level.as_ref().map_or("", |level| level.name.as_str())
}

/// A role, with its level where that is not the topmost.
fn name_at(role: &Delegate, all: &[Application], top: &str) -> String {
    let name = role_name(role.kind, all);
    if role.level == top { name } else { format!("{name} · {}", role.level) }
}
