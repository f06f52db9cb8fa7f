//! What the service sends: its jobs, turned as the runner turns them, and an SMTP server that takes every letter.

use crate::support::app::{PASSWORD, TestApp};
use crate::support::mail;
use crate::support::smtp::{Manner, SmtpServer};
use crate::support::visitor::Visitor;
use chrono::TimeDelta;
use mail_parser::MessageParser;
use rongqiao::clock::Clock;
use rongqiao::config::MailTls;
use rongqiao::jobs::World;
use rongqiao::jobs::runner::run_once;
use rongqiao::mail::deliver::SmtpSettings;
use rongqiao::mail::{Smtp, Writer};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A letter as its reader sees it.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The address, without `@example.com`.
    pub to: String,
    /// The subject, without the site's name.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The path that its link leads to on this site; empty where there is none.
    pub link: String,
}

/// The jobs with the server that their letters go to.
pub struct Post<'a> {
    app: &'a TestApp,
    jobs: World,
    server: SmtpServer,
    names: RefCell<BTreeSet<String>>,
}

impl<'a> Post<'a> {
    pub fn of(app: &'a TestApp) -> Self {
        let server = SmtpServer::start(|_, _| Manner::Take);
        let settings = SmtpSettings {
            host: "127.0.0.1",
            port: server.port,
            tls: MailTls::None,
            credentials: None,
            timeout: Duration::from_secs(10),
        };
        let way = Arc::new(Smtp::new(&settings, "融桥 <rong@example.com>").expect("a way"));
        let mut jobs = mail::world(&app.service, "node", way);
        jobs.writer = Writer::new("融桥", &app.base_url);
        Self {
            app,
            jobs,
            server,
            names: RefCell::default(),
        }
    }

    /// That since the last time exactly these letters came, `(address, subject)`, once the jobs have nothing more to do.
    /// In no order: one change writes them all at one instant.
    #[track_caller]
    pub fn brings(&self, expected: &[(&str, &str)]) -> Vec<Letter> {
        self.work();
        let letters = self.opened();
        let mut came: Vec<(&str, &str)> = letters.iter().map(|one| (&*one.to, &*one.subject)).collect();
        let mut expected = expected.to_vec();
        came.sort_unstable();
        expected.sort_unstable();
        assert_eq!(came, expected, "on {}", self.app.clock.today());
        letters
    }

    /// The days pass up to this one, each with the turns of its jobs, and bring nothing; on it, it is ten o'clock.
    #[track_caller]
    pub fn quiet_until(&self, day: &str) {
        let day = day.parse().expect("a day");
        while self.app.clock.today() < day {
            self.brings(&[]);
            let tomorrow = self.app.clock.today().plus_days(1);
            self.app
                .clock
                .set(format!("{tomorrow}T02:00:00Z").parse().expect("an instant"));
        }
    }

    /// How many letters came in all.
    pub fn count(&self) -> usize {
        self.names.borrow().len()
    }

    /// Turns the jobs until nothing is left to do. Time passes meanwhile: they rest between their turns.
    fn work(&self) {
        loop {
            self.app.clock.advance(TimeDelta::minutes(1));
            if run_once(&self.jobs) == 0 {
                return;
            }
        }
    }

    /// The letters that were not opened yet, each held against what holds of all.
    #[track_caller]
    fn opened(&self) -> Vec<Letter> {
        let mut letters = Vec::new();
        for kept in self.server.kept().into_iter().skip(self.count()) {
            let parsed = MessageParser::default().parse(kept.text.as_bytes()).expect("a letter");
            let text = parsed.body_text(0).expect("a text").into_owned();
            let subject = parsed.subject().expect("a subject");
            let letter = Letter {
                to: kept.to.strip_suffix("@example.com").expect("one of ours").to_owned(),
                subject: subject.strip_prefix("【融桥】").expect("the site's name").to_owned(),
                link: self.link_in(&text),
                text,
            };
            assert!(kept.message_id.ends_with("@127.0.0.1>"), "{}", kept.message_id);
            assert!(
                self.names.borrow_mut().insert(kept.message_id),
                "sent twice: {letter:?}"
            );
            self.lets_in(&letter);
            letters.push(letter);
        }
        letters
    }

    /// Where a letter leads. Nowhere but to this site.
    #[track_caller]
    fn link_in(&self, text: &str) -> String {
        for address in text.match_indices("http").map(|(at, _)| &text[at..]) {
            assert!(address.starts_with(&self.app.base_url), "{text}");
        }
        let mark = format!("打开：{}", self.app.base_url);
        let (_, link) = text.split_once(&mark).unwrap_or_default();
        link.lines().next().unwrap_or_default().to_owned()
    }

    /// That whoever gets a letter may open the page that it leads to.
    #[track_caller]
    fn lets_in(&self, letter: &Letter) {
        if letter.link.is_empty() {
            return;
        }
        let mut visitor = Visitor::new(self.app);
        let side = letter.link.split('/').nth(1).unwrap_or_default();
        if ["enterprise", "bank", "centre"].contains(&side) {
            let email = format!("{}@example.com", letter.to);
            visitor = visitor.entered(&email, PASSWORD, &format!("/{side}"));
        }
        assert_eq!(visitor.get(&letter.link).status, 200, "{letter:?}");
    }
}
