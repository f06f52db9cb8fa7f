//! The events of offers.

use super::doing::{Doing, Done};
use super::world::AMOUNT;
use crate::support::app::usual_offer;
use rongqiao::actions::{ActionError, offers};
use rongqiao::domain::offer_terms::OfferForm;
use rongqiao::domain::referral::PickedProduct;
use serde_json::json;
use uuid::Uuid;

type Came = Result<Done, ActionError>;

/// An offer of one of the picked products: mostly one that passes every check of the desk.
fn form(doing: &Doing<'_>, referral: &str) -> OfferForm {
    let referral = doing.standing.row("referral", referral).expect("the offer has one");
    let picked: Vec<PickedProduct> = serde_json::from_str(&referral.text).expect("JSON");
    let product = &picked[usize::from(doing.dice[2]) % picked.len()].code;
    let mut form = usual_offer(product);
    let today = doing.today();
    form["amount_fen"] = json!(doing.one(2, &[AMOUNT / 2, AMOUNT, AMOUNT, AMOUNT, AMOUNT + 1]));
    form["start_on"] = json!(today.plus_days(5).to_string());
    form["valid_until"] = json!(today.plus_days(doing.one(3, &[0, 3, 20, 20, 20, 35])).to_string());
    form["term_months"] = json!(doing.one(1, &[1, 3, 12, 12]));
    form.as_object_mut().expect("an object").remove("due_day");
    if product == "PA-REVOLVING" {
        form["repayment"] = json!("on_demand");
    }
    if doing.dice[2].is_multiple_of(8) {
        form["rate"]["spread_bp"] = json!(90);
    }
    serde_json::from_value(form).expect("the sample has the shape of its form")
}

pub fn offer(doing: &Doing<'_>) -> Came {
    let form = form(doing, &doing.on().id);
    offers::making::submit(&doing.world.service, &doing.person.actor, doing.id(), &form, None)?;
    Ok(Done::Something)
}

pub fn revise(doing: &Doing<'_>) -> Came {
    let offer = doing.on();
    let all = || doing.standing.of_kind("referral");
    let referral = all().find(|one| one.request == offer.request && one.bank == offer.bank);
    let form = form(doing, &referral.expect("the offer has one").id);
    let shown = offers::making::revise(&doing.world.service, &doing.person.actor, doing.id(), None, &form)?;
    Ok(Done::Shown(format!("{shown:?}")))
}

pub fn withdraw(doing: &Doing<'_>) -> Came {
    let shown = offers::ending::withdraw(&doing.world.service, &doing.person.actor, doing.id(), None)?;
    Ok(Done::Shown(format!("{shown:?}")))
}

/// The revision that somebody saw: mostly the newest.
fn revision(doing: &Doing<'_>) -> i32 {
    let newest = i32::try_from(doing.on().left).expect("small");
    if doing.dice[2].is_multiple_of(16) {
        newest + 1
    } else {
        newest
    }
}

pub fn forward(doing: &Doing<'_>) -> Came {
    offers::desk::forward(&doing.world.service, &doing.person.actor, doing.id(), revision(doing))?;
    Ok(Done::Something)
}

pub fn forward_all(doing: &Doing<'_>) -> Came {
    let held = doing
        .standing
        .of_kind("offer")
        .filter(|offer| offer.state == "submitted" || doing.dice[2].is_multiple_of(4));
    let ids: Vec<Uuid> = held.map(|offer| offer.id.parse().expect("an id")).collect();
    let done = offers::desk::forward_all(&doing.world.service, &doing.person.actor, &ids)?;
    Ok(if done.iter().any(|one| one.done) {
        Done::Something
    } else {
        Done::Nothing
    })
}

pub fn give_back(doing: &Doing<'_>) -> Came {
    let reason = doing.one(3, &["期限太短", "利率偏高", " "]);
    offers::desk::give_back(
        &doing.world.service,
        &doing.person.actor,
        doing.id(),
        revision(doing),
        reason,
    )?;
    Ok(Done::Something)
}

pub fn accept(doing: &Doing<'_>) -> Came {
    let terms = doing.terms(150);
    offers::accepting::accept(
        &doing.world.service,
        &doing.person.actor,
        doing.id(),
        revision(doing),
        terms,
    )?;
    Ok(Done::Something)
}

pub fn decline(doing: &Doing<'_>) -> Came {
    offers::ending::decline(&doing.world.service, &doing.person.actor, doing.id(), None)?;
    Ok(Done::Something)
}

pub fn fall_through(doing: &Doing<'_>) -> Came {
    offers::ending::fall_through(&doing.world.service, &doing.person.actor, doing.id(), "不签了")?;
    Ok(Done::Something)
}
