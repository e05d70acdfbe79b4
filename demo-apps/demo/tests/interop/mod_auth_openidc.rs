//! Apache with `mod_auth_openidc` (Debian) before one page, and a person with a real Chromium who wants to see it.

use std::{
    fs,
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    apache::Apache,
    visitor::{Scripts, Visitor, browse},
    world::{World, client, client_with_key, free_port, with},
};

/// Has the group that the page asks for.
const SUBMITTER: &str = "hugo.belmonte@bank-e.example";
/// May open CASPER, but has another group.
const USER_ADMINISTRATOR: &str = "alvaro.pedrosa@bank-e.example";
/// Has no group of CASPER.
const WITHOUT_APPS: &str = "fred.perry@company.com";

/// Where Apache is called back.
const CALLBACK: &str = "/protected/callback";
const GROUP: &str = "CASPER_WEB_DATA_SUBMITTER";

/// An API that asks the portal about every access token.
const API: &str = "OIDCInfoHook access_token
OIDCOAuthTokenIntrospectionInterval -1
<Location /api>
  AuthType oauth20
  Require claim groups:CASPER_WEB_DATA_SUBMITTER
</Location>";

/// A demo, and an Apache that is one of its clients.
struct Site {
    world: World,
    apache: Apache,
}

impl Site {
    /// Starts both, with a client that proves itself by its secret.
    fn start(directives: &str) -> Self {
        let client = client("RS256", "client_secret_basic");
        // As JSON, quoted: Apache reads it so too.
        let secret = &client["client_secret"];
        let secret = format!("OIDCClientSecret {secret}\nOIDCOAuthClientSecret {secret}\n");
        Self::start_as(client, &(secret + directives))
    }

    /// Starts both; the Apache has these directives too.
    fn start_as(client: Value, directives: &str) -> Self {
        // Fails only when a test of this process has done it before.
        rustls::crypto::ring::default_provider().install_default().ok();
        let port = free_port();
        let id = client["client_id"].clone();
        let world = World::start(vec![with(
            client,
            json!({
                "redirect_uris": [Apache::address(port, CALLBACK)],
                "post_logout_redirect_uris": [Apache::address(port, "/signed-out.html")],
                "backchannel_logout_uri": Apache::address(port, &format!("{CALLBACK}?logout=backchannel")),
            }),
        )]);
        let own = format!(
            "OIDCProviderMetadataURL {discovery}
OIDCClientID {id}
OIDCRedirectURI {CALLBACK}
OIDCCryptoPassphrase only-for-this-test
OIDCPKCEMethod S256
OIDCScope \"openid groups email\"
OIDCRemoteUserClaim email
OIDCOAuthServerMetadataURL {oauth}
OIDCOAuthClientID {id}
{directives}
<Location /protected>
  AuthType openid-connect
  Require claim groups:{GROUP}
</Location>
",
            discovery = world.portal("/.well-known/openid-configuration"),
            oauth = world.portal("/.well-known/oauth-authorization-server"),
        );
        Self { world, apache: Apache::start(port, &own) }
    }
}

/// Opens the page behind Apache as somebody who has not signed in anywhere.
async fn open_and_sign_in(site: &Site, visitor: &Visitor, email: &str) {
    visitor.open(&site.apache.at("/protected/?year=2027")).await;
    visitor.arrive_at("Sign in").await;
    assert!(visitor.address().await.starts_with(&site.world.portal("/login")));
    visitor.sign_in(email).await;
}

async fn expect_page(site: &Site, visitor: &Visitor) {
    visitor.arrive_at("Behind Apache").await;
    assert_eq!(visitor.address().await, site.apache.at("/protected/?year=2027"));
    assert_eq!(visitor.read("#remote-user").await, SUBMITTER);
    assert_eq!(visitor.read("#email").await, SUBMITTER);
    assert_eq!(visitor.read("#groups").await, GROUP);
    assert_eq!(visitor.read("#issuer").await, site.world.portal(""));
}

#[tokio::test]
async fn apache_shows_its_page_to_who_has_the_group_and_learns_the_claims() {
    let site = Site::start("");
    browse(Scripts::Allowed, async |visitor| {
        open_and_sign_in(&site, &visitor, SUBMITTER).await;
        expect_page(&site, &visitor).await;
    })
    .await;
}

#[tokio::test]
async fn apache_is_answered_by_a_form_with_and_without_scripts() {
    let site = Site::start("OIDCResponseMode form_post");
    browse(Scripts::Allowed, async |visitor| {
        open_and_sign_in(&site, &visitor, SUBMITTER).await;
        expect_page(&site, &visitor).await;
    })
    .await;
    browse(Scripts::Blocked, async |visitor| {
        open_and_sign_in(&site, &visitor, SUBMITTER).await;
        visitor.click("#form-post button").await;
        // Without scripts, Apache leads back to the page that was asked for by a redirect of its own.
        expect_page(&site, &visitor).await;
    })
    .await;
}

#[tokio::test]
async fn apache_refuses_who_lacks_the_group() {
    let site = Site::start("");
    browse(Scripts::Allowed, async |visitor| {
        open_and_sign_in(&site, &visitor, USER_ADMINISTRATOR).await;
        visitor.arrive_at("Unauthorized").await;
        assert!(!visitor.has("#groups").await);
    })
    .await;
}

#[tokio::test]
async fn apache_tells_that_the_portal_refused_who_has_no_group_of_the_application() {
    let site = Site::start("OIDCResponseMode form_post");
    browse(Scripts::Allowed, async |visitor| {
        open_and_sign_in(&site, &visitor, WITHOUT_APPS).await;
        visitor.find("pre").await;
        let page = visitor.read("body").await;
        assert!(page.contains("access_denied"), "{page}");
    })
    .await;
}

/// Release 2.4.12 reads an error in a query that has `iss`, as RFC 9207 2 wants it, as a third-party-initiated login
/// without a target. Nobody gets in; only its words are not those of the portal.
#[tokio::test]
async fn apache_shows_nothing_to_whom_the_portal_refused_in_a_query() {
    let site = Site::start("");
    browse(Scripts::Allowed, async |visitor| {
        open_and_sign_in(&site, &visitor, WITHOUT_APPS).await;
        visitor.find("pre").await;
        let address = visitor.address().await;
        assert!(address.contains("error=access_denied") && address.contains("iss="), "{address}");
    })
    .await;
}

#[tokio::test]
async fn signing_out_at_apache_ends_the_session_in_the_portal_and_comes_back() {
    let site = Site::start("");
    browse(Scripts::Allowed, async |visitor| {
        open_and_sign_in(&site, &visitor, SUBMITTER).await;
        expect_page(&site, &visitor).await;
        let signed_out = site.apache.at("/signed-out.html");
        let query: String = form_urlencoded::byte_serialize(signed_out.as_bytes()).collect();
        visitor.open(&site.apache.at(&format!("/protected/callback?logout={query}"))).await;
        visitor.arrive_at("Signed out of Apache").await;
        let address = visitor.address().await;
        assert_eq!(address.split('?').next(), Some(signed_out.as_str()), "{address}");
        visitor.open(&site.apache.at("/protected/?year=2027")).await;
        visitor.arrive_at("Sign in").await;
        visitor.open(&site.world.portal("/apps")).await;
        visitor.arrive_at("Sign in").await;
    })
    .await;
}

/// `mod_auth_openidc` names the token endpoint as the audience of its assertions. Without the public key, release 2.4.12
/// ends by a segmentation fault.
#[tokio::test]
async fn rfc7523_2_2_apache_proves_itself_by_a_key() {
    let client = client_with_key("RS256");
    let folder = tempfile::tempdir().unwrap();
    let kid = client["private_jwk"]["kid"].as_str().unwrap();
    let key_file = |kind: &str| {
        let file = folder.path().join(kind);
        fs::write(&file, client[format!("{kind}_pem")].as_str().unwrap()).unwrap();
        format!("{kid}#{}", file.display())
    };
    let directives = format!(
        "OIDCPublicKeyFiles {}\nOIDCPrivateKeyFiles {}\nOIDCProviderTokenEndpointAuth private_key_jwt",
        key_file("public"),
        key_file("private"),
    );
    let audience = json!({ "assertion_audience": "issuer_or_endpoint" });
    let site = Site::start_as(with(client, audience), &directives);
    browse(Scripts::Allowed, async |visitor| {
        open_and_sign_in(&site, &visitor, SUBMITTER).await;
        expect_page(&site, &visitor).await;
    })
    .await;
}

#[tokio::test]
async fn apache_hears_of_the_end_of_a_session_that_was_ended_in_the_portal() {
    let site = Site::start("");
    browse(Scripts::Allowed, async |visitor| {
        open_and_sign_in(&site, &visitor, SUBMITTER).await;
        expect_page(&site, &visitor).await;
        visitor.open(&site.world.portal("/apps")).await;
        visitor.click("#sign-out").await;
        visitor.arrive_at("You are signed out").await;
        // The portal tells Apache behind the scenes.
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            visitor.open(&site.apache.at("/protected/")).await;
            let heading = visitor.read("h1").await;
            if heading == "Sign in" {
                break;
            }
            assert!(Instant::now() < deadline, "Apache still shows “{heading}”");
        }
    })
    .await;
}

/// The access token of the session that a browser has at Apache, as the hook for programs behind it tells it.
async fn access_token(site: &Site, visitor: &Visitor) -> String {
    visitor.open(&site.apache.at("/protected/callback?info=json")).await;
    let info: Value = serde_json::from_str(&visitor.read("body").await).unwrap();
    info["access_token"].as_str().unwrap().to_owned()
}

async fn call_api(site: &Site, token: &str) -> StatusCode {
    let request =
        reqwest::Client::builder().build().unwrap().get(site.apache.at("/api/")).bearer_auth(token);
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn rfc7662_2_apache_serves_an_api_as_long_as_the_portal_calls_the_token_active() {
    let site = Site::start(API);
    browse(Scripts::Allowed, async |visitor| {
        open_and_sign_in(&site, &visitor, SUBMITTER).await;
        expect_page(&site, &visitor).await;
        let token = access_token(&site, &visitor).await;
        assert_eq!(call_api(&site, &token).await, StatusCode::OK);
        assert_eq!(call_api(&site, "not-a-token").await, StatusCode::UNAUTHORIZED);
        visitor.open(&site.world.portal("/apps")).await;
        visitor.click("#sign-out").await;
        visitor.arrive_at("You are signed out").await;
        assert_eq!(call_api(&site, &token).await, StatusCode::UNAUTHORIZED);
    })
    .await;
}
