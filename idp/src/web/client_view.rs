//! What people see of a client. It wrote all of this itself, so it is cleaned here and believed nowhere.

use oidc_core::client::Client;
use url::Url;

use crate::web::headers::Source;

/// A client on a page.
#[derive(Clone, Debug)]
pub(crate) struct ClientView {
    /// Its name.
    pub(crate) name: String,
    /// First letter of the name, where there is no logo.
    pub(crate) initial: String,
    /// Address of its logo: over https only.
    pub(crate) logo: Option<String>,
    /// Its home page.
    pub(crate) home: Option<String>,
    /// Its privacy policy.
    pub(crate) policy: Option<String>,
    /// Its terms of service.
    pub(crate) terms: Option<String>,
}

impl ClientView {
    /// What may be shown of a client (RFC 7591 2, 5; OpenID Connect Dynamic Registration 2).
    pub(crate) fn of(client: &Client) -> Self {
        let about = &client.about;
        let name = readable_name(&client.name, &client.id);
        Self {
            initial: name.chars().next().map(|c| c.to_uppercase().collect()).unwrap_or_default(),
            name,
            logo: web_address(about.logo_uri.as_deref(), &["https"])
                .filter(|logo| Source::of(logo).is_some()),
            home: web_address(about.client_uri.as_deref(), &["https", "http"]),
            policy: web_address(about.policy_uri.as_deref(), &["https", "http"]),
            terms: web_address(about.tos_uri.as_deref(), &["https", "http"]),
        }
    }

    /// The one place from which the page may load a picture.
    pub(crate) fn logo_source(&self) -> Option<Source> {
        self.logo.as_deref().and_then(Source::of)
    }

    /// Whether the client tells anything but its name.
    pub(crate) const fn has_links(&self) -> bool {
        self.home.is_some() || self.policy.is_some() || self.terms.is_some()
    }
}

/// The name of a client as people may see it, or what else names it.
pub(crate) fn readable_name(name: &str, client_id: &str) -> String {
    let name = readable(name);
    if name.is_empty() { readable(client_id) } else { name }
}

/// A name without what makes a line read other than it is written: control characters and changes of direction.
fn readable(name: &str) -> String {
    let is_trick = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    name.chars().filter(|c| !is_trick(*c)).collect::<String>().trim().to_owned()
}

/// The address in its normal form, if it is one of a page or picture: never `javascript:` or `data:`.
fn web_address(address: Option<&str>, schemes: &[&str]) -> Option<String> {
    let url = Url::parse(address?).ok()?;
    (schemes.contains(&url.scheme()) && url.host().is_some()).then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use oidc_core::client::About;

    use super::*;

    fn view(name: &str, logo: &str, link: &str) -> ClientView {
        let about = About {
            logo_uri: Some(logo.to_owned()),
            policy_uri: Some(link.to_owned()),
            ..About::default()
        };
        ClientView::of(&Client { about, ..Client::new("id-1", name) })
    }

    #[test]
    fn only_pages_are_linked_and_only_https_pictures_are_loaded() {
        let good = view("Tool", "https://rp.example/logo.png?v=1", "http://rp.example/policy");
        assert_eq!(good.logo_source(), Source::of("https://rp.example/"));
        assert_eq!(good.policy.as_deref(), Some("http://rp.example/policy"));
        for bad in ["javascript:alert(1)", "data:image/svg+xml,<svg/>", "/logo.png", "ftp://x/", ""]
        {
            let view = view("Tool", bad, bad);
            assert!(view.logo.is_none() && view.policy.is_none() && !view.has_links(), "{bad}");
        }
        assert!(view("Tool", "http://rp.example/logo.png", "").logo.is_none());
        assert!(view("Tool", "https://rp.example;script-src/x", "").logo.is_none());
    }

    #[test]
    fn a_name_reads_as_it_is_written() {
        assert_eq!(view("\u{202e}REPSAC\u{2066}\n", "", "").name, "REPSAC");
        assert_eq!(view(" \u{200f} ", "", "").name, "id-1");
        assert_eq!(view("école", "", "").initial, "É");
    }
}
