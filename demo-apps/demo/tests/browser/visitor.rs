//! A person with a browser.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use thirtyfour::{
    ChromeCapabilities,
    common::capabilities::chromium::ChromiumLikeCapabilities as _,
    error::{WebDriverError, WebDriverErrorInner},
    extensions::query::ElementPollerWithTimeout,
    prelude::*,
    stringmatch::StringMatch,
};

use crate::world::{CODE, PASSWORD, World};

/// How long something is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// How often a browser that does not come up is started again.
const TRIES: usize = 3;

/// Whether pages may run scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    Allowed,
    Blocked,
}

/// Someone at a browser. Whatever is looked for is waited for.
pub(crate) struct Visitor {
    pub(crate) driver: WebDriver,
}

/// Lets a visitor with a fresh browser do `journey`; the browser is closed afterwards, however that ends.
pub(crate) async fn browse(scripts: Scripts, journey: impl AsyncFnOnce(Visitor)) {
    let address = std::env::var("IDP_TEST_WEBDRIVER")
        .expect("IDP_TEST_WEBDRIVER names a chromedriver: run scripts/test browser");
    let driver = start_browser(&address, scripts).await;
    driver.set_poller(Arc::new(ElementPollerWithTimeout::new(PATIENCE, BETWEEN_LOOKS)));
    driver.set_script_timeout(PATIENCE).await.unwrap();
    driver
        .run_and_quit(async |driver| {
            journey(Visitor { driver }).await;
            Ok::<(), WebDriverError>(())
        })
        .await
        .unwrap();
}

/// A browser that finds no room beside others in time is started once more.
async fn start_browser(address: &str, scripts: Scripts) -> WebDriver {
    for _ in 1..TRIES {
        match WebDriver::new(address, capabilities(scripts)).await {
            Ok(driver) => return driver,
            Err(error) => eprintln!("no browser yet: {error}"),
        }
    }
    WebDriver::new(address, capabilities(scripts)).await.unwrap()
}

fn capabilities(scripts: Scripts) -> ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
    ] {
        capabilities.add_arg(argument).unwrap();
    }
    let mut preferences = json!({ "intl.accept_languages": "en" });
    if scripts == Scripts::Blocked {
        preferences["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    capabilities.add_experimental_option("prefs", preferences).unwrap();
    capabilities
}

impl Visitor {
    pub(crate) async fn open(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
    }

    /// Gives the window of the page another size, in CSS pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let tools = self.driver.cdp();
        tools.send_raw("Emulation.setDeviceMetricsOverride", size).await.unwrap();
    }

    pub(crate) async fn refresh(&self) {
        self.driver.refresh().await.unwrap();
    }

    pub(crate) async fn address(&self) -> String {
        self.driver.current_url().await.unwrap().to_string()
    }

    /// The first element that the selector finds.
    pub(crate) async fn find(&self, selector: &str) -> WebElement {
        let found = settled(async || self.driver.query(By::Css(selector)).first().await).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{selector} at {}: {error}", self.address().await),
        }
    }

    /// Whether the page has such an element now.
    pub(crate) async fn has(&self, selector: &str) -> bool {
        let has = async || self.driver.query(By::Css(selector)).nowait().exists().await;
        settled(has).await.unwrap()
    }

    /// Waits for the heading of the page that is to come.
    pub(crate) async fn arrive_at(&self, heading: &str) {
        let look = async || {
            let wanted = StringMatch::new(heading).partial();
            self.driver.query(By::Css("h1")).with_text(wanted).first().await
        };
        if settled(look).await.is_err() {
            let title = self.driver.title().await.unwrap();
            panic!("not at “{heading}” but at {} ({title})", self.address().await);
        }
    }

    /// The visible text of an element.
    pub(crate) async fn read(&self, selector: &str) -> String {
        settled(async || self.find(selector).await.text().await).await.unwrap()
    }

    /// The visible texts of all such elements.
    pub(crate) async fn read_all(&self, selector: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.driver.find_all(By::Css(selector)).await.unwrap() {
            texts.push(element.text().await.unwrap());
        }
        texts
    }

    /// What a field holds.
    pub(crate) async fn value(&self, selector: &str) -> String {
        let value = self.find(selector).await.value().await.unwrap();
        value.unwrap_or_default()
    }

    /// Clicks a link or a button that leads to another page, and waits until this page is left.
    pub(crate) async fn click(&self, selector: &str) {
        self.leave_by(self.find(selector).await).await;
    }

    /// Clicks something that changes the page and does not leave it.
    pub(crate) async fn push(&self, selector: &str) {
        self.find(selector).await.click().await.unwrap();
    }

    /// Clicks the link that has exactly these words.
    pub(crate) async fn follow(&self, words: &str) {
        let link = self.driver.query(By::LinkText(words)).first().await;
        self.leave_by(link.unwrap()).await;
    }

    async fn leave_by(&self, element: WebElement) {
        self.leave(async || element.click().await).await;
    }

    /// Does something that leads to another page, and waits until this page is left.
    async fn leave(&self, by: impl AsyncFnOnce() -> WebDriverResult<()>) {
        let page = self.find("html").await;
        match by().await {
            // The page went away before the driver had its answer.
            Err(error) if is_passing(&error) => {}
            done => done.unwrap(),
        }
        page.wait_until().stale().await.unwrap();
    }

    /// Replaces what a field holds.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses the option with exactly these words.
    pub(crate) async fn choose(&self, selector: &str, words: &str) {
        let options = self.find(selector).await;
        let query = options.query(By::Css("option"));
        let query = query.with_text(words.to_owned());
        query.first().await.unwrap().click().await.unwrap();
    }

    /// Presses keys at whatever has the focus.
    pub(crate) async fn press(&self, keys: impl Into<TypingData>) {
        let keys = self.driver.action_chain().send_keys(keys);
        keys.perform().await.unwrap();
    }

    /// Presses a key that leads to another page, and waits until this page is left. The key goes to the element that has
    /// the focus: a driver whose page goes away under a key delivers it once more, and a key that goes to wherever the
    /// focus is would then be pressed on the next page too.
    pub(crate) async fn press_to_leave(&self, key: Key) {
        let focused = self.driver.active_element().await.unwrap();
        self.leave(async || focused.send_keys(key).await).await;
    }

    /// The `id` of what has the focus, or nothing.
    pub(crate) async fn focused(&self) -> String {
        let element = self.driver.active_element().await.unwrap();
        element.id().await.unwrap().unwrap_or_default()
    }

    /// Step one of the login.
    pub(crate) async fn give_password(&self, email: &str, password: &str) {
        self.fill("#email", email).await;
        self.fill("#password", password).await;
        self.click("#login-submit").await;
    }

    /// Step two of the login.
    pub(crate) async fn give_code(&self, code: &str) {
        self.fill("#code", code).await;
        self.click("#code-submit").await;
    }

    /// Both steps, from the page of the first one.
    pub(crate) async fn sign_in(&self, email: &str) {
        self.give_password(email, PASSWORD).await;
        self.give_code(CODE).await;
    }

    /// Opens My Apps and signs in there.
    pub(crate) async fn sign_in_to_my_apps(&self, world: &World, email: &str) {
        self.open(&world.portal("/apps")).await;
        self.sign_in(email).await;
        self.arrive_at("My Apps").await;
    }
}

/// Asks again while the page goes away under the question.
async fn settled<T>(ask: impl AsyncFn() -> WebDriverResult<T>) -> WebDriverResult<T> {
    let asked = tokio::time::timeout(PATIENCE * 2, async {
        loop {
            match ask().await {
                Err(error) if is_passing(&error) => tokio::time::sleep(BETWEEN_LOOKS).await,
                answer => return answer,
            }
        }
    });
    asked.await.expect("pages go away as soon as they have come")
}

/// Whether the page was another one by the time that something of it was asked for.
fn is_passing(error: &WebDriverError) -> bool {
    let text = error.to_string();
    matches!(error.as_inner(), WebDriverErrorInner::StaleElementReference(_))
        || ["aborted by navigation", "loader has changed", "no such execution context"]
            .iter()
            .any(|words| text.contains(words))
}
