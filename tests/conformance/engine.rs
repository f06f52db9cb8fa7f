//! The ways of the engine agree with each other: pages with whole lists, counts with lists, a changed catalogue with one
//! compiled anew, the book with matching each request forward.

use super::evaluator::evaluate;
use super::generator::Random;
use super::hostile::{Scenario, VARIATIONS};
use super::properties::{compile, difference, form, market, scenario, sizes};
use proptest::prelude::*;
use rongqiao::domain::enterprise::Enterprise;
use rongqiao::domain::product::Product;
use rongqiao::domain::request::{Need, Request};
use rongqiao::domain::verdict::{KeepsOut, Simulation};
use rongqiao::matching::{Applicant, Book, Catalogue, Counts, Firm, Limits, Page, Scratch};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The requests of a scenario, each with its applicant.
fn requests(scenario: &Scenario, catalogue: &Catalogue) -> Vec<(Request, Applicant)> {
    let requests = scenario.requests.iter().map(|(request, enterprise)| {
        let enterprise = Enterprise::parse(form(enterprise)).expect("an enterprise");
        let request = Request::parse(form(request)).expect("a request");
        (request, Applicant::new(&enterprise, catalogue.as_of()))
    });
    requests.collect()
}

fn line(catalogue: &Catalogue, applicant: &Applicant, need: &Need, page: Page, scratch: &mut Scratch) -> Value {
    let mut line = Vec::new();
    catalogue
        .match_page(applicant, need, page, scratch)
        .write_json("R", &mut line);
    serde_json::from_slice(&line).expect("JSON")
}

/// What a page of a whole line would be.
fn page_of(whole: &Value, page: Page) -> Value {
    let mut line = whole.clone();
    for list in ["eligible", "incomplete", "near"] {
        let rows = whole[list].as_array().expect("a list").iter();
        line[list] = rows.skip(page.after).take(page.limit).cloned().collect();
    }
    line
}

fn counts_of(whole: &Value) -> Counts {
    let length = |list: &str| whole[list].as_array().expect("a list").len();
    Counts {
        eligible: length("eligible"),
        incomplete: length("incomplete"),
        near: length("near"),
        ineligible: usize::try_from(whole["ineligible"].as_u64().expect("a number")).expect("a count"),
    }
}

fn pages_and_counts_agree(scenario: &Scenario) -> Result<(), TestCaseError> {
    let catalogue = compile(&scenario.products);
    let mut scratch = Scratch::default();
    for (request, applicant) in requests(scenario, &catalogue) {
        let need = &request.need;
        let whole = line(&catalogue, &applicant, need, Page::ALL, &mut scratch);
        prop_assert_eq!(catalogue.count_one(&applicant, need, &mut scratch), counts_of(&whole));
        for (after, limit) in [(0, 0), (0, 1), (0, 3), (1, 2), (2, 20), (5, 1), (40, 7), (0, 1000)] {
            let page = Page { after, limit };
            let got = line(&catalogue, &applicant, need, page, &mut scratch);
            prop_assert_eq!(difference(&got, &page_of(&whole, page), ""), None);
        }
        let any_cost = Need {
            max_cost_bp: None,
            ..need.clone()
        };
        let counts = catalogue.count_whatever_it_costs(&applicant, need, &mut scratch);
        let with_any = catalogue.count_one(&applicant, &any_cost, &mut scratch);
        // They differ only where there is no cost at all.
        prop_assert!(counts.eligible >= with_any.eligible && counts.ineligible <= with_any.ineligible);
    }
    Ok(())
}

/// Changes a catalogue product by product until it holds others, and compares with one compiled of those.
fn a_changed_one_equals_one_compiled(from: &Scenario, to: &Scenario, seed: u64) -> Result<(), TestCaseError> {
    let mut random = Random(seed);
    let mut catalogue = compile(&from.products);
    let mut held: BTreeMap<String, Value> = BTreeMap::new();
    for product in &from.products {
        held.insert(product["code"].as_str().expect("a code").to_owned(), product.clone());
    }
    let mut coming = to.products.clone();
    random.shuffle(&mut coming);
    for (number, mut product) in coming.into_iter().enumerate() {
        // Some are new, some take the place of one that is there, and some go.
        if random.chance(0.4) {
            product["code"] = json!(format!("N{number:04}"));
        }
        let code = product["code"].as_str().expect("a code").to_owned();
        let gone: Vec<String> = held
            .keys()
            .filter(|held| **held != code && random.chance(0.1))
            .cloned()
            .collect();
        held.retain(|code, _| !gone.contains(code));
        held.insert(code, product.clone());
        catalogue = catalogue.changed(vec![Product::parse(form(&product)).expect("a product")], &gone);
    }
    let held: Vec<Value> = held.into_values().collect();
    let compiled = compile(&held);
    prop_assert_eq!(catalogue.products().len(), held.len());
    let mut scratch = Scratch::default();
    for (request, applicant) in requests(to, &compiled) {
        let want = line(&compiled, &applicant, &request.need, Page::ALL, &mut scratch);
        for page in [Page::ALL, Page { after: 0, limit: 4 }] {
            let got = line(&catalogue, &applicant, &request.need, page, &mut scratch);
            prop_assert_eq!(difference(&got, &page_of(&want, page), ""), None);
        }
        for product in &held {
            let code = product["code"].as_str().expect("a code");
            prop_assert_eq!(
                catalogue.explain(code, &applicant, &request.need),
                compiled.explain(code, &applicant, &request.need)
            );
        }
    }
    Ok(())
}

/// What matching each request forward says of the only product.
fn forward(catalogue: &Catalogue, requests: &[(Request, Applicant)], limits: Limits) -> Simulation<String> {
    let mut told = Simulation {
        eligible: 0,
        incomplete: 0,
        near: 0,
        ineligible: 0,
        eligible_ids: vec![],
        keeps_out: vec![],
    };
    let mut alone: BTreeMap<(String, Option<&str>), u64> = BTreeMap::new();
    let mut scratch = Scratch::default();
    for (request, applicant) in requests {
        let mut need = request.need.clone();
        if limits == Limits::TakenAsMet {
            need.max_cost_bp = None;
        }
        let line = line(catalogue, applicant, &need, Page::ALL, &mut scratch);
        if line["eligible"][0].is_object() {
            told.eligible += 1;
            told.eligible_ids.push(request.id.clone());
        } else if line["incomplete"][0].is_object() {
            told.incomplete += 1;
        } else if line["near"][0].is_object() {
            told.near += 1;
            let explained = catalogue.explain_all(applicant, &need).next().expect("the product");
            let unmet = explained
                .checks
                .into_iter()
                .find(|check| check.state == rongqiao::domain::criteria::State::Unmet);
            let check = unmet.expect("one is unmet");
            *alone.entry((check.check, check.op)).or_default() += 1;
        } else {
            told.ineligible += 1;
        }
    }
    told.keeps_out = alone
        .into_iter()
        .map(|((check, op), requests)| KeepsOut { check, op, requests })
        .collect();
    told.keeps_out.sort_by_key(|one| std::cmp::Reverse(one.requests));
    told
}

/// Puts requests into a book in a roundabout way: firms that are changed, and requests that are moved, or taken out at once or
/// later.
fn book_of(requests: &[(Request, Applicant)], random: &mut Random) -> Book<String> {
    let mut book = Book::default();
    let mut leaving = Vec::new();
    // In the order of their firms they come the other way round.
    let mut firms: Vec<Firm> = requests.iter().map(|(_, applicant)| book.add_firm(applicant)).collect();
    firms.reverse();
    for (place, (request, applicant)) in requests.iter().enumerate() {
        let other = &requests[(place + 1) % requests.len()];
        let firm = firms[place];
        let entry = book.add("gone".to_owned(), firm, other.0.need.clone());
        if random.chance(0.5) {
            book.remove(entry);
        } else {
            leaving.push(entry);
        }
        book.add(request.id.clone(), firm, request.need.clone());
        book.change_firm(firm, applicant);
        if random.chance(0.1) {
            book.settle();
        }
    }
    for entry in leaving {
        book.remove(entry);
    }
    book
}

fn the_book_says_what_matching_forward_says(scenario: &Scenario, seed: u64) -> Result<(), TestCaseError> {
    let mut random = Random(seed);
    for product in &scenario.products {
        let catalogue = compile(std::slice::from_ref(product));
        let requests = requests(scenario, &catalogue);
        let book = book_of(&requests, &mut random);
        for limits in [Limits::Kept, Limits::TakenAsMet] {
            let got = book.simulate(&catalogue, limits);
            prop_assert_eq!(got, forward(&catalogue, &requests, limits), "{}", product);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_and_counts_are_those_of_the_whole_list(
        seed: u64,
        products in sizes(),
        variations in prop::collection::vec(0..VARIATIONS.len(), 0..=2),
    ) {
        pages_and_counts_agree(&scenario(seed, products, 3, &variations))?;
    }

    #[test]
    fn a_changed_catalogue_equals_one_compiled_anew(
        seed: u64,
        from in sizes(),
        to in sizes(),
        variations in prop::collection::vec(0..VARIATIONS.len(), 0..=2),
    ) {
        let from = scenario(seed, from, 2, &variations);
        a_changed_one_equals_one_compiled(&from, &scenario(seed ^ 1, to, 2, &variations), seed)?;
    }

    #[test]
    fn the_reverse_equals_matching_forward(
        seed: u64,
        requests in 1..70_usize,
        variations in prop::collection::vec(0..VARIATIONS.len(), 0..=2),
    ) {
        the_book_says_what_matching_forward_says(&scenario(seed, 3, requests, &variations), seed)?;
    }
}

/// A page of many rows of nearly the same cost: chains go over its end.
#[test]
fn pages_of_a_large_catalogue_are_those_of_the_whole_list() {
    pages_and_counts_agree(&scenario(7, 3000, 2, &[])).expect("pages agree");
}

#[test]
fn a_hundred_thousand_products_are_judged_as_one_is() {
    let scenario = scenario(11, 100_000, 1, &[]);
    let catalogue = compile(&scenario.products);
    let (request, enterprise) = &scenario.requests[0];
    let want = evaluate(&scenario.products, enterprise, request, &market());
    let (request, applicant) = &requests(&scenario, &catalogue)[0];
    let mut got = Vec::new();
    let mut scratch = Scratch::default();
    catalogue
        .match_one(applicant, &request.need, &mut scratch)
        .write_json(&request.id, &mut got);
    assert_eq!(
        difference(&serde_json::from_slice(&got).expect("JSON"), &want, ""),
        None
    );
}

/// No product of a catalogue of which every one is new, old or gone while others match is seen half.
#[test]
fn no_match_sees_half_a_publication() {
    use std::sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    };
    let scenario = scenario(5, 200, 8, &[]);
    let before = compile(&scenario.products);
    let mut dearer = scenario.products.clone();
    for product in &mut dearer {
        let spread = product["rate"]["spread_bp"].as_i64().expect("a number");
        product["rate"]["spread_bp"] = json!(spread + 500);
    }
    let put: Vec<Product> = dearer
        .iter()
        .map(|product| Product::parse(form(product)).expect("a product"))
        .collect();
    let after = compile(&dearer);
    let requests = requests(&scenario, &before);
    let lines = |catalogue: &Catalogue| -> Vec<Value> {
        let mut scratch = Scratch::default();
        let each = requests
            .iter()
            .map(|(request, applicant)| line(catalogue, applicant, &request.need, Page::ALL, &mut scratch));
        each.collect()
    };
    let (old, new) = (lines(&before), lines(&after));
    assert_ne!(old, new);
    let live = Mutex::new(Arc::new(before));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..8_usize {
            let (live, done, requests, old, new) = (&live, &done, &requests, &old, &new);
            scope.spawn(move || {
                let mut scratch = Scratch::default();
                let mut seen_new = false;
                let mut place = thread;
                while !(done.load(Ordering::Relaxed) && seen_new) {
                    let catalogue = Arc::clone(&live.lock().expect("not poisoned"));
                    place = (place + 1) % requests.len();
                    let (request, applicant) = &requests[place];
                    let got = line(&catalogue, applicant, &request.need, Page::ALL, &mut scratch);
                    let is_new = difference(&got, &new[place], "").is_none();
                    assert!(
                        is_new || difference(&got, &old[place], "").is_none(),
                        "neither old nor new: {got}"
                    );
                    seen_new |= is_new;
                }
            });
        }
        let current = Arc::clone(&live.lock().expect("not poisoned"));
        let next = Arc::new(current.changed(put, &[]));
        *live.lock().expect("not poisoned") = next;
        done.store(true, Ordering::Relaxed);
    });
}
