//! What departments and the centre have handed in, and what enterprises said of it: some batches of the
//! tax office, one of them withdrawn and one only looked at yet, a key of its own system, what a bank
//! delivered to the centre, and disputes in every state.

use super::fill::{At, on};
use super::people::People;
use super::{Demo, DemoEnterprise, HERO};
use crate::actions::disputes::{self, Saying};
use crate::actions::feed::{self, Feeder, Handed};
use crate::actions::{ActionError, Service};
use crate::domain::actor::Actor;
use crate::domain::dates::Day;
use crate::domain::dispute::{DisputeKind, Outcome};
use crate::domain::facts::FactKey;
use crate::exchange::FileKind;
use std::fmt::Write;

/// The department whose user the demo prints.
const SHOWN: &str = "tax";
/// How many enterprises a batch is about.
const MOST: usize = 12;
/// A credit code that is right and belongs to nobody.
const NOBODY: &str = "91410100094865098C";

/// Fills it in.
///
/// # Errors
/// When an action refuses, which the tests hold that none does.
pub(super) fn hand_in(service: &Service, demo: &Demo, people: &People) -> Result<(), ActionError> {
    let (Some(clerk), Some(administrator)) = (people.of(SHOWN), people.administrator()) else {
        return Ok(());
    };
    let today = service.clock.today();
    let known: Vec<(&DemoEnterprise, i64)> = demo.enterprises.iter().skip(1).filter_map(paid).take(MOST).collect();
    let at = |days: i64, turn| on(service, At::in_the_day(today.plus_days(-days), turn));

    let paid = rows(known.iter().map(|(one, value)| {
        row(
            one.uscc.as_str(),
            "tax_paid_fen",
            &(value / 100 * 104).to_string(),
            today.plus_days(-23),
        )
    }));
    take_up(&at(21, 1), clerk, "近12个月纳税额-上季.csv", &paid)?;

    let arrears = rows(
        known
            .iter()
            .map(|(one, _)| row(one.uscc.as_str(), "tax_arrears", "false", today.plus_days(-9))),
    );
    let wrong = take_up(&at(8, 2), clerk, "欠税情况-误传.csv", &arrears)?;
    feed::withdraw(&at(7, 3), clerk, wrong)?;

    let made = feed::make_key(&at(6, 4), administrator, SHOWN, "金税系统每日报送")?;
    let then = at(2, 5);
    let key = feed::let_in(&then, &made.key, None)?;
    let lines: String = known.iter().take(5).fold(String::new(), |mut text, (one, _)| {
        let day = today.plus_days(-3);
        // Writing into a String does not fail.
        let _ = writeln!(
            text,
            "{{\"uscc\":\"{}\",\"fact\":\"tax_arrears\",\"value\":false,\"observed_on\":\"{day}\"}}",
            one.uscc
        );
        text
    });
    let daily = Handed {
        name: "每日报送".to_owned(),
        kind: FileKind::JsonLines,
        bytes: lines.into_bytes(),
    };
    feed::take(&then, &Feeder::Key(key), &daily, Some(1), None)?;

    if let Some(officer) = people.of("centre") {
        let overdue = known
            .iter()
            .take(8)
            .map(|(one, _)| format!("{},overdue_days,0,{},songyue\n", one.uscc, today.plus_days(-5)));
        let overdue: String = std::iter::once("uscc,fact,value,observed_on,bank\n".to_owned())
            .chain(overdue)
            .collect();
        take_up(&at(4, 6), officer, "嵩岳银行-逾期情况.csv", &overdue)?;
    }

    feed::hand_in(&at(0, 0), clerk, &csv("近12个月纳税额-本季.csv", &mixed(&known, today)))?;
    said(service, demo, people, today)
}

/// The tax that a company has paid, as the tax office says.
fn paid(enterprise: &DemoEnterprise) -> Option<(&DemoEnterprise, i64)> {
    let fact = enterprise
        .facts
        .iter()
        .find(|fact| fact.held.key == FactKey::TaxPaidFen && fact.held.fact.verified)?;
    Some((enterprise, fact.held.fact.value.get()))
}

fn row(uscc: &str, fact: &str, value: &str, day: Day) -> String {
    format!("{uscc},{fact},{value},{day}\n")
}

fn rows(rows: impl Iterator<Item = String>) -> String {
    std::iter::once("uscc,fact,value,observed_on\n".to_owned())
        .chain(rows)
        .collect()
}

/// A file with a bit of everything: what changes, what is new, what is known, and what is refused.
fn mixed(known: &[(&DemoEnterprise, i64)], today: Day) -> String {
    let day = today.plus_days(-1);
    let changed = known
        .iter()
        .take(6)
        .map(|(one, value)| row(one.uscc.as_str(), "tax_paid_fen", &(value / 100 * 109).to_string(), day));
    let same = known.iter().skip(6).take(2).map(|(one, value)| {
        row(
            one.uscc.as_str(),
            "tax_paid_fen",
            &(value / 100 * 104).to_string(),
            today.plus_days(-23),
        )
    });
    let uscc = |place: usize| known.get(place).map_or(NOBODY, |(one, _)| one.uscc.as_str());
    let bad = [
        row(NOBODY, "tax_paid_fen", "120000000", day),
        row(uscc(1), "customs_grade", "advanced", day),
        row(uscc(2), "tax_grade", "甲", day),
        row(uscc(3), "tax_paid_fen", "1180.5", day),
    ];
    rows(changed.chain(same).chain(bad).chain([row(HERO, "tax_grade", "A", day)]))
}

fn csv(name: &str, text: &str) -> Handed {
    Handed {
        name: name.to_owned(),
        kind: FileKind::Csv,
        bytes: text.as_bytes().to_vec(),
    }
}

fn take_up(then: &Service, clerk: &Actor, name: &str, text: &str) -> Result<uuid::Uuid, ActionError> {
    let id = feed::hand_in(then, clerk, &csv(name, text))?;
    let plan = feed::preview(then, clerk, id)?.plan;
    feed::confirm(then, clerk, id, &plan)?;
    Ok(id)
}

/// What enterprises said: the hero three times, and one more about its tax.
fn said(service: &Service, demo: &Demo, people: &People, today: Day) -> Result<(), ActionError> {
    use DisputeKind::{PleaseVerify, Wrong};
    let hero = HERO.parse().map_err(|_reason| ActionError::NotFound)?;
    let at = |days: i64, turn| on(service, At::in_the_day(today.plus_days(-days), turn));
    let raise = |days, uscc: &str, key, kind, note| {
        let owner = people.of(uscc).ok_or(ActionError::NotFound)?;
        let uscc = uscc.parse().map_err(|_reason| ActionError::NotFound)?;
        disputes::raise(&at(days, 7), owner, uscc, &Saying { key, kind, note }, None)
    };
    let answer = |days, department: &str, id, outcome, text| {
        let clerk = people.of(department).ok_or(ActionError::NotFound)?;
        disputes::answer(&at(days, 8), clerk, id, outcome, text)
    };
    let revenue = raise(
        34,
        HERO,
        FactKey::RevenueFen,
        Wrong,
        "年度汇算清缴后营业收入为 2,912 万元，请核对。",
    )?;
    let text = "已核对：2,912 万元含营业外收入，主表第 1 行为 2,860 万元，现有的值无误。";
    answer(31, SHOWN, revenue, Outcome::Confirmed, text)?;
    let patents = raise(
        15,
        HERO,
        FactKey::IpClass2,
        PleaseVerify,
        "实用新型与软件著作权共 14 项，证书可提供。",
    )?;
    let text = "清单里有 3 项的权利人不是本企业，请更正填报后再申请核验。";
    answer(12, "science", patents, Outcome::Refused, text)?;
    raise(
        3,
        HERO,
        FactKey::TaxGrade,
        PleaseVerify,
        "2026 年公布的纳税信用等级为 A 级，请核验。",
    )?;
    let other = demo.requests.iter().map(|request| request.uscc).find(|uscc| {
        let its = demo.enterprises.iter().find(|one| one.uscc == *uscc);
        *uscc != hero && its.is_some_and(|one| paid(one).is_some())
    });
    if let Some(uscc) = other {
        let note = "三季度的留抵退税没有扣除，实际纳税额应少一些，附完税证明编号。";
        raise(1, uscc.as_str(), FactKey::TaxPaidFen, Wrong, note)?;
    }
    Ok(())
}
