//! A browser that keeps cookies and does not follow redirects by itself.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, body::Body};
use http::{Method, Request, StatusCode, header};
use relying_party::Stopped;
use tower::ServiceExt as _;

use crate::fake_op::FakeOp;

pub(crate) struct Browser {
    app: Router,
    cookies: BTreeMap<String, String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
    /// Why a sign-in was stopped, if it was.
    pub(crate) stopped: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// The hidden field of a form that was held.
    pub(crate) fn csrf_token_of_held_form(&self) -> String {
        assert!(self.body.contains("id=\"send-again\""), "{}", self.body);
        self.csrf_token()
    }

    /// The hidden field of the page's first form.
    pub(crate) fn csrf_token(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"csrf_token\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }
}

impl Browser {
    pub(crate) fn new(app: &Router) -> Self {
        Self { app: app.clone(), cookies: BTreeMap::new() }
    }

    /// Another tab with the same cookies.
    pub(crate) fn tab(&self) -> Self {
        Self { app: self.app.clone(), cookies: self.cookies.clone() }
    }

    pub(crate) async fn get(&mut self, address: &str) -> Answer {
        self.send(Method::GET, address, &[], String::new()).await
    }

    pub(crate) async fn post(&mut self, address: &str, form: &[(&str, &str)]) -> Answer {
        self.post_with(address, form, &[("sec-fetch-site", "same-origin")]).await
    }

    pub(crate) async fn post_with(
        &mut self,
        address: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.send(Method::POST, address, headers, body).await
    }

    async fn send(
        &mut self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let path = address
            .strip_prefix("http://")
            .map_or(address, |rest| rest.find('/').map_or("/", |slash| &rest[slash..]));
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request =
            Request::builder().method(method).uri(path).header(header::COOKIE, cookies.join("; "));
        if headers.iter().all(|(name, _)| *name != "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = axum::body::to_bytes(body, 4 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            stopped: parts.extensions.get::<Stopped>().map_or_else(String::new, |s| s.0.clone()),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Begins at `/login` and lets the provider answer: the address of the callback.
    pub(crate) async fn begin(&mut self, op: &Arc<FakeOp>, login: &str) -> String {
        let answer = self.get(login).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let mut provider = Browser::new(&op.router());
        provider.get(answer.location()).await.location().to_owned()
    }

    /// The form that the provider answers with in place of a redirect: where to, and what.
    pub(crate) async fn begin_with_form(
        &mut self,
        op: &Arc<FakeOp>,
    ) -> (String, Vec<(String, String)>) {
        let answer = self.get("/login").await;
        let page = Browser::new(&op.router()).get(answer.location()).await.body;
        let attribute = |text: &str, name: &str| {
            let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
            rest.split_once('"').unwrap().0.to_owned()
        };
        let fields = page
            .split("<input ")
            .skip(1)
            .map(|input| (attribute(input, "name"), attribute(input, "value")))
            .collect();
        (attribute(&page, "action"), fields)
    }

    /// Posts as the provider's page does: from another site.
    pub(crate) async fn post_across(&mut self, to: &str, form: &[(String, String)]) -> Answer {
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post_with(to, &form, &[("sec-fetch-site", "cross-site")]).await
    }

    /// What the browser keeps.
    pub(crate) fn cookies(&self) -> String {
        format!("{:?}", self.cookies)
    }

    /// Drops a cookie, as a browser does that may not send it.
    pub(crate) fn forget(&mut self, name: &str) {
        self.cookies.remove(name).unwrap();
    }

    /// The whole way; the answer is that of the callback.
    pub(crate) async fn sign_in(&mut self, op: &Arc<FakeOp>) -> Answer {
        let callback = self.begin(op, "/login").await;
        self.get(&callback).await
    }
}
