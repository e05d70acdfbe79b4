//! The matrix of pages: every route and method, for every kind of actor, on an object of the own organisation, on one
//! of another, on one that does not exist, and on the caller's own (security.md 76, 77, 84). What is expected is what
//! `decide` says.

mod callers;
mod objects;
mod oneself;
mod questions;
mod reads;

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use idp::web::pages::{
    self,
    route::{Guard, PageRoute, Verb},
};
use portal_core::permission::{Effect, TABLE};

use crate::{harness::Page, on_both_databases};
use callers::Caller;
use objects::{Place, Target, World};
use questions::Expected;

/// Pages whose form brings a file with it.
const UPLOADS: [&str; 1] = ["/third-parties/{id}/nominations/paper"];

/// What came back: the status, and where it leads.
type Answer = (StatusCode, Option<String>);

async fn ask(caller: &mut Caller, asked: (&PageRoute, Verb), target: &Target) -> Answer {
    let page = ask_for_page(caller, asked, target).await;
    let location = page.headers.get("location").map(|to| to.to_str().unwrap().to_owned());
    (page.status, location)
}

async fn ask_for_page(
    caller: &mut Caller,
    (route, verb): (&PageRoute, Verb),
    target: &Target,
) -> Page {
    let csrf = caller.csrf.clone();
    let path = &target.path;
    match verb {
        Verb::Get => caller.visitor.get(path).await,
        Verb::Post if UPLOADS.contains(&route.path) => {
            let kind = [("content-type", "multipart/form-data; boundary=b")];
            let head = "--b\r\ncontent-disposition: form-data; name=\"csrf_token\"\r\n\r\n";
            let body = Body::from(format!("{head}{csrf}\r\n--b--\r\n"));
            caller.visitor.send(Method::POST, path, &kind, body).await
        }
        Verb::Post => {
            let fields = target.fields.iter().map(|(name, value)| (*name, value.as_str()));
            let fields: Vec<_> = fields.chain([("csrf_token", csrf.as_str())]).collect();
            caller.visitor.post(path, &fields).await
        }
    }
}

/// Why an answer is wrong, if it is.
fn fault(caller: &Caller, target: &Target, (status, location): &Answer) -> Option<String> {
    let Some(actor) = &caller.actor else {
        let is_login = location.as_deref().is_some_and(|to| to.starts_with("/login"));
        let is_right = *status == StatusCode::SEE_OTHER && is_login;
        return (!is_right).then(|| format!("{status} and not the login page"));
    };
    let expected: Expected = target.question.expected(actor);
    (!expected.is(*status)).then(|| format!("{status} and not {expected:?}"))
}

on_both_databases! {
    async fn every_page_answers_every_actor_as_the_permission_table_decides(idp) {
        let mut world = World::new(idp).await;
        let mut callers = Caller::all(&world.idp, world.own).await;
        for caller in &callers {
            world.made_by(caller).await;
        }
        let (mut asked, mut wrong) = (0, Vec::new());
        for route in pages::routes() {
            for (verb, guard) in route.guards {
                let Guard::Asks(action, of) = *guard else {
                    continue;
                };
                let before = asked;
                for caller in &mut callers {
                    for place in [Place::Own, Place::Foreign, Place::Nowhere, Place::Oneself] {
                        let asks = ((route, *verb), (action, of), (&*caller, place));
                        let Some(target) = world.target(asks.0, asks.1, asks.2).await else {
                            continue;
                        };
                        let answer = ask(caller, (route, *verb), &target).await;
                        asked += 1;
                        if let Some(fault) = fault(caller, &target, &answer) {
                            let what = format!("{verb:?} {} of {place:?}", target.path);
                            wrong.push(format!("{what} by {}: {fault} ({action:?})", caller.name));
                        }
                    }
                }
                assert!(asked >= before + callers.len(), "{verb:?} {} is asked by all", route.path);
            }
        }
        assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(asked > 2000, "{asked}");
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
        "\n# Which page asks what\n\nWritten from the tables of pages in `idp/src/web/pages/`. A test walks every page and method, as nine kinds of\nactors, on an object of the own organisation, of another, on one that does not exist, and on the actor's own.\n\nWhere a fresh sign-in is needed, both factors were proved within the last 15 minutes (O18). To look at such a page it is\nasked only of those who may make a change there.\n\n| page | method | asks | of | fresh sign-in | allowed to |\n|---|---|---|---|---|---|\n",
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
