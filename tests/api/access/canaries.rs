//! What the rows of each tenant hold and nobody else's: shown to its own, never to another.

use super::{Objects, is_of};
use crate::support::samples::USCCS;
use rongqiao::web::routes::{ROUTES, Skin};
use std::collections::BTreeSet;

/// Whose rows each persona may be shown: the first enterprise's (`0`), what of them it keeps to itself (`0 own`), the
/// second one's, a draft of bank A's, what the tax office has handed in and its key, who wants to join the district.
const MAY_SEE: [(&str, &[&str]); 12] = [
    ("anonymous", &[]),
    ("owner", &["0", "0 own"]),
    ("member", &["0", "0 own"]),
    ("reader", &["0", "0 own"]),
    ("other", &["1", "1 own"]),
    ("banka", &["0", "bank a"]),
    ("bankb", &[]),
    ("officer", &["0", "1", "district"]),
    ("elsewhere", &[]),
    // Both have told the tax office something of its values.
    ("department", &["0", "1", "tax"]),
    ("science", &[]),
    // The audit names what was done to which row, by whomever.
    ("administrator", &["0", "0 own", "1", "1 own", "tax", "district"]),
];

/// Reads whose answers name nobody: they say something of what the path names, or of the whole site. That they are
/// given to the right ones is in the statuses.
const NAME_NOBODY: &[&str] = &[
    "/api/v1/requests/{id}/matches/{product}",
    "/api/v1/jobs",
    "/api/v1/outbox/hold",
    "/api/v1/enterprises/{uscc}/authorisation",
    "/api/v1/enterprises/{uscc}/access-log",
    "/api/v1/lpr",
    "/api/v1/holidays",
    "/api/v1/attachments/{id}",
    "/api/v1/organisations/{code}",
    "/api/v1/settings",
    "/api/v1/settings/desk",
    "/api/v1/settings/accounts",
    "/api/v1/requests/{id}/referrals",
    "/api/v1/monitor/summary",
    "/api/v1/monitor/series",
    "/api/v1/monitor/report.xlsx",
    "/api/v1/monitor/table.csv",
];

/// The canaries of one run, and where they were met.
pub struct Canaries {
    /// Whose, and what.
    of: Vec<(&'static str, String)>,
    met: BTreeSet<&'static str>,
}

impl Canaries {
    pub fn new(objects: &Objects) -> Self {
        let text = |text: &str| text.to_owned();
        Self {
            of: vec![
                ("0", text("示例企业0有限公司")),
                ("0", text(USCCS[0])),
                ("0", objects.open.clone()),
                ("0", objects.referred.clone()),
                ("0", objects.consent.clone()),
                ("0", objects.loans.lent.clone()),
                ("0 own", objects.draft.clone()),
                ("0 own", objects.joining.file.to_string()),
                ("0 own", objects.dead.clone()),
                ("0 own", objects.unmatched.clone()),
                ("1", text("示例企业1有限公司")),
                ("1", text(USCCS[1])),
                ("1", objects.another_open.clone()),
                ("1 own", objects.another_draft.clone()),
                ("bank a", text("示例产品PD")),
                ("tax", objects.batch.clone()),
                ("tax", objects.key.clone()),
                ("district", objects.joining.registration.to_string()),
            ],
            met: BTreeSet::new(),
        }
    }

    /// Looks at what a persona was given.
    pub fn look(&mut self, persona: &str, method: &str, path: &str, body: &str) {
        let own = MAY_SEE.iter().find(|(name, _)| *name == persona);
        let (_, own) = own.unwrap_or_else(|| panic!("{persona} was given something by {method} {path}"));
        let route = ROUTES
            .iter()
            .find(|route| route.skin == Skin::Api && route.method.as_str() == method && is_of(route.path, path))
            .expect("a route");
        for (tenant, canary) in &self.of {
            if body.contains(canary) {
                assert!(own.contains(tenant), "{persona} was shown {canary} by {method} {path}");
                self.met.insert(route.path);
            }
        }
        if path.ends_with("/submit") {
            self.submitted(path);
        }
    }

    /// What its enterprise kept to itself is the district's to see from now on.
    fn submitted(&mut self, path: &str) {
        for (tenant, canary) in &mut self.of {
            if path.contains(canary.as_str()) {
                *tenant = tenant.trim_end_matches(" own");
            }
        }
    }

    /// Every read has shown somebody its own.
    pub fn were_met(&self) {
        let reads = ROUTES
            .iter()
            .filter(|route| route.skin == Skin::Api && route.method.as_str() == "GET")
            .map(|route| route.path);
        let silent: Vec<&str> = reads.filter(|path| !self.met.contains(path)).collect();
        assert_eq!(silent, NAME_NOBODY, "nobody was shown anything of its own there");
    }
}
