//! The demo district into a database, through the same actions and queries that the service uses.

use super::files;
use super::handed;
use super::joining;
use super::people::People;
use super::year;
use super::{Demo, DemoEnterprise, HERO, Source};
use crate::actions::import::{ImportError, Importer, Row, Rows};
use crate::actions::users::{self, NewUser};
use crate::actions::{ActionError, Service, authorisation, enterprises as enterprise_actions};
use crate::cli::failure::Failure;
use crate::cli::user::made_up;
use crate::clock::{Clock, SystemClock};
use crate::config::Secret;
use crate::domain::actor::{Actor, OrganisationKind, Role};
use crate::domain::codes::{Code, Owner};
use crate::domain::consent::{LONGEST_DAYS, Terms, authorisation_text};
use crate::domain::dates::Day;
use crate::domain::enterprise::Enterprise;
use crate::domain::organisation::{Organisation, OrganisationForm};
use crate::domain::product::Product;
use crate::domain::uscc::Uscc;
use crate::store::facts::{NewFact, Provenance};
use crate::store::ledger::record;
use crate::store::{AnyConnection, StoreError, enterprises, organisations};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// A clock that stands at one instant, with real randomness: what is filled in happened before today.
#[derive(Clone, Copy)]
pub(super) struct At(DateTime<Utc>);

impl Clock for At {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }

    fn random_bytes(&self) -> [u8; 32] {
        SystemClock.random_bytes()
    }
}

impl At {
    /// Ten in the morning in Beijing.
    fn morning_of(day: Day) -> Self {
        let ten = NaiveTime::from_hms_opt(2, 0, 0).unwrap_or_default();
        Self(day.naive().and_time(ten).and_utc())
    }

    /// A turn of a day: each some minutes after the one before.
    pub(super) fn turn_of(day: Day, turn: i64) -> Self {
        Self(Self::morning_of(day).0 + TimeDelta::minutes(3 * turn))
    }

    /// Some time in the working hours of a day, another one for each turn.
    pub(super) fn in_the_day(day: Day, turn: usize) -> Self {
        let minutes = i64::try_from(turn * 37 % 400).unwrap_or(0);
        Self(Self::morning_of(day).0 + TimeDelta::minutes(minutes))
    }
}

/// Fills an empty database; gives one account of each actor.
///
/// # Errors
/// When a row of the demo breaks a rule (the tests hold that none does) or the database fails.
pub fn fill(service: &Service, demo: &Demo) -> Result<Vec<Account>, Failure> {
    rows_without_users(service, demo)?;
    // Before the requests: they tell the enterprise's users, and one of them is the hero's.
    let accounts = accounts(service)?;
    let people = People::gather(service, demo)?;
    year::live(service, demo, &people)?;
    officer_looks(service, &people)?;
    handed::hand_in(service, demo, &people)?;
    joining::fill(service, demo, &people)?;
    Ok(accounts)
}

fn rows_without_users(service: &Service, demo: &Demo) -> Result<(), Failure> {
    let importer = Importer {
        store: &service.store,
        clock: service.clock.as_ref(),
        progress: &|_| {},
    };
    importer.organisations(all_organisations(demo)?).map_err(broken)?;
    let products: Vec<Product> = parsed(demo.products.iter().cloned().map(Product::parse))?;
    importer.products(rows(products)).map_err(broken)?;
    importer.lpr(&files::lpr()?).map_err(broken)?;
    importer.holidays(files::holidays()?).map_err(broken)?;
    service.store.write(|conn| {
        let sources = sources(conn, demo)?;
        demo.enterprises
            .iter()
            .try_for_each(|enterprise| put_enterprise(conn, enterprise, &sources, service.clock.as_ref()))
    })?;
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn broken(error: ImportError) -> Failure {
    Failure::Other(format!("demo: {error}"))
}

fn parsed<T>(all: impl Iterator<Item = Result<T, crate::domain::invalid::Problems>>) -> Result<Vec<T>, Failure> {
    all.collect::<Result<_, _>>()
        .map_err(|problems| Failure::Other(format!("demo: {problems}")))
}

fn rows<T>(values: Vec<T>) -> Rows<T> {
    let rows: Vec<Row<T>> = values
        .into_iter()
        .zip(1..)
        .map(|(value, line)| Row { line, value })
        .collect();
    rows.into()
}

/// The district's organisations, and those of the enterprises that have registered: all with a request.
pub(super) fn all_organisations(demo: &Demo) -> Result<Rows<Organisation>, Failure> {
    let registered: HashSet<Uscc> = demo.requests.iter().map(|request| request.uscc).collect();
    let own = demo
        .enterprises
        .iter()
        .filter(|enterprise| registered.contains(&enterprise.uscc));
    let own = own.map(|enterprise| OrganisationForm {
        code: enterprise.uscc.to_string(),
        kind: OrganisationKind::Enterprise,
        name: enterprise.name.clone(),
        district_code: super::DISTRICT.to_owned(),
        uscc: Some(enterprise.uscc.to_string()),
        contact: None,
    });
    let all = demo.organisations.iter().cloned().chain(own);
    Ok(rows(parsed(all.map(Organisation::parse))?))
}

/// Every organisation's id by its code.
fn sources(conn: &mut AnyConnection, demo: &Demo) -> Result<HashMap<String, Uuid>, StoreError> {
    let codes = demo.organisations.iter().map(|form| form.code.clone());
    let registered: HashSet<String> = demo.requests.iter().map(|request| request.uscc.to_string()).collect();
    codes
        .chain(registered)
        .map(|code| organisations::by_code(conn, &code).map(|found| (code, found.id)))
        .collect()
}

/// An enterprise with its facts; a declared value comes from itself, where it has not registered from
/// the centre, which took it down.
fn put_enterprise(
    conn: &mut AnyConnection,
    enterprise: &DemoEnterprise,
    sources: &HashMap<String, Uuid>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let bare = Enterprise {
        uscc: enterprise.uscc,
        name: enterprise.name.clone(),
        established_on: Some(enterprise.established_on),
        facts: crate::domain::maps::UniqueMap::default(),
    };
    let (id, _) = enterprises::put(conn, &bare, super::DISTRICT, clock)?;
    let missing = |code: &str| StoreError::database(format!("demo: no organisation {code}"));
    let of = |code: &str| sources.get(code).copied().ok_or_else(|| missing(code));
    for fact in &enterprise.facts {
        let source_id = match fact.source {
            Source::Organisation(code) => of(code)?,
            Source::Itself => sources
                .get(enterprise.uscc.as_str())
                .copied()
                .map_or_else(|| of("centre"), Ok)?,
        };
        let bank_id = fact.bank.map(of).transpose()?;
        let from = Provenance {
            source_id,
            batch_id: None,
            account_id: None,
        };
        record(
            conn,
            id,
            &[NewFact {
                held: fact.held,
                bank_id,
            }],
            &from,
            clock,
        )?;
    }
    Ok(())
}

/// The service at an earlier time; never after its own.
pub(super) fn on(service: &Service, at: At) -> Service {
    Service {
        clock: Arc::new(At(at.0.min(service.clock.now()))),
        ..service.clone()
    }
}

/// The enterprise lets the platform use every department's facts, before it first asks for anything.
pub(super) fn authorise(then: &Service, owner: &Actor, request: &super::DemoRequest) -> Result<(), ActionError> {
    let terms = Terms {
        text_version: authorisation_text().version,
        until: request.created_on.plus_days(LONGEST_DAYS - 1),
    };
    authorisation::put(then, owner, request.uscc, Owner::ALL, Some(terms))?;
    Ok(())
}

/// An officer has looked at the hero's profile, so that its access log has a line.
fn officer_looks(service: &Service, people: &People) -> Result<(), ActionError> {
    let Some(officer) = people.of("centre") else {
        return Ok(());
    };
    let uscc = HERO.parse().map_err(|_reason| ActionError::NotFound)?;
    let yesterday = service.clock.today().plus_days(-1);
    enterprise_actions::show(&on(service, At::in_the_day(yesterday, 11)), officer, uscc)?;
    Ok(())
}

/// An account that was made, with its password.
#[derive(Debug)]
pub struct Account {
    /// Which actor it is.
    pub role: String,
    /// The address to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
}

/// One account of each actor, each with a random password.
fn accounts(service: &Service) -> Result<Vec<Account>, Failure> {
    let actors = [
        ("enterprise", HERO, "李会计", Role::Owner),
        ("bank", "songyue", "周敏", Role::BankUser),
        ("leasing", "yunling", "陈立", Role::BankUser),
        ("officer", "centre", "王芳", Role::Officer),
        ("department", "tax", "赵强", Role::DepartmentUser),
        ("administrator", "centre", "孙平", Role::Administrator),
    ];
    let add = |(actor, organisation, name, role): (&str, &str, &str, Role)| {
        let email = format!("{actor}@demo.example");
        let password = made_up();
        let secret = Secret::new(password.clone());
        users::add(
            service,
            NewUser {
                organisation,
                email: &email,
                name,
                role,
                password: &secret,
            },
        )?;
        Ok(Account {
            role: actor.to_owned(),
            email,
            password,
        })
    };
    actors.into_iter().map(add).collect()
}
