//! A product's pages: its sheet, what its bank can do with it, what would be published, what came of trying it.

use super::lists::{ProductRow, bank_sheet};
use super::need::{Line, line};
use super::record::RecordRow;
use super::shell::Shell;
use super::words;
use crate::actions::deadlines::Counting;
use crate::actions::product_drafts::KeptProduct;
use crate::actions::products::StoredProduct;
use crate::actions::simulations::Simulated;
use crate::domain::codes::{Code, ProductStatus};
use crate::domain::criteria::{Criterion, OPS};
use crate::domain::facts::FactKey;
use crate::domain::money::Fen;
use crate::domain::product::{Product, ProductEvent, ProductForm};
use crate::domain::simulation::{RoughSimulation, STEP};
use crate::domain::verdict::{BuiltIn, KeepsOut, Verdict};
use crate::web::input::product::Typed;
use askama::Template;

/// What its bank can do with a product.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// Its page.
    pub sheet: String,
    /// Where it is in its life.
    pub status: ProductStatus,
    /// In how many fields the draft differs from what is published; none where there is no draft.
    pub changed: Option<usize>,
    /// How many things keep the draft from being published.
    pub findings: usize,
    /// What is taken of the quota, in words; empty where there is no quota.
    pub quota: String,
}

impl From<&KeptProduct> for Keeping {
    fn from(kept: &KeptProduct) -> Self {
        let product = &kept.stored.product;
        Self {
            sheet: bank_sheet(&product.code),
            status: product.status,
            changed: kept.draft.as_ref().map(|_| kept.changed().len()),
            findings: kept.findings().list().len(),
            quota: product.quota_fen.map_or_else(String::new, |quota| {
                let left = Fen::new(quota.get() - kept.quota_taken.get()).unwrap_or(Fen::ZERO);
                format!(
                    "共 {}，已占用 {}，还可用 {}",
                    words::wan(quota.get()),
                    words::wan(kept.quota_taken.get()),
                    words::wan(left.get())
                )
            }),
        }
    }
}

impl Keeping {
    /// Whether it was ever published.
    fn is_published(&self) -> bool {
        self.status != ProductStatus::Draft
    }

    fn may(&self, event: ProductEvent) -> bool {
        self.status.next(event).is_ok()
    }

    /// Whether it can still be changed.
    fn may_edit(&self) -> bool {
        self.may(ProductEvent::Edit)
    }

    /// Whether it can be taken out of the matching.
    fn may_suspend(&self) -> bool {
        self.may(ProductEvent::Suspend)
    }

    /// Whether it can be brought back.
    fn may_resume(&self) -> bool {
        self.may(ProductEvent::Resume)
    }

    /// Whether its terms can be confirmed.
    fn may_confirm(&self) -> bool {
        self.may(ProductEvent::Confirm)
    }
}

/// A product's sheet.
#[derive(Template)]
#[template(path = "bank/product.html")]
pub struct ProductPage {
    /// Around it.
    pub shell: Shell,
    /// The list that it belongs to: address and name.
    pub list: (&'static str, &'static str),
    /// The product in short.
    pub row: ProductRow,
    /// Its terms in words.
    pub terms: Vec<Line>,
    /// Its fees in words.
    pub fees: Vec<Line>,
    /// What it asks of an enterprise, each in words.
    pub criteria: Vec<String>,
    /// In a few words what it is.
    pub summary: String,
    /// What an enterprise has to hand in.
    pub materials: Vec<String>,
    /// Whom to ask.
    pub contact: String,
    /// When it last changed.
    pub updated_at: String,
    /// What its bank can do; none for other readers.
    pub keeping: Option<Keeping>,
    /// What was just done.
    pub notice: Option<&'static str>,
    /// How its bank answers, for who has not chosen it yet; none for the bank itself and the centre.
    pub record: Option<RecordRow>,
}

impl ProductPage {
    /// The sheet of a product.
    #[must_use]
    pub fn new(shell: Shell, stored: &StoredProduct, counting: &Counting, list: (&'static str, &'static str)) -> Self {
        let form: &ProductForm = &stored.product;
        Self {
            shell,
            list,
            row: ProductRow::new(stored, counting, ""),
            terms: product_terms(form),
            fees: fees(form),
            criteria: stored.product.parsed_criteria().iter().map(criterion).collect(),
            summary: form.summary.clone().unwrap_or_default(),
            materials: form.materials.clone(),
            contact: form.contact.clone().unwrap_or_default(),
            updated_at: words::minute(stored.updated_at),
            keeping: None,
            notice: None,
            record: None,
        }
    }
}

fn fees(form: &ProductForm) -> Vec<Line> {
    let fee = |fee: &crate::domain::fees::Fee| Line {
        name: fee.kind.label(),
        value: {
            let payee = fee
                .payee
                .as_ref()
                .map_or_else(String::new, |payee| format!("，{payee}收取"));
            format!(
                "{}，{}，{}{payee}",
                fee.name,
                words::fee_value(fee),
                fee.borne_by.label()
            )
        },
    };
    form.fees.iter().map(fee).collect()
}

/// Everything that a product says, in words.
fn everything(product: &Product) -> Vec<Line> {
    let form: &ProductForm = product;
    let mut lines = vec![line("名称", form.name.as_str()), line("类别", form.kind.label())];
    if let Some(family) = &form.family {
        lines.push(line("产品族", family.as_str()));
    }
    let amount = form.amount_fen;
    lines.push(line(
        "金额",
        format!("{}–{} 万元", amount.min.to_wan(), amount.max.to_wan()),
    ));
    let term = form.term_months;
    lines.push(line("期限", format!("{}–{} 个月", term.min, term.max)));
    lines.push(line("利率", super::lists::rate_rule(form)));
    lines.extend(product_terms(form));
    lines.extend(
        fees(form)
            .into_iter()
            .map(|fee| line("费用", format!("{}：{}", fee.name, fee.value))),
    );
    lines.extend(
        product
            .parsed_criteria()
            .iter()
            .map(|one| line("对企业的要求", criterion(one))),
    );
    if let Some(summary) = &form.summary {
        lines.push(line("简介", summary.as_str()));
    }
    lines.extend(
        form.materials
            .iter()
            .map(|material| line("申请材料", material.as_str())),
    );
    if let Some(contact) = &form.contact {
        lines.push(line("联系方式", contact.as_str()));
    }
    if let Some(quota) = form.quota_fen {
        lines.push(line("总额度", words::wan(quota.get())));
    }
    lines
}

/// What changes under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is.
    pub name: &'static str,
    /// What falls away.
    pub before: Vec<String>,
    /// What comes.
    pub after: Vec<String>,
}

/// The lines of the one that the other does not have, by their names, in the order of the sheet.
fn changes(before: &[Line], after: &[Line]) -> Vec<Change> {
    let mut names: Vec<&'static str> = Vec::new();
    for one in before.iter().chain(after) {
        if !names.contains(&one.name) {
            names.push(one.name);
        }
    }
    let missing = |name: &str, these: &[Line], there: &[Line]| -> Vec<String> {
        let gone = these.iter().filter(|one| one.name == name && !there.contains(one));
        gone.map(|one| one.value.clone()).collect()
    };
    let changes = names.into_iter().map(|name| Change {
        name,
        before: missing(name, before, after),
        after: missing(name, after, before),
    });
    changes
        .filter(|change| !change.before.is_empty() || !change.after.is_empty())
        .collect()
}

/// What would be published, beside what is.
#[derive(Template)]
#[template(path = "bank/publish.html")]
pub struct PublishPage {
    /// Around it.
    pub shell: Shell,
    /// The product's name.
    pub name: String,
    /// Its page.
    pub sheet: String,
    /// What it is published as.
    pub version: i32,
    /// Its edition, which is published and no other.
    pub edition: i32,
    /// What differs from the version before.
    pub changes: Vec<Change>,
    /// What keeps it from being published.
    pub findings: Vec<String>,
    /// Whether it then takes part in the matching.
    pub is_suspended: bool,
    /// What is worth saying.
    pub notice: Option<&'static str>,
}

impl PublishPage {
    /// The page of a product; none where nothing is to be published.
    #[must_use]
    pub fn new(shell: Shell, kept: &KeptProduct) -> Option<Self> {
        let draft = kept.draft.as_ref()?;
        let stored = &kept.stored;
        let before = if stored.product.status == ProductStatus::Draft {
            Vec::new()
        } else {
            everything(&stored.product)
        };
        let typed = Typed::from(&**draft);
        let findings = kept.findings();
        Some(Self {
            shell,
            name: draft.name.clone(),
            sheet: bank_sheet(&draft.code),
            version: stored.version + 1,
            edition: stored.edition,
            changes: changes(&before, &everything(draft)),
            findings: findings.list().iter().map(|one| typed.mistake(one).1).collect(),
            is_suspended: stored.product.status == ProductStatus::Suspended,
            notice: None,
        })
    }
}

/// How many requests.
#[derive(Clone, Debug)]
pub struct CountLine {
    /// What of.
    pub label: String,
    /// How many, in words.
    pub count: String,
    /// The colour of the word.
    pub class: &'static str,
}

/// What came of trying a product on the open requests.
#[derive(Template)]
#[template(path = "bank/simulation.html")]
pub struct SimulationPage {
    /// Around it.
    pub shell: Shell,
    /// The product's name.
    pub name: String,
    /// Its page.
    pub sheet: String,
    /// Whether the draft was tried.
    pub is_draft: bool,
    /// How many requests stand how.
    pub verdicts: Vec<CountLine>,
    /// Which check alone keeps out how many.
    pub keeps_out: Vec<CountLine>,
    /// How many more tries there are today.
    pub left: i64,
}

fn told(count: Option<u64>) -> String {
    count.map_or_else(|| format!("少于 {STEP}"), |count| format!("约 {count}"))
}

impl SimulationPage {
    /// What a bank is told; none of what only an officer may know.
    #[must_use]
    pub fn new(shell: Shell, kept: &KeptProduct, simulated: &Simulated) -> Option<Self> {
        let Simulated::Rough { told: rough, left } = simulated else {
            return None;
        };
        let product = kept.draft.as_ref().unwrap_or(&kept.stored.product);
        Some(Self {
            shell,
            name: product.name.clone(),
            sheet: bank_sheet(&product.code),
            is_draft: kept.draft.is_some(),
            verdicts: verdicts(rough),
            keeps_out: rough.keeps_out.iter().map(keeps_out).collect(),
            left: *left,
        })
    }
}

fn verdicts(rough: &RoughSimulation) -> Vec<CountLine> {
    let line = |verdict: Verdict, count, class| CountLine {
        label: verdict.label().to_owned(),
        count: told(count),
        class,
    };
    vec![
        line(Verdict::Eligible, rough.eligible, "ok"),
        line(Verdict::Incomplete, rough.incomplete, "need"),
        line(Verdict::Near, rough.near, "near"),
        line(Verdict::Ineligible, rough.ineligible, "off"),
    ]
}

fn keeps_out(one: &KeepsOut) -> CountLine {
    let fact = FactKey::find(&one.check).map(FactKey::label);
    let built_in = BuiltIn::find(&one.check).map(Code::label);
    let op = one.op.and_then(|op| OPS.iter().find(|(code, _)| *code == op));
    let label = fact.or(built_in).unwrap_or("满足其一即可的一组");
    CountLine {
        label: op.map_or_else(|| label.to_owned(), |(_, op)| format!("{label}（{op}）")),
        count: told(Some(one.requests)),
        class: "near",
    }
}

fn product_terms(form: &ProductForm) -> Vec<Line> {
    let mut terms = vec![
        line("用途", words::labels(form.purposes, "—")),
        line("担保方式", words::labels(form.guarantees, "—")),
        line("还款方式", words::labels(form.repayment, "—")),
    ];
    for cap in &form.amount_caps {
        terms.push(line(
            "金额上限",
            format!("{}的 {}", cap.of.label(), words::share(cap.bp)),
        ));
    }
    for (tier, discount) in form.rate.tier_discount_bp.iter() {
        terms.push(line("层级优惠", format!("{}及以上减 {discount} 基点", tier.label())));
    }
    if let Some(floor) = form.rate.floor_bp {
        terms.push(line("利率下限", words::rate(floor)));
    }
    if let Some(renewal) = form.renewal {
        let whose = if renewal.own_loans_only {
            "本行"
        } else {
            "任何银行"
        };
        terms.push(line(
            "续贷",
            format!("{whose}的贷款，到期前 {} 天内", renewal.window_days),
        ));
    }
    if let Some(from) = form.from {
        terms.push(line("开始办理", from.to_string()));
    }
    if let Some(to) = form.to {
        terms.push(line("停止办理", to.to_string()));
    }
    terms
}

fn criterion(criterion: &Criterion) -> String {
    let plain = |plain: &crate::domain::criteria::Plain| {
        let verified = if plain.verified { "（须已核验）" } else { "" };
        format!("{}{}{verified}", plain.fact.label(), plain.test.show(plain.fact))
    };
    match criterion {
        Criterion::Plain(one) => plain(one),
        Criterion::Any(members) => {
            let members: Vec<String> = members.iter().map(plain).collect();
            format!("满足其中一项：{}", members.join("；或 "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_a_change() {
        let before = [line("名称", "甲"), line("费用", "一"), line("费用", "二")];
        let after = [
            line("名称", "甲"),
            line("费用", "二"),
            line("费用", "三"),
            line("简介", "新"),
        ];
        let change = |name, before: &[&str], after: &[&str]| Change {
            name,
            before: before.iter().map(ToString::to_string).collect(),
            after: after.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(
            changes(&before, &after),
            [change("费用", &["一"], &["三"]), change("简介", &[], &["新"])]
        );
        assert!(changes(&after, &after).is_empty());
    }
}
