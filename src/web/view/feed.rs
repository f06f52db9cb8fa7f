//! Facts that are handed in: the page to begin on, the preview of a file, a batch.

use super::deadline::Deadline;
use super::shell::Shell;
use super::words;
use crate::actions::deadlines::Counting;
use crate::actions::feed::{Counts, Outlook, PlannedRow, Preview, RefusedRow, StoredBatch};
use crate::domain::batch::BatchState;
use crate::domain::codes::{Code, Owner};
use crate::domain::facts::FACTS;
use crate::domain::profile::Held;
use crate::exchange::facts::COLUMNS;
use askama::Template;
use uuid::Uuid;

/// How many rows of each kind a preview shows.
const SHOWN_ROWS: usize = 50;

/// Where the pages of who hands in are.
#[derive(Clone, Copy, Debug)]
pub struct FeedPaths {
    /// The page to begin on.
    pub home: &'static str,
    /// Under which batches are.
    pub batches: &'static str,
    /// The list of disputes.
    pub disputes: &'static str,
    /// The template to fill in, without its end.
    pub template: &'static str,
}

/// A batch in a list.
#[derive(Clone, Debug)]
pub struct BatchRow {
    /// Its id.
    pub id: Uuid,
    /// The name of the file.
    pub name: String,
    /// When it came.
    pub at: String,
    /// Who handed it in.
    pub by: String,
    /// The word for its state.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// What its rows did, in words.
    pub rows: String,
    /// Until when all of its values hold that still count; none where none of them ends.
    pub fresh: Option<Deadline>,
}

impl BatchRow {
    /// The row of a batch.
    #[must_use]
    pub fn new(batch: &StoredBatch, counting: &Counting) -> Self {
        Self {
            id: batch.id,
            name: batch.name.clone(),
            at: words::minute(batch.created_at),
            by: match (&batch.by, batch.by_key) {
                (Some(name), true) => format!("接口：{name}"),
                (Some(name), false) => name.clone(),
                (None, _) => "命令行".to_owned(),
            },
            state: batch.state.label(),
            class: match batch.state {
                BatchState::Pending => "near",
                BatchState::Applied => "ok",
                BatchState::Withdrawn | BatchState::Discarded => "off",
            },
            rows: counted(batch.counts),
            fresh: counting.of_batch(batch).map(Deadline::marked),
        }
    }
}

/// What rows did, in words.
fn counted(counts: Counts) -> String {
    let Counts {
        created,
        updated,
        unchanged,
        refused,
    } = counts;
    let taken = format!("新增 {created}，更新 {updated}，未变 {unchanged}");
    if refused == 0 {
        taken
    } else {
        format!("{taken}，未导入 {refused}")
    }
}

/// The page to begin on.
#[derive(Template)]
#[template(path = "feed/home.html")]
pub struct FeedHome {
    /// Around it.
    pub shell: Shell,
    /// Where its pages are.
    pub paths: FeedPaths,
    /// What it is headed with.
    pub heading: String,
    /// How many disputes wait for an answer.
    pub open: i64,
    /// The facts that are handed in here, by name.
    pub facts: String,
    /// Whether each row names a bank.
    pub has_banks: bool,
    /// What is wrong with the file that was just chosen.
    pub errors: Vec<String>,
    /// What was handed in, newest first.
    pub rows: Vec<BatchRow>,
    /// Where older ones are; empty where there are none.
    pub next: String,
}

/// The facts of some owners, by name.
#[must_use]
pub fn facts_of(owners: &[Owner]) -> String {
    let labels = FACTS
        .iter()
        .filter(|spec| owners.contains(&spec.owner) && !spec.key.is_derived())
        .map(|spec| spec.label);
    labels.collect::<Vec<_>>().join("、")
}

/// A row of a preview.
#[derive(Clone, Debug)]
pub struct PreviewRow {
    /// The line of the file.
    pub line: u64,
    /// The enterprise.
    pub name: String,
    /// Its credit code.
    pub uscc: String,
    /// The fact.
    pub fact: &'static str,
    /// The bank's code, where it came per bank.
    pub bank: String,
    /// What is known now; empty where nothing is.
    pub old: String,
    /// Since when.
    pub old_day: String,
    /// What the file says.
    pub new: String,
    /// Since when.
    pub new_day: String,
    /// Until when it will hold.
    pub until: String,
}

fn shown(held: &Held) -> (String, String) {
    (held.key.spec().kind.show(held.fact.value), held.observed_on.to_string())
}

impl From<&PlannedRow> for PreviewRow {
    fn from(row: &PlannedRow) -> Self {
        let (old, old_day) = match &row.outlook {
            Outlook::Changed(old) | Outlook::Late(old) => shown(old),
            Outlook::New | Outlook::Unchanged => (String::new(), String::new()),
        };
        let (new, new_day) = shown(&row.held);
        Self {
            line: row.line,
            name: row.name.clone(),
            uscc: row.uscc.to_string(),
            fact: row.held.key.label(),
            bank: row.bank.clone().unwrap_or_default(),
            old,
            old_day,
            new,
            new_day,
            until: row
                .held
                .fact
                .valid_until
                .map_or_else(|| "长期".to_owned(), |day| day.to_string()),
        }
    }
}

/// Rows of one kind: the first ones, and how many there are.
#[derive(Clone, Debug)]
pub struct Part<T> {
    /// The first ones.
    pub rows: Vec<T>,
    /// How many there are.
    pub count: usize,
}

impl<T> Part<T> {
    fn of(rows: Vec<T>) -> Self {
        let count = rows.len();
        Self {
            rows: rows.into_iter().take(SHOWN_ROWS).collect(),
            count,
        }
    }

    /// How many are not shown.
    #[must_use]
    pub fn more(&self) -> usize {
        self.count - self.rows.len()
    }
}

/// A batch: what it would do while it is pending, and what it did.
#[derive(Template)]
#[template(path = "feed/batch.html")]
pub struct BatchPage {
    /// Around it.
    pub shell: Shell,
    /// Where its pages are.
    pub paths: FeedPaths,
    /// The answer.
    pub heading: String,
    /// The batch.
    pub row: BatchRow,
    /// When it was taken up; empty where it was not.
    pub applied_at: String,
    /// When it was taken back; empty where it was not.
    pub withdrawn_at: String,
    /// The number that the department's system gave it; empty where it gave none.
    pub sequence: String,
    /// Whether it waits to be confirmed.
    pub is_pending: bool,
    /// Whether it can be taken back.
    pub may_withdraw: bool,
    /// Rows that break a rule.
    pub refused: Part<RefusedRow>,
    /// Rows that change what is known.
    pub changed: Part<PreviewRow>,
    /// Rows of which nothing is known.
    pub created: Part<PreviewRow>,
    /// Rows that are older than what is known.
    pub late: Part<PreviewRow>,
    /// How many say what is known already.
    pub unchanged: i32,
    /// How many do something.
    pub changes: i32,
    /// Names what was shown.
    pub plan: String,
    /// What was just done, or happened meanwhile.
    pub notice: Option<&'static str>,
}

impl BatchPage {
    /// The page of a batch.
    #[must_use]
    pub fn new(
        shell: Shell,
        paths: FeedPaths,
        (preview, counting): &(Preview, Counting),
        notice: Option<&'static str>,
    ) -> Self {
        let rows = |wanted: fn(&Outlook) -> bool| {
            let of_kind = preview.rows.iter().filter(|row| wanted(&row.outlook));
            Part::of(of_kind.map(PreviewRow::from).collect())
        };
        let (batch, counts) = (&preview.batch, preview.counts);
        Self {
            shell,
            paths,
            heading: heading(batch.state, counts),
            row: BatchRow::new(batch, counting),
            applied_at: batch.applied_at.map_or_else(String::new, words::minute),
            withdrawn_at: batch.withdrawn_at.map_or_else(String::new, words::minute),
            sequence: batch.sequence.map_or_else(String::new, |number| number.to_string()),
            is_pending: batch.state == BatchState::Pending,
            may_withdraw: batch.state == BatchState::Applied,
            changed: rows(|outlook| matches!(outlook, Outlook::Changed(_))),
            created: rows(|outlook| matches!(outlook, Outlook::New)),
            late: rows(|outlook| matches!(outlook, Outlook::Late(_))),
            refused: Part::of(preview.refused.iter().map(named).collect()),
            unchanged: counts.unchanged,
            changes: counts.changes(),
            plan: preview.plan.clone(),
            notice,
        }
    }
}

/// A refused row with its column as the template calls it.
fn named(row: &RefusedRow) -> RefusedRow {
    let column = COLUMNS.iter().find(|column| column.name == row.field);
    let label = column.map(|column| column.label).filter(|label| !label.is_empty());
    RefusedRow {
        field: label.map_or_else(|| row.field.clone(), str::to_owned),
        ..row.clone()
    }
}

fn heading(state: BatchState, counts: Counts) -> String {
    match state {
        BatchState::Pending if counts.changes() == 0 && counts.refused == 0 => "和现有数据一样，不用导入".to_owned(),
        BatchState::Pending if counts.changes() == 0 => {
            format!("没有可以导入的变化，{} 行有误", counts.refused)
        }
        BatchState::Pending if counts.refused > 0 => format!(
            "将新增 {} 项、更新 {} 项，{} 行有误不导入",
            counts.created, counts.updated, counts.refused
        ),
        BatchState::Pending => format!("将新增 {} 项、更新 {} 项", counts.created, counts.updated),
        BatchState::Applied => format!("已导入：新增 {} 项、更新 {} 项", counts.created, counts.updated),
        BatchState::Withdrawn => "这批数据已整批撤回".to_owned(),
        BatchState::Discarded => "这份文件没有导入".to_owned(),
    }
}

/// What taking a batch back would do.
#[derive(Template)]
#[template(path = "feed/withdraw.html")]
pub struct WithdrawPage {
    /// Around it.
    pub shell: Shell,
    /// Where its pages are.
    pub paths: FeedPaths,
    /// The batch.
    pub row: BatchRow,
}

/// The heads of the file of refused rows.
pub const REFUSED_HEAD: [&str; 4] = ["行", "列", "原因", "原因代码"];

/// A refused row as the cells of a file.
#[must_use]
pub fn refused_cells(row: &RefusedRow) -> Vec<String> {
    let row = named(row);
    vec![
        row.line.to_string(),
        row.field.clone(),
        row.words.clone(),
        row.code.clone(),
    ]
}
