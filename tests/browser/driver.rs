//! One browser: started, led, looked at, closed.

use base64::Engine;
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use rongqiao::cli::demo::Account;
use serde_json::{Value, json};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// How the browser looks at pages.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Of the window, px.
    pub width: u32,
    /// Whether pages may run scripts.
    pub script: bool,
}

/// A command that Chromium has beyond the standard.
#[derive(Debug)]
struct ChromeCommand(Value);

impl WebDriverCompatibleCommand for ChromeCommand {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base_url.join(&format!("session/{}/goog/cdp/execute", session_id.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}

/// A browser on the pages of one service.
pub struct Browser {
    client: Client,
    base_url: String,
    width: u32,
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run the tests with scripts/test, which starts a browser's driver")
    })
}

fn capabilities(view: View) -> serde_json::Map<String, Value> {
    const NARROWEST_WINDOW: u32 = 500;
    let window = format!("--window-size={},900", view.width.max(NARROWEST_WINDOW));
    let mut options = json!({
        "binary": variable("RONGQIAO_TEST_CHROMIUM"),
        "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", window],
    });
    if view.width < NARROWEST_WINDOW {
        options["mobileEmulation"] = json!({"deviceMetrics": {"width": view.width, "height": 844, "pixelRatio": 1}});
    }
    if !view.script {
        options["prefs"] = json!({"profile.managed_default_content_settings.javascript": 2});
    }
    let capabilities = json!({"goog:chromeOptions": options});
    capabilities.as_object().expect("an object").clone()
}

/// Opens a browser, leads it, and closes it whatever happens.
pub fn with_browser<F: Future<Output = ()>>(base_url: &str, view: View, lead: impl FnOnce(Browser) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(view));
        let client = builder
            .connect(&variable("RONGQIAO_TEST_WEBDRIVER"))
            .await
            .expect("a browser");
        let browser = Browser {
            client: client.clone(),
            base_url: base_url.to_owned(),
            width: view.width,
        };
        lead(browser).await;
        client.close().await.expect("the browser closes");
    });
}

impl Browser {
    pub async fn open(&self, path: &str) {
        self.client
            .goto(&format!("{}{path}", self.base_url))
            .await
            .expect("a page");
    }

    /// The address without the site.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str()
            .strip_prefix(&self.base_url)
            .unwrap_or(url.as_str())
            .to_owned()
    }

    pub async fn find(&self, css: &str) -> Element {
        let found = self
            .client
            .wait()
            .at_most(Duration::from_secs(10))
            .for_element(Locator::Css(css))
            .await;
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("it is emptied");
        field.send_keys(text).await.expect("it is typed");
    }

    /// Sets a field that the browser fills in by a picker of its own: a date, or a list.
    pub async fn set(&self, id: &str, value: &str) {
        let set = format!("const field = document.getElementById('{id}'); field.value = '{value}'; return field.value");
        assert_eq!(self.ask(&set).await, value, "{id}");
    }

    /// Gives a field a file.
    pub async fn attach(&self, css: &str, path: &Path) {
        let path = path.to_str().expect("a path");
        self.find(css).await.send_keys(path).await.expect("it is chosen");
    }

    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        let centre = "arguments[0].scrollIntoView({block: 'center'})";
        let argument = serde_json::to_value(&element).expect("an element has a name");
        self.client
            .execute(centre, vec![argument])
            .await
            .expect("it is scrolled to");
        element.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Clicks on what leads to an address that holds `part`.
    pub async fn click_to(&self, css: &str, part: &str) {
        self.click(css).await;
        for _ in 0..200 {
            if self.path().await.contains(part) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{css} led to {} and not to {part}", self.path().await);
    }

    /// What a script of the test's own gives.
    pub async fn ask(&self, script: &str) -> Value {
        let answer = self.client.execute(script, Vec::new()).await;
        answer.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    pub async fn title(&self) -> String {
        self.client.title().await.expect("a title")
    }

    pub async fn sign_in(&self, accounts: &[Account], role: &str, start: &str) {
        let account = accounts
            .iter()
            .find(|account| account.role == role)
            .expect("an account");
        self.enter(&account.email, &account.password, start).await;
    }

    /// Signs in, to where one's pages begin.
    pub async fn enter(&self, email: &str, password: &str, start: &str) {
        self.open("/login").await;
        self.fill("#email", email).await;
        self.fill("#password", password).await;
        self.click_to("main button[type=submit]", start).await;
    }

    pub async fn sign_out(&self) {
        self.click("header form button").await;
        self.find("a[href='/login']").await;
    }

    /// The whole page, below the window's edge too.
    async fn picture(&self) -> Vec<u8> {
        let size = self
            .ask("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]")
            .await;
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let command = ChromeCommand(json!({
            "cmd": "Page.captureScreenshot",
            "params": {"captureBeyondViewport": true, "clip": clip},
        }));
        let answer = self.client.issue_cmd(command).await.expect("a picture");
        let data = answer["data"].as_str().expect("a picture");
        base64::engine::general_purpose::STANDARD.decode(data).expect("base64")
    }

    /// That nothing has to be scrolled sideways; keeps a picture of the whole page.
    pub async fn looked_at(&self, name: &str) {
        let sizes = self
            .ask("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            .await;
        let (content, window) = (sizes[0].as_u64().expect("px"), sizes[1].as_u64().expect("px"));
        assert!(
            content <= window,
            "{name} is {content} px wide in a window of {window} px"
        );
        assert_eq!(window, u64::from(self.width), "{name}");
        let picture = self.picture().await;
        let folder = PathBuf::from(
            std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| format!("{}/target", env!("CARGO_MANIFEST_DIR"))),
        );
        let folder = folder.join("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}-{}.png", self.width)), picture).expect("a file");
    }
}
