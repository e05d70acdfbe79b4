//! Names, attributes and reading of cookies (security.md 48, 55).

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::config::Issuer;

/// A cookie that the portal sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// Names the browser, for a year: binds logins and authorization requests to it.
    Browser,
    /// Names a login that waits for its code.
    Login,
    /// Names a session.
    Session,
    /// Names an activation that waits for its code.
    Activation,
    /// Carries the link of a nomination, so that it does not stay in addresses.
    Nomination,
}

impl Cookie {
    const fn name(self) -> &'static str {
        match self {
            Self::Browser => "idp_browser",
            Self::Login => "idp_login",
            Self::Session => "idp_session",
            Self::Activation => "idp_activation",
            Self::Nomination => "idp_nomination",
        }
    }

    const fn max_age(self) -> Option<u32> {
        match self {
            Self::Browser => Some(365 * 24 * 60 * 60),
            Self::Login | Self::Session | Self::Activation | Self::Nomination => None,
        }
    }

    /// Over https browsers accept the prefix only from this host, over this scheme, for every path.
    fn full_name(self, issuer: &Issuer) -> String {
        let prefix = if issuer.is_https() { "__Host-" } else { "" };
        format!("{prefix}{}", self.name())
    }

    /// The value in a request. A cookie that comes twice is as good as none: one of them was planted.
    pub fn read(self, headers: &HeaderMap, issuer: &Issuer) -> Option<String> {
        let name = self.full_name(issuer);
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut values = lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        let value = values.next()?;
        let is_plausible =
            (20..=100).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic());
        (values.next().is_none() && is_plausible).then(|| value.to_owned())
    }

    /// The header that sets it.
    pub fn set(self, value: &str, issuer: &Issuer) -> HeaderValue {
        let age = self.max_age().map(|age| format!("; Max-Age={age}")).unwrap_or_default();
        self.header(value, &age, issuer)
    }

    /// The header that clears it.
    pub fn clear(self, issuer: &Issuer) -> HeaderValue {
        self.header("", "; Max-Age=0", issuer)
    }

    fn header(self, value: &str, age: &str, issuer: &Issuer) -> HeaderValue {
        let secure = if issuer.is_https() { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}",
            self.full_name(issuer)
        );
        // Values are our own: base64url behind a prefix.
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "se_0123456789012345678901234567890123456789012";

    fn headers(line: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(line).unwrap())])
    }

    #[test]
    fn over_https_the_prefix_is_part_of_the_name() {
        let (https, http) = (
            Issuer::parse("https://id.example").unwrap(),
            Issuer::parse("http://localhost:1").unwrap(),
        );
        let set = Cookie::Session.set(VALUE, &https);
        assert_eq!(
            set.to_str().unwrap(),
            format!("__Host-idp_session={VALUE}; Path=/; HttpOnly; SameSite=Lax; Secure")
        );
        assert_eq!(Cookie::Session.read(&headers(&format!("idp_session={VALUE}")), &https), None);
        assert_eq!(
            Cookie::Session.read(&headers(&format!("a=b; idp_session={VALUE}")), &http).as_deref(),
            Some(VALUE)
        );
    }

    #[test]
    fn a_cookie_that_comes_twice_or_looks_odd_is_none() {
        let http = Issuer::parse("http://localhost:1").unwrap();
        let odd = [
            format!("idp_session={VALUE}; idp_session={VALUE}x"),
            "idp_session=".to_owned(),
            format!("idp_session={}", "x".repeat(4096)),
            "idp_session=short".to_owned(),
        ];
        for line in odd {
            assert_eq!(Cookie::Session.read(&headers(&line), &http), None, "{line}");
        }
    }
}
