//! Every page through axe-core, in light and in dark: nothing serious, nothing critical.
//!
//! `scripts/interop` installs axe-core into the folder that `IDP_TEST_INTEROP` names.

use std::{env, fs, path::Path};

use serde::Deserialize;
use serde_json::json;

use crate::{
    consent,
    visitor::{Scripts, Visitor, browse},
    world::{
        Application, PASSWORD, PRE_PRODUCTION_ONLY, SSM_ADMINISTRATOR, SUBMITTER, WITHOUT_APPS,
        World,
    },
};

const RUN: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then(
        (results) => done(results.violations.map((found) => ({
            rule: found.id,
            impact: found.impact,
            places: found.nodes.map((node) => `${node.target}: ${node.failureSummary}`),
        }))),
        (failure) => done([{ rule: String(failure), impact: 'critical', places: [] }]),
    );";

/// What axe found.
#[derive(Deserialize)]
struct Finding {
    rule: String,
    impact: Option<String>,
    places: Vec<String>,
}

/// Collects what axe finds on page after page, so that one run tells everything.
pub(crate) struct Inspector<'a> {
    visitor: &'a Visitor,
    axe: String,
    report: Vec<String>,
}

impl<'a> Inspector<'a> {
    pub(crate) fn new(visitor: &'a Visitor) -> Self {
        let folder = env::var("IDP_TEST_INTEROP")
            .expect("IDP_TEST_INTEROP names a folder with axe-core: run scripts/test browser");
        let file = Path::new(&folder).join("node_modules/axe-core/axe.min.js");
        Self { visitor, axe: fs::read_to_string(file).unwrap(), report: Vec::new() }
    }

    pub(crate) async fn open(&mut self, address: &str) {
        self.visitor.open(address).await;
        self.look().await;
    }

    /// Puts the page as it is through axe, in light and dark.
    pub(crate) async fn look(&mut self) {
        for scheme in ["light", "dark"] {
            let media = json!({
                "features": [
                    { "name": "prefers-color-scheme", "value": scheme },
                    { "name": "prefers-reduced-motion", "value": "reduce" },
                ],
            });
            let tools = self.visitor.driver.cdp();
            tools.send_raw("Emulation.setEmulatedMedia", media).await.unwrap();
            self.run_axe(scheme).await;
        }
    }

    async fn run_axe(&mut self, scheme: &str) {
        let driver = &self.visitor.driver;
        driver.execute(self.axe.as_str(), []).await.unwrap();
        let findings = driver.execute_async(RUN, []).await.unwrap();
        let findings: Vec<Finding> = findings.convert().unwrap();
        let address = self.visitor.address().await;
        for finding in findings {
            if matches!(finding.impact.as_deref(), Some("serious" | "critical")) {
                let Finding { rule, places, .. } = finding;
                let places = places.join("\n  ");
                self.report.push(format!("{rule} at {address} ({scheme}):\n  {places}"));
            }
        }
    }

    pub(crate) fn finish(self) {
        assert!(self.report.is_empty(), "{}", self.report.join("\n"));
    }
}

#[tokio::test]
async fn the_pages_of_the_portal_are_accessible() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        let mut inspector = Inspector::new(&visitor);
        inspector.open(&world.portal("/login")).await;
        visitor.give_password(SUBMITTER, "not the password").await;
        visitor.find("#login-error").await;
        inspector.look().await;
        visitor.give_password(SUBMITTER, PASSWORD).await;
        visitor.arrive_at("Enter your code").await;
        inspector.look().await;
        visitor.give_code("654321").await;
        visitor.find("#code-error").await;
        inspector.look().await;
        visitor.give_code(crate::world::CODE).await;
        visitor.arrive_at("My Apps").await;
        inspector.look().await;
        for path in [
            "/profile",
            "/profile/security",
            "/profile/delete",
            "/account-deleted",
            "/terms",
            "/terms/administrators",
            "/no-such-page",
            "/oauth2/authorize?client_id=nobody",
            "/oauth2/logout",
            "/demo/outbox",
        ] {
            inspector.open(&world.portal(path)).await;
        }
        visitor.open(&world.portal("/apps")).await;
        visitor.click("#sign-out").await;
        visitor.arrive_at("You are signed out").await;
        inspector.look().await;
        visitor.sign_in_to_my_apps(&world, WITHOUT_APPS).await;
        inspector.look().await;
        inspector.finish();
    })
    .await;
}

#[tokio::test]
async fn the_acknowledgement_of_both_documents_is_accessible() {
    let world = World::start();
    for (email, path, heading) in [
        ("m.dummy@nomail.com", "/profile", "Terms of use for end users"),
        ("theo.brissonnet@littoral.example", "/users", "Terms of use: supplement"),
    ] {
        browse(Scripts::Allowed, async |visitor| {
            let mut inspector = Inspector::new(&visitor);
            visitor.open(&world.portal(path)).await;
            visitor.sign_in(email).await;
            visitor.arrive_at(heading).await;
            inspector.look().await;
            visitor.click("#acknowledge").await;
            visitor.find(".main-nav").await;
            assert!(visitor.address().await.ends_with(path), "{}", visitor.address().await);
            inspector.finish();
        })
        .await;
    }
}

#[tokio::test]
async fn the_question_of_consent_and_what_was_allowed_are_accessible() {
    let world = consent::start();
    browse(Scripts::Allowed, async |visitor| {
        let mut inspector = Inspector::new(&visitor);
        inspector.open(&consent::request(&world, "openid profile")).await;
        visitor.sign_in(SUBMITTER).await;
        visitor.arrive_at("asks for access").await;
        inspector.look().await;
        inspector.open(&world.portal("/profile/applications")).await;
        visitor.open(&consent::request(&world, "openid profile")).await;
        visitor.click("#consent-allow").await;
        visitor.arrive_at("This page does not exist").await;
        inspector.open(&consent::request(&world, "openid profile email")).await;
        inspector.open(&world.portal("/profile/applications")).await;
        inspector.finish();
    })
    .await;
}

#[tokio::test]
async fn the_pages_of_both_caspers_are_accessible() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, "lucia.armentera@bank-e.example").await;
        let mut inspector = Inspector::new(&visitor);
        for path in ["/", "/collections", "/collections/STE_QTR", "/users", "/nothing"] {
            inspector.open(&world.at(Application::Casper, path)).await;
        }
        visitor.open(&world.at(Application::Casper, "/users")).await;
        visitor.click("main table tbody a").await;
        visitor.find("main .person-heading").await;
        inspector.look().await;
        inspector.open(&world.at(Application::CasperPreProduction, "/")).await;
        inspector.finish();
    })
    .await;
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, PRE_PRODUCTION_ONLY).await;
        let mut inspector = Inspector::new(&visitor);
        for application in [Application::Casper, Application::CasperPreProduction] {
            inspector.open(&world.at(application, "/")).await;
        }
        inspector.finish();
    })
    .await;
}

#[tokio::test]
async fn the_pages_of_the_ssm_portal_and_astra_are_accessible() {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, SSM_ADMINISTRATOR).await;
        let mut inspector = Inspector::new(&visitor);
        for path in ["/", "/processes", "/messages", "/terms", "/useradmin/", "/useradmin/new"] {
            inspector.open(&world.at(Application::SsmPortal, path)).await;
        }
        visitor.open(&world.at(Application::SsmPortal, "/useradmin/")).await;
        visitor.click("main table tbody a").await;
        visitor.arrive_at("user details").await;
        inspector.look().await;
        visitor.choose("#process_type", "Fit and Proper").await;
        visitor.click("#select-process-type").await;
        visitor.find("#save").await;
        inspector.look().await;
        inspector.open(&world.at(Application::Astra, "/")).await;
        inspector.finish();
    })
    .await;
}
