//! User administration (Journey I): what may be given, to whom, and by which request.

use http::StatusCode;

use crate::{
    harness::{ADMIN, Browser, Casper, SUBMITTER, hugo, lotte, person, ruben, tibor},
    portal::NOW,
};

const SUBMIT: (&str, &str) = ("role", "WEB_DATA_SUBMITTER");
const ADMINISTER: (&str, &str) = ("role", "WEB_USER_ADMIN");

/// Casper with Lotte, Hugo and Ruben known, Ruben's browser, and the address of a user.
async fn at_rubens_desk(sub: &str) -> (Casper, Browser, String) {
    let casper = Casper::production().await;
    casper.open(lotte()).await;
    casper.open(hugo()).await;
    let (ruben, _) = casper.open(ruben()).await;
    let id = casper.account_of(sub).await.unwrap().id;
    (casper, ruben, format!("/users/{id}"))
}

async fn pairs_of(casper: &Casper, sub: &str) -> Vec<String> {
    let all = casper.database.list_assignments(&casper.identity(sub), NOW).await.unwrap();
    all.iter().map(|row| format!("{}/{}", row.collection, row.entity)).collect()
}

#[tokio::test]
async fn the_list_has_the_own_organisation_and_nobody_else() {
    let (_casper, mut ruben, _) = at_rubens_desk("lotte").await;
    let list = ruben.get("/users").await;
    list.shows("Lotte Winkelhaak");
    list.shows("1 – 2 of 2");
    list.hides("Hugo Belmonte");
    let search = ruben.get("/users?q=hugo").await;
    search.shows("Nobody matches");
}

#[tokio::test]
async fn a_search_takes_wildcards_literally() {
    let (_casper, mut ruben, _) = at_rubens_desk("lotte").await;
    ruben.get("/users?q=%25").await.shows("Nobody matches");
    ruben.get("/users?q=WINKEL").await.shows("Lotte Winkelhaak");
}

#[tokio::test]
async fn an_assignment_takes_effect_at_the_next_page() {
    let (casper, mut ruben, user) = at_rubens_desk("lotte").await;
    let (mut lotte, home) = casper.open(lotte()).await;
    home.hides("ST_2027");
    let done =
        ruben.post(&format!("{user}/assignments"), &[SUBMIT, ("pair", "ST_2027/MERID_NL")]).await;
    assert_eq!(done.location(), format!("{user}?done=assigned"));
    let page = ruben.get(done.location()).await;
    page.shows("The assignment is in effect");
    page.shows("assigned by Ruben Aldewereld");
    lotte.get("/").await.shows("Supervisory stress test 2027");

    let path = format!("{user}/assignments/remove");
    ruben.post(&path, &[SUBMIT, ("pair", "ST_2027/MERID_NL")]).await;
    lotte.get("/").await.hides("Supervisory stress test 2027");
}

/// security.md 95.
#[tokio::test]
async fn an_administrator_cannot_give_a_pair_that_it_does_not_hold() {
    let (casper, mut ruben, user) = at_rubens_desk("lotte").await;
    ruben.get(&user).await.hides("MERID_DE");
    for pair in ["STE_QTR/MERID_DE", "ST_2027/MERID_BE", "FEE_FACT/TAUNUS", "NONE/NONE"] {
        let page = ruben.post(&format!("{user}/assignments"), &[SUBMIT, ("pair", pair)]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{pair}");
    }
    assert_eq!(pairs_of(&casper, "lotte").await, ["STE_QTR/MERID_BE"]);
}

/// security.md 95.
#[tokio::test]
async fn a_user_of_another_organisation_does_not_exist() {
    let (casper, mut ruben, user) = at_rubens_desk("hugo").await;
    let absent = ruben.get("/users/999999").await;
    let foreign = ruben.get(&user).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(foreign.body, absent.body);
    for action in ["assignments", "assignments/remove"] {
        for role in [SUBMIT, ADMINISTER] {
            let fields = [role, ("pair", "STE_QTR/MERID_BE")];
            let page = ruben.post(&format!("{user}/{action}"), &fields).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{action} {role:?}");
        }
    }
    assert!(pairs_of(&casper, "hugo").await.is_empty());
}

#[tokio::test]
async fn a_role_without_its_group_cannot_be_given() {
    let (casper, mut ruben, user) = at_rubens_desk("lotte").await;
    let fields = [ADMINISTER, ("pair", "STE_QTR/MERID_NL")];
    let page = ruben.post(&format!("{user}/assignments"), &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(pairs_of(&casper, "lotte").await, ["STE_QTR/MERID_BE"]);
}

#[tokio::test]
async fn a_submitter_has_no_user_administration() {
    let (casper, _, user) = at_rubens_desk("lotte").await;
    let (mut lotte, home) = casper.open(lotte()).await;
    home.hides("User administration");
    assert_eq!(lotte.get("/users").await.status, StatusCode::FORBIDDEN);
    assert_eq!(lotte.get(&user).await.status, StatusCode::NOT_FOUND);
    let fields = [SUBMIT, ("pair", "STE_QTR/MERID_NL")];
    let page = lotte.post(&format!("{user}/assignments"), &fields).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_administrator_without_assignments_reads_what_is_missing() {
    let casper = Casper::production().await;
    casper.open(lotte()).await;
    let fresh = person("sanne", "Sanne Vermeulen", "MERIDIAAN", &[ADMIN]);
    let (mut sanne, _) = casper.open(fresh).await;
    let list = sanne.get("/users").await;
    list.shows("You cannot assign anything yet");
    list.shows("Lotte Winkelhaak");
    let id = casper.account_of("lotte").await.unwrap().id;
    sanne.get(&format!("/users/{id}")).await.shows("You hold no data collection");
}

#[tokio::test]
async fn a_form_of_another_site_or_without_the_token_changes_nothing() {
    let (casper, mut ruben, user) = at_rubens_desk("lotte").await;
    ruben.get(&user).await;
    let path = format!("{user}/assignments");
    let token = ruben.csrf_token.clone();
    let fields = [("csrf_token", token.as_str()), SUBMIT, ("pair", "ST_2027/MERID_NL")];
    let cross = ruben.post_from(&path, &fields, "cross-site").await;
    assert_eq!(cross.status, StatusCode::FORBIDDEN);
    let bare = ruben.post_from(&path, &fields[1..], "same-origin").await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN);
    let wrong = [("csrf_token", "x"), SUBMIT, ("pair", "ST_2027/MERID_NL")];
    let wrong = ruben.post_from(&path, &wrong, "same-origin").await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert_eq!(pairs_of(&casper, "lotte").await, ["STE_QTR/MERID_BE"]);
}

#[tokio::test]
async fn removing_the_last_administrator_asks_first_and_tells_the_owner() {
    let (casper, mut ruben, user) = at_rubens_desk("ruben").await;
    let path = format!("{user}/assignments/remove");
    let fields = [ADMINISTER, ("pair", "STE_QTR/MERID_BE")];
    let warning = ruben.post(&path, &fields).await;
    assert_eq!(warning.status, StatusCode::OK);
    warning.shows("Remove the last web user administrator?");
    assert_eq!(pairs_of(&casper, "ruben").await.len(), 3);

    let fields = [ADMINISTER, ("pair", "STE_QTR/MERID_BE"), ("confirmed", "yes")];
    let done = ruben.post(&path, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(pairs_of(&casper, "ruben").await.len(), 2);
    let (_, home) = casper.open(tibor()).await;
    home.shows("Without a web user administrator");
    home.shows("MERID_BE");
}

#[tokio::test]
async fn an_owner_assigns_across_organisations_and_the_row_says_external() {
    let casper = Casper::production().await;
    let zandt = person("zandt", "Friederike Zandt", "LUMEN", &[SUBMITTER]);
    let (_, home) = casper.open(zandt).await;
    home.shows("External");
    let id = casper.account_of("zandt").await.unwrap().id;
    let (mut tibor, _) = casper.open(tibor()).await;
    tibor.get("/users").await.shows("Friederike Zandt");
    let path = format!("/users/{id}/assignments");
    let done = tibor.post(&path, &[SUBMIT, ("pair", "STE_QTR/TAUNUS")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let foreign = tibor.post(&path, &[SUBMIT, ("pair", "FEE_FACT/MERID_NL")]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN, "not a collection of this owner");
    tibor.get("/collections/STE_QTR").await.shows("Friederike Zandt");
}

/// security.md 95.
#[tokio::test]
async fn an_administrator_who_loses_the_group_cannot_administer_any_more() {
    let (casper, _, user) = at_rubens_desk("lotte").await;
    let demoted = person("ruben", "Ruben Aldewereld", "MERIDIAAN", &[SUBMITTER]);
    let (mut ruben, home) = casper.open(demoted).await;
    home.shows("Assigned, but not in effect");
    let fields = [SUBMIT, ("pair", "STE_QTR/MERID_NL")];
    let page = ruben.post(&format!("{user}/assignments"), &fields).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(pairs_of(&casper, "lotte").await, ["STE_QTR/MERID_BE"], "stays (E48)");
}

/// RFC 9470: who gives access to others signed in within the hour. The page asks a quarter of an
/// hour earlier than the form, which is held, not lost, when it comes too late.
#[tokio::test]
async fn giving_access_needs_a_recent_sign_in() {
    let (casper, _, user) = at_rubens_desk("lotte").await;
    let minutes_ago = |minutes: i64| {
        let mut claims = ruben();
        claims["auth_time"] = (NOW / 1000 - minutes * 60).into();
        claims
    };
    let form = [SUBMIT, ("pair", "ST_2027/MERID_NL")];
    let before = pairs_of(&casper, "lotte").await;

    let (mut late, _) = casper.open(minutes_ago(61)).await;
    let page = late.get(&user).await;
    assert!(page.location().starts_with("/login?target_link_uri=%2Fusers%2F"), "{}", page.body);
    assert!(page.location().ends_with("&max_age=2700"));
    assert_eq!(late.get("/users").await.status, StatusCode::OK, "looking is free");
    for path in [format!("{user}/assignments"), format!("{user}/assignments/remove")] {
        let held = late.post(&path, &form).await;
        assert_eq!(held.status, StatusCode::UNAUTHORIZED);
        held.shows(&format!("action=\"{path}\""));
        held.shows("name=\"pair\" value=\"ST_2027/MERID_NL\"");
        held.shows("Please confirm that it is you");
    }
    assert_eq!(pairs_of(&casper, "lotte").await, before);

    let (mut typing, _) = casper.open(minutes_ago(59)).await;
    assert!(typing.get(&user).await.location().starts_with("/login?"), "no time left to type");
    let done = typing.post(&format!("{user}/assignments"), &form).await;
    assert_eq!(done.location(), format!("{user}?done=assigned"));
}
