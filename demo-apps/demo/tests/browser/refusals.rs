//! Those who may not: each is told what helps, and nothing that helps an attacker.

use crate::{
    visitor::{Scripts, browse},
    world::{Application, PASSWORD, PRE_PRODUCTION_ONLY, SUBMITTER, WITHOUT_APPS, World},
};

/// The expired, the invited, the locked and the nominated account.
const NOT_IN_GOOD_STANDING: [&str; 4] = [
    "teo.casarrubios@contractor.example",
    "vega.lorente@bank-e.example",
    "stelios.garifalakis@asteria.example",
    "radoslav.peychinov@dunav.example",
];

#[tokio::test]
async fn a_person_without_applications_is_told_who_gives_access() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, WITHOUT_APPS).await;
        assert!(!visitor.has(".tile").await, "a tile without a right");
        let empty = visitor.read(".empty").await;
        for shown in ["delegated access administrator", "supportcenter@ecb.europa.eu"] {
            assert!(empty.contains(shown), "{shown} is not in: {empty}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_group_of_the_other_environment_does_not_open_casper() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.open(&world.at(Application::Casper, "/")).await;
        visitor.sign_in(PRE_PRODUCTION_ONLY).await;
        visitor.arrive_at("You were not signed in to CASPER").await;
        let page = visitor.read("main").await;
        for shown in ["delegated access administrator", "supportcenter@ecb.europa.eu"] {
            assert!(page.contains(shown), "{shown} is not in: {page}");
        }
        visitor.open(&world.portal("/apps")).await;
        assert_eq!(visitor.read_all(".tile-title").await, ["CASPER Pre-Production"]);
        visitor.click("#tile-A-CASPER").await;
        visitor.arrive_at("Welcome, Kobe Staelens").await;
    })
    .await;
}

#[tokio::test]
async fn accounts_not_in_good_standing_see_the_words_of_a_wrong_password() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.open(&world.portal("/login")).await;
        visitor.give_password(SUBMITTER, "not the password").await;
        let wrong_password = visitor.read("#login-error").await;
        for email in NOT_IN_GOOD_STANDING {
            visitor.open(&world.portal("/login")).await;
            visitor.give_password(email, PASSWORD).await;
            assert_eq!(visitor.read("#login-error").await, wrong_password, "{email}");
            assert!(!visitor.has("#code").await, "{email} is asked for a code");
        }
    })
    .await;
}
