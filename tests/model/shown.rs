//! What a bank must not learn: another bank's offers, referrals and loans, that it was picked before it was sent, and
//! the most that an enterprise would pay.

use super::never::Wrong;
use super::requesting::SECRET_BP;
use super::rows::Standing;
use super::world::{BANKS, PRODUCTS, World};
use rongqiao::actions::loans::LoanFilter;
use rongqiao::actions::offers::OfferFilter;
use rongqiao::actions::{ActionError, loans, messages, offers, queue};
use std::collections::{BTreeMap, BTreeSet};

/// What each bank may know, and what is a secret to it.
#[derive(Default)]
pub struct Secrets {
    /// The requests that were ever brought before a bank.
    known: BTreeSet<(String, String)>,
    /// To whom each word belongs: a bank, or nobody.
    words: BTreeMap<String, Option<String>>,
}

impl Secrets {
    /// Takes up what there is now.
    pub fn learn(&mut self, standing: &Standing) {
        for (product, bank) in PRODUCTS {
            self.words.insert(product.to_owned(), Some(bank.to_owned()));
        }
        for row in &standing.rows {
            if row.kind == "referral" && row.seen == 1 {
                self.known.insert((row.bank.clone(), row.request.clone()));
            }
            if matches!(row.kind.as_str(), "referral" | "offer" | "loan" | "consent") {
                self.words.insert(row.id.clone(), Some(row.bank.clone()));
            }
            if row.kind == "offer" {
                self.words.insert(row.text.clone(), Some(row.bank.clone()));
            }
        }
    }

    /// The requests, by id and number, and the referrals that a bank has never had.
    fn unknown_to(&self, bank: &str, standing: &Standing) -> BTreeSet<String> {
        let is_known = |request: &str| self.known.contains(&(bank.to_owned(), request.to_owned()));
        let requests = standing.of_kind("request").filter(|row| !is_known(&row.id));
        let words = requests.flat_map(|row| [row.id.clone(), row.text.clone()]);
        let kept = standing
            .of_kind("referral")
            .filter(|row| row.bank == bank && !is_known(&row.request));
        words.chain(kept.map(|row| row.id.clone())).collect()
    }

    /// Looks at what each bank may read: every list, and the sheets of these requests.
    pub fn look(&self, world: &World, standing: &Standing, of: impl Fn(&str) -> bool) -> Result<(), Wrong> {
        BANKS.iter().try_for_each(|bank| {
            let unknown = self.unknown_to(bank, standing);
            let shown = read_all(world, bank, &of).expect("a bank reads its own");
            self.check(bank, &unknown, &shown)
        })
    }

    /// Looks at what an action showed to a bank.
    pub fn look_at(&self, standing: &Standing, bank: &str, shown: &str) -> Result<(), Wrong> {
        let shown = [("an action", shown.to_owned())];
        self.check(bank, &self.unknown_to(bank, standing), &shown)
    }

    fn check(&self, bank: &str, unknown: &BTreeSet<String>, shown: &[(&str, String)]) -> Result<(), Wrong> {
        let is_of_a_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        for (by, text) in shown {
            for word in text
                .split(|letter| !is_of_a_word(letter))
                .filter(|word| !word.is_empty())
            {
                let is_anothers = self.words.get(word).is_some_and(|owner| owner.as_deref() != Some(bank));
                let is_cost = word
                    .parse::<i64>()
                    .is_ok_and(|number| (SECRET_BP..SECRET_BP + 10_000).contains(&number));
                if is_anothers || is_cost || word == "max_cost" || unknown.contains(word) {
                    return Err(format!("{bank} was shown {word} by {by}: {text}"));
                }
            }
        }
        Ok(())
    }
}

/// What a bank's user may read, each under what gave it.
fn read_all(world: &World, bank: &str, of: impl Fn(&str) -> bool) -> Result<Vec<(&'static str, String)>, ActionError> {
    let (service, actor) = (&world.service, &world.person_of(bank).actor);
    let is_of = |request: uuid::Uuid| of(&request.to_string());
    let queued = queue::list(service, actor, None, None, 1_000)?;
    let made = offers::list(service, actor, OfferFilter::default(), None, 1_000)?;
    let lent = loans::list(service, actor, LoanFilter::default(), None, 1_000)?;
    let told = messages::list(service, actor, None, 1_000)?;
    let mut all = vec![
        ("queue", format!("{queued:?}")),
        ("offers", format!("{made:?}")),
        ("loans", format!("{lent:?}")),
        ("messages", format!("{told:?}")),
    ];
    for one in queued.iter().filter(|one| is_of(one.referral.request_id)) {
        all.push((
            "referral",
            format!("{:?}", queue::show(service, actor, one.referral.id)?),
        ));
    }
    for one in made.iter().filter(|one| is_of(one.request_id)) {
        all.push(("offer", format!("{:?}", offers::show(service, actor, one.id)?)));
    }
    for one in lent.iter().filter(|one| is_of(one.request_id)) {
        all.push(("loan", format!("{:?}", loans::show(service, actor, one.id)?)));
    }
    Ok(all)
}
