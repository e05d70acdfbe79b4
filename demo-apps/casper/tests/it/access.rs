//! Who comes in, and what an account is made of.

use casper::{Claims, Environment, Roles};
use http::StatusCode;

use crate::{
    harness::{ADMIN, Casper, SUBMITTER, hugo, lotte, person, tibor},
    portal::NOW,
};

#[tokio::test]
async fn the_first_sign_in_makes_the_account() {
    let casper = Casper::production().await;
    assert!(casper.account_of("lotte").await.is_none());
    let (_, home) = casper.open(lotte()).await;
    home.shows("Welcome, Lotte Winkelhaak");
    let account = casper.account_of("lotte").await.unwrap();
    assert_eq!(account.name, "Lotte Winkelhaak");
    assert_eq!(account.created_at, NOW);
    let again = {
        casper.open(lotte()).await;
        casper.account_of("lotte").await.unwrap()
    };
    assert_eq!(again.id, account.id);
}

#[tokio::test]
async fn a_person_without_a_group_is_refused_and_gets_no_account() {
    let casper = Casper::production().await;
    let stranger = person("nobody", "No Body", "BANK E", &[]);
    let (mut browser, page) = casper.sign_in(stranger).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.shows("You have no access to CASPER");
    page.shows("delegated access administrator");
    page.shows("CASPER Pre-Production");
    page.shows("supportcenter@ecb.europa.eu");
    assert!(casper.account_of("nobody").await.is_none());
    let home = browser.get("/").await;
    assert!(home.location().starts_with("/login"), "no session either");
}

#[tokio::test]
async fn a_group_of_the_other_environment_is_refused() {
    for (environment, groups) in [
        (Environment::Production, ["A-CASPER_WEB_DATA_SUBMITTER", "A-CASPER_WEB_USER_ADMIN"]),
        (Environment::PreProduction, [SUBMITTER, ADMIN]),
    ] {
        let casper = Casper::start(environment).await;
        let (_, page) = casper.sign_in(person("kobe", "Kobe Staelens", "MERIDIAAN", &groups)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        page.shows(environment.other().app_name());
        assert!(casper.account_of("kobe").await.is_none());
    }
}

#[tokio::test]
async fn a_collection_owner_comes_in_without_a_group_and_sees_the_own_collections() {
    let casper = Casper::production().await;
    let (_, home) = casper.open(tibor()).await;
    home.shows("Data collections you own");
    home.shows("STE_QTR");
    home.hides("FEE_FACT");
}

/// security.md 96.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_first_sign_ins_at_once_make_one_account() {
    let casper = Casper::production().await;
    let claims = Claims {
        identity: casper.identity("hugo"),
        name: "Hugo Belmonte".to_owned(),
        sort_name: "belmonte, hugo".to_owned(),
        email: "hugo@example.test".to_owned(),
        third_party: Some("tp-BANK E".to_owned()),
        third_party_name: Some("BANK E".to_owned()),
        level_path: "Root/BANK E".to_owned(),
        roles: Roles { data_submitter: true, ..Roles::default() },
    };
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(20));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (database, claims, start) = (casper.database.clone(), claims.clone(), start.clone());
        running.spawn(async move {
            start.wait().await;
            database.sign_in(&claims, NOW).await.unwrap().id
        });
    }
    let ids = running.join_all().await;
    assert_eq!(ids.len(), 20);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let all = casper.database.list_accounts(None, "", 0).await.unwrap();
    assert_eq!(all.total, 1);
    let history = casper.database.find_history(&claims.identity).await.unwrap();
    assert_eq!(history.len(), 1, "one account_created: {history:?}");
}

/// security.md 95.
#[tokio::test]
async fn a_lost_group_puts_assignments_to_sleep_until_somebody_confirms() {
    let casper = Casper::production().await;
    casper.open(lotte()).await;
    let (_, page) = casper.sign_in(person("lotte", "Lotte Winkelhaak", "MERIDIAAN", &[])).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);

    let (_, home) = casper.open(lotte()).await;
    home.shows("Nothing is assigned to you yet");
    home.shows("Assigned, but not in effect");

    let (mut admin, _) = casper.open(crate::harness::ruben()).await;
    let id = casper.account_of("lotte").await.unwrap().id;
    let user = admin.get(&format!("/users/{id}")).await;
    user.shows("Asleep");
    let fields = [("role", "WEB_DATA_SUBMITTER"), ("pair", "STE_QTR/MERID_BE")];
    let done = admin.post(&format!("/users/{id}/assignments"), &fields).await;
    assert_eq!(done.location(), format!("/users/{id}?done=confirmed"));
    let (_, home) = casper.open(lotte()).await;
    home.shows("Meridiaan België NV");
}

#[tokio::test]
async fn an_older_session_takes_nothing_from_a_newer_one() {
    let casper = Casper::production().await;
    let (mut old, _) = casper.open(lotte()).await;
    let (mut new, _) =
        casper.open(person("lotte", "Lotte Winkelhaak", "MERIDIAAN", &[SUBMITTER, ADMIN])).await;
    old.get("/").await.hides("Web user administrators");
    new.get("/").await.shows("Web user administrators");
    assert!(casper.account_of("lotte").await.unwrap().roles().user_admin);
}

#[tokio::test]
async fn a_move_to_another_organisation_puts_assignments_to_sleep() {
    let casper = Casper::production().await;
    casper.open(lotte()).await;
    let moved = person("lotte", "Lotte Winkelhaak", "LUMEN", &[SUBMITTER]);
    let (_, home) = casper.open(moved).await;
    home.shows("Nothing is assigned to you yet");
}

#[tokio::test]
async fn seeding_again_leaves_alone_what_people_changed() {
    let casper = Casper::production().await;
    casper.open(hugo()).await;
    casper.open(lotte()).await;
    let (mut admin, _) = casper.open(crate::harness::ruben()).await;
    let id = casper.account_of("lotte").await.unwrap().id;
    let fields = [("role", "WEB_DATA_SUBMITTER"), ("pair", "STE_QTR/MERID_BE")];
    let done = admin.post(&format!("/users/{id}/assignments/remove"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);

    let report = casper.seed_again().await;
    assert_eq!((report.assignments, report.left_alone), (0, 5));
    let left = casper.database.list_assignments(&casper.identity("lotte"), NOW).await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn a_move_puts_to_sleep_also_what_was_given_before_the_role_came() {
    let casper = Casper::production().await;
    // Seeded as a submitter, but known so far as an administrator only.
    casper.open(person("lotte", "Lotte Winkelhaak", "MERIDIAAN", &[ADMIN])).await;
    let (_, home) =
        casper.open(person("lotte", "Lotte Winkelhaak", "LUMEN", &[SUBMITTER, ADMIN])).await;
    home.shows("Nothing is assigned to you yet");
    let held = casper.database.list_assignments(&casper.identity("lotte"), NOW).await.unwrap();
    assert!(held.iter().all(|row| row.asleep_since.is_some()), "{held:?}");
}

#[tokio::test]
async fn the_new_organisation_does_not_read_what_the_old_one_gave() {
    let casper = Casper::production().await;
    casper.open(lotte()).await;
    casper.open(person("lotte", "Lotte Winkelhaak", "LUMEN", &[SUBMITTER])).await;
    let id = casper.account_of("lotte").await.unwrap().id;
    let (mut admin, _) = casper.open(person("abel", "Abel Lumen", "LUMEN", &[ADMIN])).await;
    let page = admin.get(&format!("/users/{id}")).await;
    page.shows("Came from another organisation");
    page.hides("MERID_BE");
    page.hides("First sign-in");
    page.hides("assigned by Tibor");

    let (mut owner, _) = casper.open(tibor()).await;
    let page = owner.get(&format!("/users/{id}")).await;
    page.shows("Asleep");
    page.shows("assigned by Tibor Halmosvari");
}
