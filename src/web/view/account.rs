//! One's own account: where one is signed in, and the password.

use super::shell::Shell;
use super::wrong::Wrongs;
use crate::clock::civil_minute;
use crate::config::Auth;
use crate::domain::codes::Code;
use crate::domain::session::{Session, SessionKind};
use askama::Template;
use uuid::Uuid;

/// A session in the list.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// What it is used with, in words.
    pub with: String,
    /// Whether it is the one that shows the page.
    pub is_this: bool,
    /// The address that it was begun from.
    pub address: String,
    /// When it was begun.
    pub begun: String,
    /// When it was last used.
    pub used: String,
}

impl SessionRow {
    fn new(session: &Session, this: Uuid) -> Self {
        let name = session.browser.as_deref().unwrap_or_default();
        let with = match session.kind {
            SessionKind::Page => browser_in_words(name),
            SessionKind::Api => format!("{}：{}", session.kind.label(), program(name)),
        };
        Self {
            id: session.id.to_string(),
            with,
            is_this: session.id == this,
            address: session.address.clone().unwrap_or_else(|| "—".to_owned()),
            begun: civil_minute(session.created_at),
            used: civil_minute(session.last_used_at),
        }
    }
}

/// What browsers put into their names, the more telling first: others carry the names of those below.
const BROWSERS: [(&str, &str); 9] = [
    ("MicroMessenger/", "微信"),
    ("DingTalk/", "钉钉"),
    ("Edg", "Edge"),
    ("QQBrowser/", "QQ 浏览器"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// What they say of the device, the more telling first.
const DEVICES: [(&str, &str); 8] = [
    ("OpenHarmony", "鸿蒙"),
    ("HarmonyOS", "鸿蒙"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "安卓"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

/// A browser as its user knows it, from what it calls itself (`User-Agent`).
fn browser_in_words(name: &str) -> String {
    let found = |table: &[(&str, &'static str)]| {
        let entry = table.iter().find(|(mark, _)| name.contains(mark));
        entry.map(|(_, words)| *words)
    };
    match (found(&BROWSERS), found(&DEVICES)) {
        (Some(browser), Some(device)) => format!("{browser}，{device}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "其他浏览器".to_owned(),
    }
}

/// A program by the first word of what it calls itself.
fn program(name: &str) -> String {
    let word = name.split_whitespace().next().unwrap_or("未说明的程序");
    word.chars().take(40).collect()
}

/// Where one is signed in.
#[derive(Template)]
#[template(path = "account/sessions.html")]
pub struct SessionsPage {
    /// Around it.
    pub shell: Shell,
    /// The sessions: this one first, then the one used last.
    pub rows: Vec<SessionRow>,
    /// How long a page's session outlives its last request, in minutes.
    pub minutes: u32,
    /// How long it goes on at most, in hours.
    pub hours: u32,
    /// What was just done.
    pub notice: Option<&'static str>,
}

impl SessionsPage {
    /// Of the sessions that are alive; `this` shows the page.
    #[must_use]
    pub fn new(shell: Shell, sessions: &[Session], this: Uuid, auth: &Auth, done: &str) -> Self {
        let mut rows: Vec<SessionRow> = sessions.iter().map(|session| SessionRow::new(session, this)).collect();
        rows.sort_by_key(|row| !row.is_this);
        Self {
            shell,
            rows,
            minutes: auth.session_minutes,
            hours: auth.session_max_hours,
            notice: match done {
                "ended" => Some("这次登录已结束。"),
                "others" => Some("其他登录已全部结束。"),
                "password" => Some("密码已更改，其他登录已全部结束。"),
                _ => None,
            },
        }
    }
}

/// The form of a new password.
#[derive(Template)]
#[template(path = "account/password.html")]
pub struct PasswordPage {
    /// Around it.
    pub shell: Shell,
    /// The address that one signs in with, for the browser's own keeping of passwords.
    pub email: String,
    /// What a password must be.
    pub password_hint: String,
    /// What is to be put right.
    pub wrongs: Wrongs,
}

impl PasswordPage {
    /// The fields in the order of the form.
    pub const LABELS: [(&str, &str); 3] = [
        ("current", "现在的密码"),
        ("password", "新密码"),
        ("again", "再输一次新密码"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_as_people_know_them() {
        for (name, words) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge，Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; V2324A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.50",
                "微信，安卓",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari，iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox，Linux",
            ),
            ("", "其他浏览器"),
        ] {
            assert_eq!(browser_in_words(name), words);
        }
        assert_eq!(program("curl/8.5.0"), "curl/8.5.0");
        assert_eq!(program(""), "未说明的程序");
        assert_eq!(program(&"x".repeat(300)).len(), 40);
    }
}
