//! A browser without a window: keeps cookies, follows nothing, fills in the token of forms, says where a form is from.

use super::app::{PASSWORD, TestApp};
use super::joining::{MULTIPART, multipart};
use reqwest::blocking::{Client, Response};
use reqwest::header::{HeaderMap, ORIGIN};
use reqwest::redirect::Policy;

/// What a page answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Where it sends on; empty where it does not.
    pub location: String,
    pub body: String,
}

impl Answer {
    pub fn of(response: Response) -> Self {
        let location = response.headers().get("location");
        Self {
            status: response.status().as_u16(),
            location: location.map_or_else(String::new, |value| value.to_str().expect("ASCII").to_owned()),
            body: response.text().expect("a body"),
        }
    }

    /// Whether the page shows this text.
    #[track_caller]
    pub fn shows(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text:?} is not in:\n{}", self.body);
        self
    }

    #[track_caller]
    pub fn hides(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} is in:\n{}", self.body);
        self
    }

    /// The id in the address that it sends on to: `/enterprise/requests/{id}/…`.
    #[track_caller]
    pub fn request_id(&self) -> String {
        self.location.split('/').nth(3).expect("an id").to_owned()
    }
}

/// Someone who looks at pages.
pub struct Visitor {
    pub client: Client,
    pub base_url: String,
    /// The token of this browser's forms.
    pub csrf: String,
}

impl Visitor {
    /// Someone who has seen the sign-in page.
    pub fn new(app: &TestApp) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, app.base_url.parse().expect("an origin"));
        Self::with(app, headers)
    }

    /// Someone whose requests say this beside what they have to.
    pub fn with(app: &TestApp, headers: HeaderMap) -> Self {
        let client = Client::builder().cookie_store(true).redirect(Policy::none());
        let mut visitor = Self {
            client: client.default_headers(headers).build().expect("a client"),
            base_url: app.base_url.clone(),
            csrf: String::new(),
        };
        visitor.csrf = token_in(&visitor.get("/login").body);
        visitor
    }

    /// Signs in as `name@example.com`, whose pages begin at `start`.
    pub fn signed_in(app: &TestApp, name: &str, start: &str) -> Self {
        Self::new(app).entered(&format!("{name}@example.com"), PASSWORD, start)
    }

    /// Signs in with an address and a password.
    pub fn entered(mut self, email: &str, password: &str, start: &str) -> Self {
        let answer = self.post("/login", &[("email", email), ("password", password)]);
        assert_eq!(
            (answer.status, answer.location.as_str()),
            (303, start),
            "{email} signs in"
        );
        self.csrf = token_in(&self.get(start).body);
        self
    }

    pub fn get(&self, path: &str) -> Answer {
        Answer::of(self.client.get(self.address(path)).send().expect("an answer"))
    }

    /// Posts a form with its token.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<(&str, &str)> = [("csrf", self.csrf.as_str())]
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        self.post_as_is(path, &fields)
    }

    /// Posts a form with files, its token first.
    pub fn upload(&self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
        let parts: Vec<_> = [("csrf", None, self.csrf.as_bytes())]
            .into_iter()
            .chain(parts.iter().copied())
            .collect();
        self.upload_as_is(path, multipart(&parts))
    }

    /// Posts the body of a form with files as it is.
    pub fn upload_as_is(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self.client.post(self.address(path)).header("Content-Type", MULTIPART);
        Answer::of(request.body(body).send().expect("an answer"))
    }

    /// Posts a form without adding anything.
    pub fn post_as_is(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.client.post(self.address(path)).form(fields);
        Answer::of(request.send().expect("an answer"))
    }

    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

/// The token in the first form of a page.
pub fn token_in(body: &str) -> String {
    let mark = "name=\"csrf\" value=\"";
    let from = body.find(mark).expect("a form with a token") + mark.len();
    body[from..].chars().take_while(|c| *c != '"').collect()
}
