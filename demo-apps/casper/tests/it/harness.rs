//! A CASPER with demo data, people, and browsers.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
};
use casper::{
    Config, Database, Environment, Role, SeedAssignment, SeedCollection, SeedData, SeedEntity,
    SeedPerson,
};
use http::{Request, Response, StatusCode, header};
use relying_party::{Clock, RelyingPartyConfig};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::portal::{NOW, Portal};

pub(crate) const SUBMITTER: &str = "CASPER_WEB_DATA_SUBMITTER";
pub(crate) const ADMIN: &str = "CASPER_WEB_USER_ADMIN";
pub(crate) const BASE: &str = "http://localhost:8081";

/// One running CASPER.
pub(crate) struct Casper {
    pub(crate) app: Router,
    pub(crate) portal: Arc<Portal>,
    pub(crate) database: Database,
    pub(crate) client_id: &'static str,
    _directory: TempDir,
}

impl Casper {
    pub(crate) async fn start(environment: Environment) -> Self {
        let portal = Portal::start().await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("casper.sqlite");
        let client_id = if environment.is_test() { "a-casper" } else { "casper" };
        let mut relying_party =
            RelyingPartyConfig::new(&portal.issuer, client_id, "secret", BASE.parse().unwrap());
        relying_party.clock = Clock::from_fn(|| NOW);
        casper::seed(&file, &seed_data(&portal.issuer)).await.unwrap();
        let database = Database::open(&file).await.unwrap();
        let config = Config { relying_party, environment, database: file };
        let app = casper::app(config).await.unwrap();
        Self { app, portal, database, client_id, _directory: directory }
    }

    pub(crate) async fn production() -> Self {
        Self::start(Environment::Production).await
    }

    /// A browser in which the person of `claims` has signed in, and the page that came of it.
    pub(crate) async fn sign_in(&self, claims: Value) -> (Browser, Page) {
        let mut browser =
            Browser { app: self.app.clone(), cookies: BTreeMap::new(), csrf_token: String::new() };
        let start = browser.get("/login").await;
        let address: url::Url = start.location().parse().unwrap();
        let asked: BTreeMap<_, _> = address.query_pairs().into_owned().collect();
        let code = self.portal.issue_code(claims, self.client_id, &asked["nonce"]);
        let answer = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &asked["state"])
            .append_pair("iss", &self.portal.issuer)
            .finish();
        let page = browser.get(&format!("/callback?{answer}")).await;
        (browser, page)
    }

    /// Like [`Casper::sign_in`], and the landing page.
    pub(crate) async fn open(&self, claims: Value) -> (Browser, Page) {
        let (mut browser, page) = self.sign_in(claims).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        let home = browser.get("/").await;
        (browser, home)
    }

    /// What a restart of the installation does.
    pub(crate) async fn seed_again(&self) -> casper::SeedReport {
        self.database.seed(&seed_data(&self.portal.issuer), NOW).await.unwrap()
    }

    pub(crate) async fn account_of(&self, sub: &str) -> Option<casper::Account> {
        self.database.find_account(&self.identity(sub)).await.unwrap()
    }

    pub(crate) fn identity(&self, sub: &str) -> casper::Identity {
        casper::Identity { iss: self.portal.issuer.clone(), sub: sub.to_owned() }
    }
}

/// Sends requests to the router and keeps cookies.
pub(crate) struct Browser {
    app: Router,
    cookies: BTreeMap<String, String>,
    /// Of the last page with a form.
    pub(crate) csrf_token: String,
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Posts `fields` and the token of the last page, as a form of our own page does.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.csrf_token.clone();
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend_from_slice(fields);
        self.post_from(path, &all, "same-origin").await
    }

    pub(crate) async fn post_from(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        site: &str,
    ) -> Page {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site);
        self.send(request, Body::from(form.finish())).await
    }

    async fn send(&mut self, request: http::request::Builder, body: Body) -> Page {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).body(body).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let page = Page::read(response).await;
        if let Some((_, rest)) = page.body.split_once("name=\"csrf_token\" value=\"") {
            rest.split('"').next().unwrap().clone_into(&mut self.csrf_token);
        }
        page
    }
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Page {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn shows(&self, words: &str) {
        assert!(self.body.contains(words), "{words:?} is not in:\n{}", self.body);
    }

    #[track_caller]
    pub(crate) fn hides(&self, words: &str) {
        assert!(!self.body.contains(words), "{words:?} is in:\n{}", self.body);
    }
}

/// Claims of a person of a third party.
pub(crate) fn person(sub: &str, name: &str, third_party: &str, groups: &[&str]) -> Value {
    let (given, family) = name.split_once(' ').unwrap();
    json!({
        "sub": sub, "name": name, "given_name": given, "family_name": family,
        "email": format!("{sub}@example.test"), "groups": groups,
        "third_party": { "id": format!("tp-{third_party}"), "name": third_party },
        "level": { "id": format!("l-{third_party}"), "path": format!("Root/{third_party}") },
    })
}

pub(crate) fn ruben() -> Value {
    person("ruben", "Ruben Aldewereld", "MERIDIAAN", &[ADMIN])
}

pub(crate) fn lotte() -> Value {
    person("lotte", "Lotte Winkelhaak", "MERIDIAAN", &[SUBMITTER])
}

pub(crate) fn hugo() -> Value {
    person("hugo", "Hugo Belmonte", "BANK E", &[SUBMITTER])
}

/// ECB staff that own STE_QTR and ST_2027.
pub(crate) fn tibor() -> Value {
    json!({
        "sub": "tibor", "name": "Tibor Halmosvari", "given_name": "Tibor",
        "family_name": "Halmosvari", "email": "tibor@ecb.example", "groups": [],
        "level": { "id": "root", "path": "Root" }, "staff_roles": ["ECB_COLLECTION_OWNER"],
    })
}

fn seed_data(iss: &str) -> SeedData {
    let entity = |code: &str, name: &str, level: &str| SeedEntity {
        code: code.to_owned(),
        legal_name: name.to_owned(),
        country: "NL".to_owned(),
        lei: format!("LEI-OF-{code}"),
        level: level.to_owned(),
    };
    let collection = |code: &str, name: &str, owner: Option<&str>| SeedCollection {
        code: code.to_owned(),
        name: name.to_owned(),
        frequency: "quarterly".to_owned(),
        deadline: "T+40 working days".to_owned(),
        owner_name: owner.map_or("ECB fees team", |_| "Tibor Halmosvari").to_owned(),
        owner: owner.map(|sub| SeedPerson { iss: iss.to_owned(), sub: sub.to_owned() }),
    };
    let assignment = |sub: &str, role: Role, collection: &str, entity: &str| SeedAssignment {
        iss: iss.to_owned(),
        sub: sub.to_owned(),
        role,
        collection: collection.to_owned(),
        entity: entity.to_owned(),
        assigned_by: "Tibor Halmosvari".to_owned(),
    };
    SeedData {
        entities: vec![
            entity("MERID_NL", "Meridiaan Bank N.V.", "MERIDIAAN"),
            entity("MERID_BE", "Meridiaan België NV", "MERIDIAAN"),
            entity("MERID_DE", "Meridiaan Deutschland GmbH", "MERIDIAAN"),
            entity("TAUNUS", "Sparverbund Taunus eG", "TAUNUS"),
        ],
        collections: vec![
            collection("STE_QTR", "Short-Term Exercise (quarterly)", Some("tibor")),
            collection("ST_2027", "Supervisory stress test 2027", Some("tibor")),
            collection("FEE_FACT", "Supervisory fee factors", None),
        ],
        assignments: vec![
            assignment("ruben", Role::UserAdmin, "STE_QTR", "MERID_NL"),
            assignment("ruben", Role::UserAdmin, "STE_QTR", "MERID_BE"),
            assignment("ruben", Role::UserAdmin, "ST_2027", "MERID_NL"),
            assignment("lotte", Role::DataSubmitter, "STE_QTR", "MERID_BE"),
            assignment("zandt", Role::DataSubmitter, "FEE_FACT", "TAUNUS"),
        ],
    }
}
