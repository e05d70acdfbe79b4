//! The demo's phone and mailbox: nothing is ever sent out, everything is shown on a page.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use askama::Template;
use axum::{
    Json, Router,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use idp::{
    clock::Clock,
    notify::{Gateway, Message, Sending},
};
use portal_core::account::Channel;
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// How many messages are kept.
const CAPACITY: usize = 500;

/// The messages of a demo, newest first.
#[derive(Clone)]
pub(crate) struct Outbox {
    messages: Arc<Mutex<VecDeque<Sent>>>,
    clock: Arc<dyn Clock>,
}

/// One message, as `/demo/outbox.json` shows it.
#[derive(Clone, Debug, Serialize)]
struct Sent {
    kind: &'static str,
    to: String,
    text: String,
    code: Option<String>,
    at: String,
}

impl Sent {
    /// Hours, minutes and seconds of `at`.
    fn time_of_day(&self) -> &str {
        self.at.get(11..19).unwrap_or(&self.at)
    }
}

impl Outbox {
    /// An empty one.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { messages: Arc::default(), clock }
    }

    /// `/demo/outbox` and `/demo/outbox.json`.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/demo/outbox", get(page))
            .route("/demo/outbox.json", get(json))
            .route("/demo/outbox.css", get(stylesheet))
            .route("/demo/outbox.js", get(script))
            .with_state(self.clone())
    }

    fn messages(&self) -> Vec<Sent> {
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.iter().cloned().collect()
    }

    fn keep(&self, message: Message) {
        let instant = OffsetDateTime::from_unix_timestamp(self.clock.now().seconds());
        let at = instant.ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default();
        let sent = match message {
            Message::Code { channel, to, text, code } => Sent {
                kind: if channel == Channel::Voice { "voice" } else { "sms" },
                to: to.as_e164().to_owned(),
                text,
                code: Some(code.expose().to_owned()),
                at,
            },
            Message::Text { to, text } => {
                Sent { kind: "sms", to: to.as_e164().to_owned(), text, code: None, at }
            }
            Message::Email { to, text } => Sent { kind: "email", to, text, code: None, at },
        };
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.push_front(sent);
        messages.truncate(CAPACITY);
    }
}

impl Gateway for Outbox {
    fn send(&self, message: Message) -> Sending<'_> {
        self.keep(message);
        Box::pin(std::future::ready(Ok(())))
    }
}

#[derive(Template)]
#[template(path = "outbox.html")]
struct OutboxPage {
    messages: Vec<Sent>,
}

async fn page(State(outbox): State<Outbox>) -> Response {
    let page = OutboxPage { messages: outbox.messages() };
    page.render().map_or_else(
        |_| axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        |html| Html(html).into_response(),
    )
}

async fn json(State(outbox): State<Outbox>) -> impl IntoResponse {
    Json(outbox.messages())
}

async fn stylesheet() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../assets/outbox.css"))
}

async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../assets/outbox.js"))
}
