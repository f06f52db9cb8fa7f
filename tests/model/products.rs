//! The events of products.

use super::doing::{Doing, Done};
use super::world::AMOUNT;
use rongqiao::actions::{ActionError, product_cycle, product_drafts};
use rongqiao::domain::codes::ProductStatus;
use rongqiao::domain::money::Fen;
use rongqiao::domain::product::ProductForm;

type Came = Result<Done, ActionError>;

/// Keeps a draft with another rate or another quota.
pub fn edit(doing: &Doing<'_>) -> Came {
    let (service, actor, code) = (&doing.world.service, &doing.person.actor, doing.on().id.as_str());
    let kept = product_drafts::show(service, actor, code)?;
    let mut form = ProductForm {
        status: ProductStatus::Draft,
        confirmed_on: None,
        ..(*kept.stored.product).clone()
    };
    if doing.dice[2].is_multiple_of(2) {
        form.rate.spread_bp = doing.one(3, &[50, 60, 70]);
    } else {
        form.quota_fen = doing.one(3, &[None, Fen::new(AMOUNT), Fen::new(2 * AMOUNT), Fen::new(0)]);
    }
    product_drafts::save(service, actor, code, None, &form)?;
    Ok(Done::Something)
}

pub fn publish(doing: &Doing<'_>) -> Came {
    product_cycle::publish(&doing.world.service, &doing.person.actor, &doing.on().id, None)?;
    Ok(Done::Something)
}

pub fn suspend(doing: &Doing<'_>) -> Came {
    product_cycle::suspend(&doing.world.service, &doing.person.actor, &doing.on().id)?;
    Ok(Done::Something)
}

pub fn resume(doing: &Doing<'_>) -> Came {
    product_cycle::resume(&doing.world.service, &doing.person.actor, &doing.on().id)?;
    Ok(Done::Something)
}

pub fn confirm(doing: &Doing<'_>) -> Came {
    product_cycle::confirm(&doing.world.service, &doing.person.actor, &doing.on().id)?;
    Ok(Done::Something)
}

pub fn close(doing: &Doing<'_>) -> Came {
    product_cycle::close(&doing.world.service, &doing.person.actor, &doing.on().id)?;
    Ok(Done::Something)
}
