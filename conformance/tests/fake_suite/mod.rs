//! A fake of the official suite: as much of its REST API as the driver speaks. Each look at a
//! module moves it to its next state.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Path, RawQuery, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{delete, get, post},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

/// What the driver did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) plan_variant: String,
    pub(crate) all_authorized: bool,
    pub(crate) started: Vec<String>,
    pub(crate) pictures: Vec<String>,
    pub(crate) cancelled: usize,
    pub(crate) most_at_once: usize,
}

/// Name, the states one after another, and the result at the end.
type Script<'a> = (&'a str, &'a [&'a str], &'a str);

struct Module {
    name: String,
    states: Vec<String>,
    result: String,
    is_running: bool,
}

#[derive(Default)]
struct Inside {
    modules: Vec<Module>,
    seen: Seen,
}

type Shared = Arc<Mutex<Inside>>;

/// A running fake.
pub(crate) struct FakeSuite {
    pub(crate) base: Url,
    shared: Shared,
}

impl FakeSuite {
    pub(crate) async fn start(scripts: &[Script<'_>]) -> Self {
        let modules = scripts.iter().map(|(name, states, result)| Module {
            name: (*name).to_owned(),
            states: states.iter().map(|state| (*state).to_owned()).collect(),
            result: (*result).to_owned(),
            is_running: false,
        });
        let seen = Seen { all_authorized: true, ..Seen::default() };
        let shared = Arc::new(Mutex::new(Inside { modules: modules.collect(), seen }));
        let router = Router::new()
            .route("/api/plan", post(create_plan))
            .route("/api/runner", post(create_module))
            .route("/api/runner/{id}", post(start).merge(delete(cancel)))
            .route("/api/runner/{id}/wait-state", get(wait))
            .route("/api/runner/browser/{id}", get(browser))
            .route("/api/info/{id}", get(info))
            .route("/api/log/{id}", get(log))
            .route("/api/log/{id}/images", get(images))
            .route("/api/log/{id}/images/{place}", post(upload))
            .layer(middleware::from_fn_with_state(Arc::clone(&shared), look_at_token))
            .with_state(Arc::clone(&shared));
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}/", socket.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { base, shared }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.shared.lock().unwrap().seen.clone()
    }
}

async fn look_at_token(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let token = request.headers().get("authorization").map(|value| value.as_bytes().to_vec());
    if token.as_deref() != Some(b"Bearer t0ken") {
        shared.lock().unwrap().seen.all_authorized = false;
    }
    next.run(request).await
}

fn query(text: Option<String>, name: &str) -> String {
    let text = text.unwrap_or_default();
    let found = form_urlencoded::parse(text.as_bytes()).find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn create_plan(State(shared): State<Shared>, RawQuery(text): RawQuery) -> Response {
    let mut inside = shared.lock().unwrap();
    inside.seen.plan_variant = query(text, "variant");
    let modules: Vec<_> = inside
        .modules
        .iter()
        .map(|module| json!({ "testModule": module.name, "variant": { "response_type": "code" } }))
        .collect();
    let plan = json!({ "id": "plan-1", "name": "a-test-plan", "modules": modules });
    (StatusCode::CREATED, Json(plan)).into_response()
}

async fn create_module(State(shared): State<Shared>, RawQuery(text): RawQuery) -> Response {
    let name = query(text, "test");
    let mut inside = shared.lock().unwrap();
    let Some(at) = inside.modules.iter().position(|module| module.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    inside.modules[at].is_running = true;
    let running = inside.modules.iter().filter(|module| module.is_running).count();
    inside.seen.most_at_once = inside.seen.most_at_once.max(running);
    (StatusCode::CREATED, Json(json!({ "id": at.to_string(), "name": name }))).into_response()
}

async fn start(State(shared): State<Shared>, Path(id): Path<usize>) -> Json<Value> {
    let mut inside = shared.lock().unwrap();
    let name = inside.modules[id].name.clone();
    inside.modules[id].states.retain(|state| state != "CONFIGURED");
    inside.seen.started.push(name);
    Json(json!({}))
}

async fn cancel(State(shared): State<Shared>, Path(id): Path<usize>) -> StatusCode {
    let mut inside = shared.lock().unwrap();
    inside.modules[id].is_running = false;
    inside.seen.cancelled += 1;
    StatusCode::OK
}

/// A long poll that never waits: it tells the state, and the module goes on to its next one. What
/// is CONFIGURED stays so until it is started.
async fn wait(State(shared): State<Shared>, Path(id): Path<usize>) -> Json<Value> {
    let inside = shared.lock().unwrap();
    Json(json!({ "state": inside.modules[id].states[0] }))
}

async fn info(State(shared): State<Shared>, Path(id): Path<usize>) -> Json<Value> {
    let mut inside = shared.lock().unwrap();
    let module = &mut inside.modules[id];
    let status = module.states[0].clone();
    if module.states.len() > 1 && status != "CONFIGURED" {
        module.states.remove(0);
    } else if status == "FINISHED" || status == "INTERRUPTED" {
        module.is_running = false;
    }
    Json(json!({ "testId": id.to_string(), "status": status, "result": module.result }))
}

async fn log(State(shared): State<Shared>, Path(id): Path<usize>) -> Json<Value> {
    let name = shared.lock().unwrap().modules[id].name.clone();
    Json(json!([
        { "src": "CreateRequest", "msg": "a request", "result": "SUCCESS" },
        { "src": "CheckSomething", "msg": format!("{name} went wrong"), "result": "FAILURE" },
    ]))
}

async fn images(State(shared): State<Shared>, Path(_): Path<usize>) -> Json<Value> {
    let inside = shared.lock().unwrap();
    let mut entries = vec![json!({ "img": "data:image/png;base64,BBBB", "upload": "done" })];
    if inside.seen.pictures.is_empty() {
        entries.push(json!({ "upload": "place-1" }));
    }
    Json(Value::Array(entries))
}

async fn upload(
    State(shared): State<Shared>,
    Path((_, place)): Path<(usize, String)>,
    body: String,
) -> Response {
    if place != "place-1" {
        return StatusCode::BAD_REQUEST.into_response();
    }
    shared.lock().unwrap().seen.pictures.push(body);
    Json(json!({})).into_response()
}

async fn browser(Path(id): Path<String>) -> Json<Value> {
    Json(json!({ "id": id, "urls": ["https://op.example/login"], "visited": [] }))
}
