//! A small district: two enterprises, three banks, the centre; products with quotas, one that revolves, one that renews.

use crate::support::samples;
use rongqiao::actions::password::Passwords;
use rongqiao::actions::{self, ActionError, Service};
use rongqiao::clock::FixedClock;
use rongqiao::config::Config;
use rongqiao::domain::actor::{Actor, OrganisationKind, Role};
use rongqiao::domain::codes::{Kind, Purpose, Repayment};
use rongqiao::domain::facts::FactKey;
use rongqiao::domain::lpr::Lpr;
use rongqiao::domain::money::Fen;
use rongqiao::domain::organisation::Organisation;
use rongqiao::domain::product::{Product, ProductForm, Renewal};
use rongqiao::domain::scalar::Scalar;
use rongqiao::store::{AnyConnection, Store, StoreError, enterprises, lpr, organisations, products};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The banks.
pub const BANKS: [&str; 3] = ["BANKA", "BANKB", "BANKC"];
/// The enterprises' organisations.
pub const ENTERPRISES: [&str; 2] = ["E0", "E1"];
/// Each product with its bank.
pub const PRODUCTS: [(&str, &str); 6] = [
    ("PA-QUOTA", "BANKA"),
    ("PA-REVOLVING", "BANKA"),
    ("PA-RENEWAL", "BANKA"),
    ("PB-QUOTA", "BANKB"),
    ("PB-RENEWAL", "BANKB"),
    ("PC-FREE", "BANKC"),
];
/// What everybody usually asks for, in 分.
pub const AMOUNT: i64 = 100_000_000;
/// Those who act: name, organisation, role.
const PEOPLE: [(&str, &str, Role); 10] = [
    ("owner-0", "E0", Role::Owner),
    ("owner-1", "E1", Role::Owner),
    ("banker-a", "BANKA", Role::BankUser),
    ("banker-b", "BANKB", Role::BankUser),
    ("banker-c", "BANKC", Role::BankUser),
    ("officer", "CENTRE", Role::Officer),
    ("reader-0", "E0", Role::Reader),
    ("member-1", "E1", Role::Member),
    ("elsewhere", "ELSEWHERE", Role::Officer),
    ("administrator", "CENTRE", Role::Administrator),
];

/// Somebody who acts.
pub struct Person {
    pub name: &'static str,
    pub organisation: &'static str,
    pub actor: Actor,
}

/// The district over one database.
pub struct World {
    pub service: Service,
    pub clock: Arc<FixedClock>,
    pub people: Vec<Person>,
    /// How often something was numbered.
    numbered: AtomicI64,
}

impl World {
    /// The first day, before anybody has done anything.
    pub fn begin(store: &Store, set: impl FnOnce(&mut Config)) -> Self {
        let clock = Arc::new(samples::clock());
        let mut config = samples::config();
        set(&mut config);
        let people = store
            .write(|conn| fill(conn, clock.as_ref()))
            .expect("the district is put");
        let world = Self {
            service: service(store, &clock, config),
            clock,
            people,
            numbered: AtomicI64::new(0),
        };
        for place in 0..ENTERPRISES.len() {
            world.declare(place, "specialised").expect("it is declared");
        }
        world
    }

    /// An enterprise says what its tier is.
    pub fn declare(&self, place: usize, tier: &str) -> Result<(), ActionError> {
        let actor = &self.person_of(ENTERPRISES[place]).actor;
        let tier = Scalar::Text(tier.to_owned());
        let uscc = samples::uscc(place);
        actions::enterprises::declare(&self.service, actor, uscc, FactKey::Tier, &tier)
    }

    /// A number that nothing else has.
    pub fn number(&self) -> i64 {
        self.numbered.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Who acts for an organisation.
    pub fn person_of(&self, organisation: &str) -> &Person {
        let found = self.people.iter().find(|one| one.organisation == organisation);
        found.expect("each organisation has somebody")
    }
}

fn service(store: &Store, clock: &Arc<FixedClock>, config: Config) -> Service {
    Service {
        store: store.clone(),
        clock: Arc::clone(clock) as Arc<_>,
        catalogue: Arc::default(),
        open_requests: Arc::default(),
        passwords: passwords(),
        sealer: Arc::new(samples::sealer()),
        settings: Arc::new(config),
    }
}

/// Nobody signs in here, so they are set up once.
fn passwords() -> Arc<Passwords> {
    static PASSWORDS: std::sync::OnceLock<Arc<Passwords>> = std::sync::OnceLock::new();
    let cheap = || argon2::Params::new(8, 1, 1, None).expect("a low cost");
    let set_up = || Arc::new(Passwords::with_cost(samples::policy(), cheap()).expect("set up"));
    Arc::clone(PASSWORDS.get_or_init(set_up))
}

fn fill(conn: &mut AnyConnection, clock: &FixedClock) -> Result<Vec<Person>, StoreError> {
    for (place, code) in ENTERPRISES.iter().enumerate() {
        let speaks = Organisation {
            kind: OrganisationKind::Enterprise,
            uscc: Some(samples::uscc(place)),
            ..samples::organisation(code, OrganisationKind::Department, samples::DISTRICT)
        };
        organisations::put(conn, &speaks, clock)?;
        let mut enterprise = samples::enterprise(place);
        enterprise.established_on = Some(samples::day("2015-02-22"));
        enterprises::put(conn, &enterprise, samples::DISTRICT, clock)?;
    }
    let lending = BANKS.map(|code| (code, OrganisationKind::Bank, samples::DISTRICT));
    let centres = [("CENTRE", samples::DISTRICT), ("ELSEWHERE", samples::ELSEWHERE)];
    let centres = centres.map(|(code, district)| (code, OrganisationKind::Centre, district));
    for (code, kind, district) in lending.into_iter().chain(centres) {
        organisations::put(conn, &samples::organisation(code, kind, district), clock)?;
    }
    for (code, bank) in PRODUCTS {
        let id = organisations::by_code(conn, bank)?.id;
        let product = Product::parse(product(code, bank)).expect("the sample is valid");
        products::put(conn, &product, id, clock)?;
    }
    lpr::put(conn, &Lpr::parse("2025-05-20", "3.00", "3.50").expect("valid"))?;
    PEOPLE.iter().map(|person| enrol(conn, person, clock)).collect()
}

fn enrol(
    conn: &mut AnyConnection,
    (name, organisation, role): &(&'static str, &'static str, Role),
    clock: &FixedClock,
) -> Result<Person, StoreError> {
    let found = organisations::by_code(conn, organisation)?;
    Ok(Person {
        name,
        organisation,
        actor: Actor {
            user_id: samples::add_account(conn, found.id, name, *role, clock),
            name: (*name).to_owned(),
            role: *role,
            organisation_id: found.id,
            organisation_name: found.organisation.name,
            district_code: found.organisation.district_code,
            origin: None,
        },
    })
}

fn product(code: &str, bank: &str) -> ProductForm {
    let mut form = samples::product_form(code, bank, "open");
    match code {
        "PA-QUOTA" => form.quota_fen = Fen::new(AMOUNT + AMOUNT / 2),
        "PB-QUOTA" => form.quota_fen = Fen::new(2 * AMOUNT),
        "PA-REVOLVING" => {
            form.kind = Kind::Revolving;
            form.repayment = [Repayment::OnDemand].into_iter().collect();
        }
        "PA-RENEWAL" | "PB-RENEWAL" => {
            form.purposes = [Purpose::Refinancing].into_iter().collect();
            form.renewal = Some(Renewal {
                window_days: 366,
                own_loans_only: true,
            });
        }
        _ => {}
    }
    form
}
