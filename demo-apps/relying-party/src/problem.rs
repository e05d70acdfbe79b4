//! The page a person reads when something did not work.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use crate::RelyingParty;

/// What happened, what to do, and where to go on. The support contact is added to every page.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    title: String,
    text: String,
    advice: String,
    link: Option<Link>,
    form: Option<HeldForm>,
}

#[derive(Clone, Debug)]
struct Link {
    href: String,
    words: String,
    new_tab: bool,
}

/// A form that could not be taken yet, with all that was typed.
#[derive(Clone, Debug)]
struct HeldForm {
    action: String,
    fields: Vec<(String, String)>,
}

impl Problem {
    /// A page with this status and heading.
    pub fn new(status: StatusCode, title: impl Into<String>) -> Self {
        Self {
            status,
            title: title.into(),
            text: String::new(),
            advice: String::new(),
            link: None,
            form: None,
        }
    }

    /// What happened.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// Where to go on: an address of this application and the words of the link.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>, words: impl Into<String>) -> Self {
        self.link = Some(Link { href: href.into(), words: words.into(), new_tab: false });
        self
    }

    /// The same, and this page stays open.
    #[must_use]
    pub(crate) fn new_tab_link(
        mut self,
        href: impl Into<String>,
        words: impl Into<String>,
    ) -> Self {
        self.link = Some(Link { href: href.into(), words: words.into(), new_tab: true });
        self
    }

    /// Keeps an encoded form of this application on the page, to be sent again to `action`.
    #[must_use]
    pub(crate) fn held_form(mut self, action: &str, encoded: &[u8]) -> Self {
        let fields = form_urlencoded::parse(encoded).into_owned().collect();
        self.form = Some(HeldForm { action: action.to_owned(), fields });
        self
    }
}

/// A finished answer that ends a request early; small enough to be an error value.
#[derive(Debug)]
pub struct Rejection(Box<Response>);

impl Rejection {
    pub(crate) fn new(response: impl IntoResponse) -> Self {
        Self(Box::new(response.into_response()))
    }

    /// Notes why, for logs and test tools that look at the response's extensions.
    pub(crate) fn because(mut self, why: impl Into<String>) -> Self {
        self.0.extensions_mut().insert(Stopped(why.into()));
        self
    }
}

/// Why a sign-in or a back-channel logout was stopped, as an extension of the response. People are not shown it: it tells an
/// attacker which check failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped(pub String);

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        *self.0
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    problem: &'a Problem,
    app_name: &'a str,
    support: &'a str,
    stylesheet: Option<&'a str>,
    portal: &'a str,
}

impl RelyingParty {
    /// Renders `problem` with the application's name, stylesheet and support contact.
    pub fn problem(&self, problem: &Problem) -> Rejection {
        let config = self.config();
        let page = Page {
            problem,
            app_name: &config.app_name,
            support: &config.support,
            stylesheet: config.stylesheet.as_deref(),
            portal: &config.issuer,
        };
        let body = page.render().unwrap_or_else(|_| problem.title.clone());
        let mut response = (problem.status, Html(body)).into_response();
        if problem.status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("5"));
        }
        Rejection::new(response)
    }
}
