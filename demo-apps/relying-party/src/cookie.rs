//! The cookies of a relying party, and nothing else about them elsewhere.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use time::Duration;

use crate::{RelyingPartyConfig, ResponseMode};

/// What a cookie is for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// The session's secret; lives as long as the browser.
    Session,
    /// Binds a sign-in to the browser that began it.
    SignIn,
    /// The `state` of a sign-out on its way.
    SignOut,
}

/// Name with the program's own prefix: the ports of localhost share their cookies. Over https it
/// is a `__Host-` cookie; a browser takes those over https only.
pub(crate) fn name(config: &RelyingPartyConfig, purpose: Purpose) -> String {
    let what = match purpose {
        Purpose::Session => "session",
        Purpose::SignIn => "signin",
        Purpose::SignOut => "signout",
    };
    let host = if is_https(config) { "__Host-" } else { "" };
    format!("{host}{}_{what}", config.cookie_prefix)
}

/// The value that the browser sent.
pub(crate) fn read(
    config: &RelyingPartyConfig,
    jar: &CookieJar,
    purpose: Purpose,
) -> Option<String> {
    jar.get(&name(config, purpose)).map(|cookie| cookie.value().to_owned())
}

/// A cookie to set. Lax: it must come along when the provider sends the browser back.
///
/// A form posted from the provider's site carries no Lax cookie, so with
/// [`ResponseMode::FormPost`] the sign-in cookie is `None`, which browsers take with `Secure` only.
/// On http localhost it stays Lax: all ports of localhost are one site. The session's cookie is
/// Lax always (ADR 0024).
pub(crate) fn make(
    config: &RelyingPartyConfig,
    purpose: Purpose,
    value: String,
) -> Cookie<'static> {
    let cookie = Cookie::build((name(config, purpose), value))
        .path("/")
        .http_only(true)
        .same_site(same_site(config, purpose))
        .secure(is_https(config));
    match purpose {
        Purpose::Session => cookie.build(),
        Purpose::SignIn | Purpose::SignOut => cookie.max_age(Duration::minutes(10)).build(),
    }
}

/// A cookie that takes the old one away.
pub(crate) fn forget(config: &RelyingPartyConfig, purpose: Purpose) -> Cookie<'static> {
    let mut cookie = make(config, purpose, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}

fn same_site(config: &RelyingPartyConfig, purpose: Purpose) -> SameSite {
    let crosses = matches!(purpose, Purpose::SignIn)
        && config.response_mode == ResponseMode::FormPost
        && is_https(config);
    if crosses { SameSite::None } else { SameSite::Lax }
}

fn is_https(config: &RelyingPartyConfig) -> bool {
    config.base_url.scheme() == "https"
}
