//! The centre's desk: the queue with which an officer begins, and one item of it.

use super::deadline::{Deadline, UNCERTAIN};
use super::shell::Shell;
use super::words;
use super::wrong::Wrongs;
use crate::actions::desk::{Desk, DeskFilter, DeskItem, DeskSheet, Entry};
use crate::domain::codes::Code;
use crate::domain::desk::{About, DeskKind};
use crate::domain::link::path_segment;
use askama::Template;
use uuid::Uuid;

/// An item in words.
#[derive(Clone, Debug)]
pub struct DeskRow {
    /// Its name in addresses.
    pub name: String,
    /// The word for its kind.
    pub kind: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// What it is about.
    pub what: String,
    /// More of it.
    pub detail: String,
    /// The enterprise; empty where it concerns none.
    pub enterprise: String,
    /// The bank; empty where it concerns none.
    pub bank: String,
    /// When it came.
    pub since: String,
    /// Until when it should be decided.
    pub deadline: Deadline,
    /// Whether that day is over.
    pub is_late: bool,
    /// Who sees to it; empty where nobody does.
    pub claimed_by: String,
    /// Since when.
    pub claimed_at: String,
    /// Whether it is the reader.
    pub is_mine: bool,
    /// How many notes there are.
    pub notes: i64,
    /// Where it is decided.
    pub href: String,
    /// What is done there.
    pub act: &'static str,
    /// The revision of an offer that passes every check: it is forwarded from here.
    pub forwards: Option<i32>,
}

impl DeskRow {
    /// An item as one officer sees it.
    #[must_use]
    pub fn new(item: &DeskItem, reader: Uuid) -> Self {
        let (waiting, id) = (&item.waiting, item.waiting.id);
        let kind = waiting.about.kind();
        let (what, detail) = said(&waiting.about, waiting.enterprise.as_deref().unwrap_or_default());
        let (href, act) = place(&waiting.about, id);
        let claim = item.claim.as_ref();
        Self {
            name: waiting.name().to_string(),
            kind: kind.label(),
            class: class(kind),
            what,
            detail,
            enterprise: waiting.enterprise.clone().unwrap_or_default(),
            bank: waiting.bank.clone().unwrap_or_default(),
            since: words::minute(waiting.since),
            deadline: Deadline::until(item.left),
            is_late: item.left.is_over,
            claimed_by: claim.map(|claim| claim.name.clone()).unwrap_or_default(),
            claimed_at: claim.map(|claim| words::minute(claim.at)).unwrap_or_default(),
            is_mine: claim.is_some_and(|claim| claim.by == reader),
            notes: item.notes,
            href,
            act,
            forwards: match waiting.about {
                About::Offer {
                    revision, failed: 0, ..
                } => Some(revision),
                _ => None,
            },
        }
    }
}

const fn class(kind: DeskKind) -> &'static str {
    match kind {
        DeskKind::SecondClaim | DeskKind::Referral => "bad",
        DeskKind::Offer | DeskKind::Registration => "need",
        DeskKind::Request | DeskKind::Product | DeskKind::Loan => "near",
        DeskKind::Dispute => "off",
    }
}

/// What an item is about, and more of it.
fn said(about: &About, enterprise: &str) -> (String, String) {
    match about {
        About::Registration { person, is_second } => {
            let also = if *is_second {
                "，这家企业已有人代表"
            } else {
                ""
            };
            (enterprise.to_owned(), format!("申请人 {person}{also}"))
        }
        About::Offer {
            number,
            failed,
            amount_fen,
            ..
        } => {
            let checks = match failed {
                0 => "核对全部通过".to_owned(),
                failed => format!("{failed} 项核对未通过"),
            };
            (number.clone(), format!("{}，{checks}", words::wan(*amount_fen)))
        }
        About::Request {
            number,
            amount_fen,
            banks,
            is_proposed,
            ..
        } => {
            let so_far = match (is_proposed, banks) {
                (true, _) => "已推荐银行，等企业同意".to_owned(),
                (false, 0) => "没有银行收到".to_owned(),
                (false, banks) => format!("{banks} 家银行收到过，都没有接"),
            };
            (
                format!("需求 {number}"),
                format!("{}，{so_far}", words::wan(*amount_fen)),
            )
        }
        About::Referral { number, answer_by, .. } => (format!("需求 {number}"), format!("银行应于 {answer_by} 前答复")),
        About::Dispute { fact, kind } => (fact.label().to_owned(), kind.label().to_owned()),
        About::Loan {
            number,
            balance_fen,
            matures_on,
        } => (
            format!("贷款 {number}"),
            format!("余额 {}，{matures_on} 到期，尚未续贷", words::wan(*balance_fen)),
        ),
        About::Product {
            name, confirmed_until, ..
        } => (
            name.clone(),
            format!("银行的确认到 {confirmed_until} 为止，已不参加匹配"),
        ),
    }
}

/// Where an item is decided, and what is done there.
fn place(about: &About, id: Uuid) -> (String, &'static str) {
    match about {
        About::Registration { .. } => (format!("/centre/registrations/{id}"), "审核"),
        About::Offer { .. } => (format!("/centre/offers/{id}"), "审核"),
        About::Request { .. } => (format!("/centre/requests/{id}/refer"), "推荐银行"),
        About::Referral { request_id, .. } => (format!("/centre/requests/{request_id}#sent"), "查看推送"),
        About::Dispute { .. } => (format!("/centre/disputes/{id}"), "答复"),
        About::Loan { .. } => (format!("/centre/loans/{id}"), "查看贷款"),
        About::Product { code, .. } => (format!("/centre/products/{}", path_segment(code)), "查看产品"),
    }
}

/// A way to narrow the queue.
#[derive(Clone, Debug)]
pub struct DeskTab {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub label: &'static str,
    /// How many items there are.
    pub count: usize,
    /// Whether it is shown.
    pub current: bool,
}

/// The queue.
#[derive(Template)]
#[template(path = "centre/desk.html")]
pub struct DeskPage {
    /// Around it.
    pub shell: Shell,
    /// What it is headed with.
    pub heading: String,
    /// Today.
    pub today: String,
    /// What the last post came to; empty where there was none.
    pub told: &'static str,
    /// What the LPR's age is worth saying; empty where it is fresh.
    pub lpr_warning: String,
    /// What is said where deadlines may be counted wrongly; empty where they are not.
    pub uncertain: &'static str,
    /// The ways to narrow it.
    pub tabs: Vec<DeskTab>,
    /// The way that is shown, for coming back to it.
    pub from: String,
    /// The items, the oldest deadline first.
    pub rows: Vec<DeskRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Working days for a decision, and for the answer to a dispute.
    pub days: (u32, u32),
}

impl DeskPage {
    /// The desk, narrowed by a filter.
    #[must_use]
    pub fn new(shell: Shell, desk: &Desk, filter: DeskFilter, reader: Uuid, today: String) -> Self {
        let total: usize = desk.counts.iter().map(|(_, count)| count).sum();
        let from = from(filter);
        let further = if from.is_empty() {
            String::new()
        } else {
            format!("{}&", narrowed(&from))
        };
        Self {
            shell,
            heading: match (total, desk.late) {
                (0, _) => "没有待办".to_owned(),
                (total, 0) => format!("{total} 件待办"),
                (total, late) => format!("{total} 件待办，{late} 件已过期限"),
            },
            today,
            told: "",
            lpr_warning: String::new(),
            uncertain: if desk.items.iter().any(|item| item.left.is_uncertain) {
                UNCERTAIN
            } else {
                ""
            },
            tabs: tabs(desk, filter, total),
            rows: desk.items.iter().map(|item| DeskRow::new(item, reader)).collect(),
            next: desk
                .next
                .as_ref()
                .map(|place| format!("/centre?{further}after={place}")),
            days: desk.days,
            from,
        }
    }
}

/// A filter as one word: `mine`, a kind's code, or nothing.
fn from(filter: DeskFilter) -> String {
    match filter {
        DeskFilter { is_mine: true, .. } => "mine".to_owned(),
        DeskFilter { kind: Some(kind), .. } => kind.code().to_owned(),
        DeskFilter { .. } => String::new(),
    }
}

/// The query of the queue that a word stands for.
fn narrowed(from: &str) -> String {
    match from {
        "mine" => "mine=true".to_owned(),
        kind => format!("kind={kind}"),
    }
}

/// The address of the queue that a word stands for, where `done` says what was done.
#[must_use]
pub fn back_to(from: &str, done: &str) -> String {
    let known = from == "mine" || DeskKind::find(from).is_some();
    let further = if known {
        format!("&{}", narrowed(from))
    } else {
        String::new()
    };
    format!("/centre?done={done}{further}")
}

fn tabs(desk: &Desk, filter: DeskFilter, total: usize) -> Vec<DeskTab> {
    let is_all = filter == DeskFilter::default();
    let first = [
        ("/centre".to_owned(), "全部", total, is_all),
        ("/centre?mine=true".to_owned(), "我认领的", desk.mine, filter.is_mine),
    ];
    let kinds = desk.counts.iter().map(|(kind, count)| {
        let current = !filter.is_mine && filter.kind == Some(*kind);
        (format!("/centre?kind={kind}"), kind.label(), *count, current)
    });
    first
        .into_iter()
        .chain(kinds.filter(|(_, _, count, current)| *count > 0 || *current))
        .map(|(href, label, count, current)| DeskTab {
            href,
            label,
            count,
            current,
        })
        .collect()
}

/// What the word behind a post is worth saying.
#[must_use]
pub fn told(done: Option<&str>) -> &'static str {
    match done {
        Some("claimed") => "已认领，同事会看到由您办理。",
        Some("released") => "已放回，谁都可以认领。",
        Some("noted") => "备注已保存。",
        Some("forwarded") => "报价已转给企业。",
        Some("held") => "同事先认领了，现在由谁办理见这里；要接手请写明原因。",
        Some("moved") => "没有做：这件事已经有了变化，现在的情况见这里。",
        _ => "",
    }
}

/// A line of an item's history.
#[derive(Clone, Debug)]
pub struct EntryRow {
    /// What was done.
    pub deed: &'static str,
    /// By whom.
    pub by: String,
    /// When.
    pub at: String,
    /// The note; empty where there is none.
    pub text: String,
}

impl From<&Entry> for EntryRow {
    fn from(entry: &Entry) -> Self {
        Self {
            deed: entry.deed.label(),
            by: entry.name.clone(),
            at: words::minute(entry.at),
            text: entry.text.clone().unwrap_or_default(),
        }
    }
}

/// One item.
#[derive(Template)]
#[template(path = "centre/item.html")]
pub struct ItemPage {
    /// Around it.
    pub shell: Shell,
    /// The item.
    pub row: DeskRow,
    /// What the last post came to; empty where there was none.
    pub told: &'static str,
    /// What was done with it, the newest first.
    pub entries: Vec<EntryRow>,
    /// The note, as typed.
    pub text: String,
    /// The reason for taking it over, as typed.
    pub note: String,
    /// What is wrong with what was posted.
    pub wrongs: Wrongs,
}

impl ItemPage {
    /// The fields with their labels.
    pub const LABELS: [(&'static str, &'static str); 2] = [("note", "接手原因"), ("text", "备注")];

    /// The page of an item.
    #[must_use]
    pub fn new(shell: Shell, sheet: &DeskSheet, reader: Uuid) -> Self {
        Self {
            shell,
            row: DeskRow::new(&sheet.item, reader),
            told: "",
            entries: sheet.entries.iter().map(EntryRow::from).collect(),
            text: String::new(),
            note: String::new(),
            wrongs: Wrongs::default(),
        }
    }
}
