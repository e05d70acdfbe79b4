//! What the pages say and how they are delivered.

use casper::Environment;
use http::{StatusCode, header};

use crate::harness::{ADMIN, Casper, SUBMITTER, lotte, person, ruben};

#[tokio::test]
async fn the_landing_page_shows_roles_collections_and_entities() {
    let casper = Casper::production().await;
    let (_, home) = casper.open(lotte()).await;
    for words in [
        "MERIDIAAN",
        "Short-Term Exercise (quarterly)",
        "Meridiaan België NV",
        "LEI-OF-MERID_BE",
        "T+40 working days",
        "Web data submitters are responsible for submitting data in CASPER",
        SUBMITTER,
    ] {
        home.shows(words);
    }
    home.hides("Web user administrators are responsible");
}

#[tokio::test]
async fn nobody_sees_somebody_elses_assignments() {
    let casper = Casper::production().await;
    let (mut lotte, home) = casper.open(lotte()).await;
    home.hides("MERID_NL");
    let collection = lotte.get("/collections/STE_QTR").await;
    collection.hides("Ruben");
    collection.hides("MERID_NL");
}

#[tokio::test]
async fn without_an_assignment_the_page_says_what_to_do() {
    let casper = Casper::production().await;
    let marta = person("marta", "Marta Olivenza", "BANK E", &[SUBMITTER]);
    let (mut marta, home) = casper.open(marta).await;
    assert_eq!(home.status, StatusCode::OK);
    home.shows("Nothing is assigned to you yet");
    home.shows("web user administrator");
    home.shows("marta@example.test");
    marta.get("/collections").await.shows("Tibor Halmosvari");
}

#[tokio::test]
async fn pre_production_cannot_be_mistaken_for_production() {
    let casper = Casper::start(Environment::PreProduction).await;
    let tester = person("kobe", "Kobe Staelens", "MERIDIAAN", &["A-CASPER_WEB_DATA_SUBMITTER"]);
    let (mut kobe, home) = casper.open(tester).await;
    home.shows("Pre-Production: test data only");
    kobe.get("/collections").await.shows("Pre-Production: test data only");
    let (_, refused) = casper.sign_in(lotte()).await;
    refused.shows("/assets/casper-pre-production.css");

    let casper = Casper::production().await;
    let (_, home) = casper.open(lotte()).await;
    home.hides("test data only");
}

#[tokio::test]
async fn every_page_has_a_strict_policy_and_no_inline_code() {
    let casper = Casper::production().await;
    casper.open(lotte()).await;
    let (mut ruben, _) = casper.open(ruben()).await;
    let id = casper.account_of("lotte").await.unwrap().id;
    let user = format!("/users/{id}");
    for path in ["/", "/collections", "/collections/STE_QTR", "/users", &user, "/nowhere"] {
        let page = ruben.get(path).await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store", "{path}");
        for inline in ["<script", "style=", "<style", " onclick"] {
            page.hides(inline);
        }
    }
}

#[tokio::test]
async fn a_name_cannot_bring_markup_along() {
    let casper = Casper::production().await;
    let sly = person("sly", "<b>Sly</b> <i>\"</i>", "MERIDIAAN", &[SUBMITTER]);
    let (_, home) = casper.open(sly).await;
    home.hides("<b>Sly");
    let (mut ruben, _) = casper.open(ruben()).await;
    ruben.get("/users").await.hides("<b>Sly");
    ruben.get("/users?q=%22%3E%3Cb%3E").await.hides("\"><b>");
    ruben.get("/users?q=%22%3E%3Cb%3E&page=4000000").await.hides("\"><b>");
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_answered_with_a_page() {
    let casper = Casper::production().await;
    let admin = person("x", "Xe No", "BANK E", &[ADMIN]);
    let (mut browser, _) = casper.open(admin).await;
    for path in ["/nowhere", "/collections/NONE", "/users/12345", "/users/abc"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        page.shows("There is no such page");
    }
}

#[tokio::test]
async fn the_stylesheet_is_there_for_everybody() {
    let casper = Casper::production().await;
    let (mut browser, home) = casper.open(lotte()).await;
    let (_, rest) = home.body.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let href = rest.split('"').next().unwrap();
    let css = browser.get(href).await;
    assert_eq!(css.status, StatusCode::OK);
    assert_eq!(css.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
}
