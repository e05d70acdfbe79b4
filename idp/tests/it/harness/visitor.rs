//! A browser without script: cookies, forms, no following of redirects unless asked.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use tower::ServiceExt as _;

use super::{PASSWORD, TestIdp};

/// An answer.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        let location = self.headers.get(header::LOCATION);
        location
            .unwrap_or_else(|| panic!("{} leads nowhere: {}", self.status, self.body))
            .to_str()
            .unwrap()
    }

    /// The value of a hidden or filled-in field.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(&format!("name=\"{name}\" value=\""))?;
        rest.split_once('"').map(|(value, _)| value.replace("&#38;", "&").replace("&#39;", "'"))
    }

    /// Asserts the status, with the page as explanation.
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

/// A browser.
#[derive(Clone)]
pub(crate) struct Visitor {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    ip: [u8; 4],
}

impl Visitor {
    pub(crate) fn new(router: Router) -> Self {
        Self { router, cookies: BTreeMap::new(), ip: [127, 0, 0, 1] }
    }

    /// The same browser at another network address.
    pub(crate) fn at_address(mut self, ip: [u8; 4]) -> Self {
        self.ip = ip;
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// Posts a form as it is.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send(Method::POST, path, &[kind], Body::from(body)).await
    }

    /// Opens a page and posts a file with its form.
    pub(crate) async fn upload(&mut self, path: &str, file: &[u8]) -> Page {
        let token = self.get(path).await.expect(StatusCode::OK).field("csrf_token").unwrap();
        let mut body = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\n{token}\r\n--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--limit--\r\n");
        let kind = ("content-type", "multipart/form-data; boundary=limit");
        self.send(Method::POST, path, &[kind], Body::from(body)).await
    }

    /// Opens a page and posts a form of it, with its hidden fields.
    pub(crate) async fn fill_in(
        &mut self,
        page: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let page = self.get(page).await.expect(StatusCode::OK);
        let hidden: Vec<(&str, String)> = ["csrf_token", "request", "page", "again"]
            .iter()
            .filter_map(|name| Some((*name, page.field(name)?)))
            .collect();
        let mut all: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(fields);
        self.post(action, &all).await
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Page {
        let path = path.strip_prefix(super::ISSUER).unwrap_or(path);
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request =
            Request::builder().method(method).uri(path).header(header::COOKIE, cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((self.ip, 40_000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Login step one.
    pub(crate) async fn give_password(&mut self, page: &str, email: &str, password: &str) -> Page {
        self.fill_in(page, "/login", &[("email", email), ("password", password)]).await
    }

    /// Login step two.
    pub(crate) async fn give_code(&mut self, code: &str) -> Page {
        self.fill_in("/login/code", "/login/code", &[("code", code)]).await
    }

    /// Both steps.
    pub(crate) async fn sign_in(&mut self, idp: &TestIdp, email: &str) -> Page {
        self.sign_in_at(idp, "/login", email).await
    }

    /// Both steps, from a login page that leads somewhere.
    pub(crate) async fn sign_in_at(&mut self, idp: &TestIdp, page: &str, email: &str) -> Page {
        let step_one = self.give_password(page, email, PASSWORD).await;
        assert_eq!(step_one.location(), "/login/code");
        let (_, code) = idp.inbox.newest_code();
        self.give_code(&code).await.expect(StatusCode::SEE_OTHER)
    }
}
