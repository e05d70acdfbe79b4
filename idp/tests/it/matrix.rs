//! The matrix of pages: every route and method, for every kind of actor, on an object of the own organisation, on one
//! of another, and on one that does not exist (security.md 76, 77, 84). What is expected is what `decide` says.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use idp::{
    administration::RoleChange,
    web::pages::{
        self,
        route::{Guard, Of, Verb},
    },
};
use portal_core::{
    administrators::RoleKind,
    id::{LevelId, UserId},
    lei::Lei,
    organisation::{LevelPath, NewSubsidiary, ThirdPartyStatus},
    permission::{
        Action, Actor, Decision, Denial, Effect, Object, StaffRole, TABLE, decide, sight,
    },
};
use uuid::Uuid;

use crate::harness::{HUGO, START, TestIdp, Visitor};

/// Pages that ask for one of several rights, and so may refuse whom their guard lets pass: to edit is to modify the
/// account or to change a role (E16, E17).
const STRICTER: [(&str, Verb); 1] = [("/users/{id}/edit", Verb::Get)];

/// Pages whose form brings a file with it.
const UPLOADS: [&str; 1] = ["/third-parties/{id}/nominations/paper"];

/// Who asks.
struct Caller {
    name: &'static str,
    visitor: Visitor,
    /// `None` for whoever is not signed in.
    actor: Option<Actor>,
    csrf: String,
}

/// Where the object is.
#[derive(Clone, Copy, Debug)]
enum Where {
    Own,
    Foreign,
    Nowhere,
}

struct Matrix {
    idp: TestIdp,
    own: LevelId,
    foreign: LevelId,
    made: usize,
}

impl Matrix {
    async fn person(&mut self, level: LevelId) -> UserId {
        self.made += 1;
        self.idp.create_user(&format!("person-{}@bank.example", self.made), level, None).await
    }

    async fn caller(
        &mut self,
        name: &'static str,
        roles: &[&str],
        staff: Option<StaffRole>,
    ) -> Caller {
        let root = self.idp.app.store.find_level(&LevelPath::root()).await.unwrap().unwrap();
        let level = if staff.is_some() { root.id } else { self.own };
        self.made += 1;
        let email = format!("caller-{}@bank.example", self.made);
        let user = self.idp.create_user(&email, level, None).await;
        self.idp.activate(user).await;
        let mut grant = Vec::new();
        for role in roles {
            let application = self.idp.app.store.find_application(role).await.unwrap();
            grant.push(RoleKind::of(application.map(|application| application.id)));
        }
        let administration = self.idp.administration();
        if !grant.is_empty() {
            let change = RoleChange { grant, ..RoleChange::default() };
            administration.change_roles(user, &change).await.unwrap();
        }
        if let Some(role) = staff {
            administration.grant_staff_role(user, role).await.unwrap();
        }
        let account = self.idp.app.store.find_account(user).await.unwrap().unwrap();
        let actor = self.idp.app.store.actor(&account).await.unwrap();
        let mut visitor = self.idp.signed_in(&email).await;
        let csrf = visitor.get("/profile").await.field("csrf_token").unwrap();
        Caller { name, visitor, actor: Some(actor), csrf }
    }

    /// What the address names, and the object of the permission table.
    async fn target(&mut self, of: Of, place: Where) -> (String, Option<Object>) {
        let level = match place {
            Where::Own => self.own,
            Where::Foreign => self.foreign,
            Where::Nowhere => return (Uuid::new_v4().to_string(), None),
        };
        let found = self.idp.app.store.find_level_by_id(level).await.unwrap().unwrap();
        let object = Object::Level(found.path.clone());
        match of {
            Of::Level => (level.to_string(), Some(object)),
            Of::ThirdParty => (found.third_party_id.unwrap().to_string(), Some(object)),
            Of::Subsidiary => (self.subsidiary(level).await, Some(object)),
            Of::Application => ("CASPER".to_owned(), Some(Object::Everything)),
            _ => {
                let id = self.person(level).await;
                (id.to_string(), Some(Object::User { id, level: found.path }))
            }
        }
    }

    async fn subsidiary(&mut self, level_id: LevelId) -> String {
        self.made += 1;
        let new = NewSubsidiary {
            level_id,
            short_name: format!("bank_{}", self.made),
            legal_name: "Bank, S.A.".to_owned(),
            country: "ES".to_owned(),
            lei: Lei::parse("DEMO006M1DUANGSM3Q90").unwrap(),
        };
        self.idp.administration().create_subsidiary(&new).await.unwrap().to_string()
    }
}

/// What `decide` makes of a request: let through, or the status of the refusal.
fn expected(actor: &Actor, action: Action, object: Option<&Object>) -> Option<StatusCode> {
    let Some(object) = object else {
        return Some(StatusCode::NOT_FOUND);
    };
    match decide(actor, action, object, START) {
        Decision::Allow(_) => None,
        Decision::Deny(Denial::NotFound) => Some(StatusCode::NOT_FOUND),
        Decision::Deny(_) => Some(StatusCode::FORBIDDEN),
    }
}

async fn ask(
    caller: &mut Caller,
    (verb, is_upload): (Verb, bool),
    path: &str,
) -> (StatusCode, Option<String>) {
    let csrf = caller.csrf.clone();
    let page = match verb {
        Verb::Get => caller.visitor.get(path).await,
        Verb::Post if is_upload => {
            let kind = [("content-type", "multipart/form-data; boundary=b")];
            let head = "--b\r\ncontent-disposition: form-data; name=\"csrf_token\"\r\n\r\n";
            let body = Body::from(format!("{head}{csrf}\r\n--b--\r\n"));
            caller.visitor.send(Method::POST, path, &kind, body).await
        }
        Verb::Post => caller.visitor.post(path, &[("csrf_token", csrf.as_str())]).await,
    };
    let location = page.headers.get("location").map(|to| to.to_str().unwrap().to_owned());
    (page.status, location)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_answers_every_actor_as_the_permission_table_decides() {
    let idp = TestIdp::start().await;
    let (_, foreign) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
    let key = portal_core::email::EmailKey::of(HUGO);
    let own = idp.app.store.find_account_by_email(&key).await.unwrap().unwrap().level.id;
    let mut matrix = Matrix { idp, own, foreign, made: 0 };
    let mut nobody = matrix.idp.visitor();
    let csrf = nobody.get("/login").await.field("csrf_token").unwrap();
    let mut callers = vec![
        Caller { name: "nobody", visitor: nobody, actor: None, csrf },
        matrix.caller("plain user", &[], None).await,
        matrix.caller("DUA", &["DelegatedUserAdmin"], None).await,
        matrix.caller("DAA of CASPER", &["CASPER"], None).await,
        matrix.caller("DAA of the SSM Portal", &["SSM-PORTAL"], None).await,
        matrix.caller("DUA and DAA", &["DelegatedUserAdmin", "CASPER"], None).await,
        matrix.caller("identity administrator", &[], Some(StaffRole::IdentityAdmin)).await,
        matrix.caller("support", &[], Some(StaffRole::Support)).await,
        matrix.caller("auditor", &[], Some(StaffRole::Auditor)).await,
    ];
    let mut asked = 0;
    let mut wrong = Vec::new();
    for route in pages::routes() {
        for (verb, guard) in route.guards {
            let Guard::Asks(action, of) = *guard else {
                continue;
            };
            for caller in &mut callers {
                for place in [Where::Own, Where::Foreign, Where::Nowhere] {
                    let (id, object) = matrix.target(of, place).await;
                    let path = route.path.replace("{id}", &id);
                    let is_upload = UPLOADS.contains(&route.path);
                    let answer = ask(caller, (*verb, is_upload), &path).await;
                    asked += 1;
                    let is_right = match &caller.actor {
                        None => {
                            answer.0 == StatusCode::SEE_OTHER
                                && answer.1.as_deref().is_some_and(|to| to.starts_with("/login"))
                        }
                        Some(actor) => {
                            is_right(actor, (action, of, route.path), object.as_ref(), answer.0)
                                || (STRICTER.contains(&(route.path, *verb))
                                    && answer.0 == StatusCode::FORBIDDEN)
                        }
                    };
                    if !is_right {
                        wrong.push(format!(
                            "{verb:?} {path} of {place:?} by {}: {} ({action:?})",
                            caller.name, answer.0
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked > 400, "{asked}");
}

/// Whether the status is what the table decides. Objects that this test does not make are all as if absent.
fn is_right(
    actor: &Actor,
    (action, of, path): (Action, Of, &str),
    object: Option<&Object>,
    status: StatusCode,
) -> bool {
    let refused = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
    let wanted = match of {
        Of::User | Of::ThirdParty | Of::Subsidiary | Of::Application => {
            expected(actor, action, object)
        }
        Of::Level if path.contains("{id}") => expected(actor, action, object),
        Of::Oneself => {
            let Actor::Person { id, .. } = actor else { return false };
            let own = Object::User { id: *id, level: LevelPath::root() };
            expected(actor, action, Some(&own))
        }
        Of::Everything | Of::Level if !sight(actor, action, START).is_empty() => None,
        Of::Everything | Of::Level | Of::Access | Of::Nomination => {
            return of != Of::Level && of != Of::Everything || refused.contains(&status);
        }
    };
    match wanted {
        Some(wanted) => status == wanted,
        None => !refused.contains(&status) || (of == Of::Level && status == StatusCode::NOT_FOUND),
    }
}

#[test]
fn every_action_of_a_page_has_a_row() {
    for route in pages::routes() {
        for (verb, guard) in route.guards {
            if let Guard::Asks(action, _) = guard {
                let has_row =
                    TABLE.iter().any(|row| row.action == *action && row.effect == Effect::Allow);
                assert!(has_row, "{verb:?} {} asks {action:?}, which nobody may", route.path);
            }
        }
    }
}

/// The second part of `docs/permissions.md`.
pub(crate) fn routes_document() -> String {
    let mut text = String::from(
        "\n# Which page asks what\n\nWritten from the tables of pages in `idp/src/web/pages/`. A test walks every page and method, as nine kinds of\nactors, on an object of the own organisation, of another, and on one that does not exist.\n\nWhere a fresh sign-in is needed, both factors were proved within the last 15 minutes (O18).\n\n| page | method | asks | of | fresh sign-in | allowed to |\n|---|---|---|---|---|---|\n",
    );
    for route in pages::routes() {
        for (verb, guard) in route.guards {
            let verb = format!("{verb:?}").to_uppercase();
            let Guard::Asks(action, of) = guard else {
                writeln!(text, "| {} | {verb} | | | | anybody |", route.path).unwrap();
                continue;
            };
            let who: Vec<String> = TABLE
                .iter()
                .filter(|row| row.action == *action && row.effect == Effect::Allow)
                .map(|row| format!("{:?}", row.relation))
                .collect();
            let who = who.join(", ");
            let fresh = if idp::web::fresh::changes_others(route) { "yes" } else { "" };
            writeln!(text, "| {} | {verb} | {action:?} | {of:?} | {fresh} | {who} |", route.path)
                .unwrap();
        }
    }
    text
}
