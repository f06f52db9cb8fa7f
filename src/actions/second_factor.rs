//! The second factor: set up, asked for when signing in, taken away.
//!
//! Its secret is shown once, when it is made, and kept sealed; recovery codes are shown once and kept hashed.

use super::digest::sha256_hex;
use super::guesses::{self, Target};
use super::sealing::ALGORITHM;
use super::sign_in::{Recognised, entry, is_own};
use super::{ActionError, Service, may_see, settings};
use crate::config::Secret;
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::invalid::{Problem, Rule};
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::second_factor::{Factor, Needed, RECOVERY_CODES, SECRET_BYTES, Typed, recovery_code};
use crate::domain::session::Due;
use crate::store::second_factors::{self as store, Sealed, StoredFactor};
use crate::store::{AnyConnection, StoreError, accounts, audit, outbox, sessions, users};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// The page on which users keep their second factor.
pub const PAGE: &str = "/account/second-factor";

/// How long the step between password and code may take.
const BETWEEN_STEPS: TimeDelta = TimeDelta::minutes(5);

/// Whether the actor's role needs one, by what is set in the actor's district now.
fn is_needed(conn: &mut AnyConnection, service: &Service, actor: &Actor) -> Result<bool, StoreError> {
    let rules = settings::accounts(conn, service, &actor.district_code)?;
    let needed = Needed {
        banks: rules.second_factor_banks,
        officers: rules.second_factor_officers,
        administrators: rules.second_factor_administrators,
    };
    Ok(needed.of(actor.role))
}

/// What a user has to do before anything else.
///
/// # Errors
/// When the database fails.
pub(super) fn due(conn: &mut AnyConnection, service: &Service, actor: &Actor) -> Result<Option<Due>, StoreError> {
    let passwords = service.passwords.as_ref();
    if passwords.policy().lifetime.is_some() {
        let set_at = accounts::password_set_at(conn, actor.user_id)?;
        if passwords.is_too_old(set_at, service.clock.now()) {
            return Ok(Some(Due::Password));
        }
    }
    let is_needed = is_needed(conn, service, actor)?;
    let lacks = is_needed && !store::is_confirmed(conn, actor.user_id)?;
    Ok(lacks.then_some(Due::SecondFactor))
}

/// How a user's second factor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Since when it guards; none where there is none.
    pub since: Option<DateTime<Utc>>,
    /// How many recovery codes are left.
    pub codes_left: i64,
    /// Whether the user's role needs one.
    pub is_needed: bool,
}

/// How the actor's second factor stands.
///
/// # Errors
/// When the database fails.
pub fn standing(service: &Service, actor: &Actor) -> Result<Standing, ActionError> {
    Ok(service.store.read(|conn| {
        Ok::<_, StoreError>(Standing {
            since: store::find(conn, actor.user_id)?.and_then(|factor| factor.confirmed_at),
            codes_left: store::count_recovery_codes(conn, actor.user_id)?,
            is_needed: is_needed(conn, service, actor)?,
        })
    })?)
}

/// A secret that was just made: shown once. It prints without it.
pub struct Enrolment {
    /// For the picture that an app reads.
    pub uri: Secret,
    /// For typing into an app.
    pub typed: Secret,
}

/// Makes a secret for the actor, in the place of one that was never confirmed. It takes the password: whoever finds
/// a browser open must not bind a telephone of their own and shut its user out.
///
/// # Errors
/// [`ActionError::Invalid`] for a wrong password, [`ActionError::Stale`] where the actor has a second factor that
/// guards.
pub fn begin(service: &Service, actor: &Actor, password: &Secret) -> Result<Enrolment, ActionError> {
    own_password(service, actor, password)?;
    let email = service.store.read(|conn| accounts::address(conn, actor.user_id))?;
    let random = service.clock.random_bytes();
    let secret: Vec<u8> = random.iter().copied().take(SECRET_BYTES).collect();
    let factor = Factor::new(&secret, &service.settings.site.name, email.as_str()).map_err(ActionError::internal)?;
    let nonce = service.clock.random_bytes();
    let sealed = Sealed {
        algorithm: ALGORITHM.to_owned(),
        text: service.sealer.seal(&subject(actor.user_id), &secret, &nonce)?,
    };
    let now = service.clock.now();
    service
        .store
        .write(|conn| store::begin(conn, actor.user_id, &sealed, now))?;
    Ok(Enrolment {
        uri: Secret::new(factor.uri().map_err(ActionError::internal)?),
        typed: Secret::new(factor.typed()),
    })
}

/// What a user's secret is sealed as, and what the audit log names.
fn subject(user_id: Uuid) -> String {
    format!("account:{user_id}")
}

/// The factor behind a sealed secret.
fn unsealed(service: &Service, user_id: Uuid, stored: &StoredFactor) -> Result<Factor, ActionError> {
    if stored.sealed.algorithm != ALGORITHM {
        return Err(ActionError::internal(
            "a second factor is sealed with something unknown",
        ));
    }
    let secret = service.sealer.open(&subject(user_id), &stored.sealed.text)?;
    let secret = secret.ok_or_else(|| ActionError::internal("a second factor was sealed with another key"))?;
    Factor::new(&secret, "", "").map_err(ActionError::internal)
}

/// Makes the secret guard from now on, by a code of it; gives the recovery codes, which are shown once.
///
/// # Errors
/// [`ActionError::Invalid`] for a wrong code, [`ActionError::Stale`] where nothing is being set up.
pub fn confirm(service: &Service, actor: &Actor, code: &Secret) -> Result<Vec<String>, ActionError> {
    let (clock, now) = (service.clock.as_ref(), service.clock.now());
    let stored = service.store.read(|conn| store::find(conn, actor.user_id))?;
    let stored = stored.filter(|factor| factor.confirmed_at.is_none());
    let stored = stored.ok_or(ActionError::Stale)?;
    let factor = unsealed(service, actor.user_id, &stored)?;
    let step = match Typed::from(code.expose()) {
        Typed::Code(code) => factor.step(&code, now),
        Typed::Recovery(_) => None,
    };
    let step = step.ok_or_else(|| wrong("code", Rule::WrongCode))?;
    let codes = new_codes(service);
    service.store.write(|conn| {
        store::confirm(conn, actor.user_id, &stored.sealed, step, now)?;
        store::put_recovery_codes(conn, actor.user_id, &hashes(&codes))?;
        tell(conn, service, actor.user_id, "已开启")?;
        audit::append(conn, actor, &entry(AuditAction::SecondFactorOn, actor, None), clock)
    })?;
    Ok(codes)
}

fn wrong(field: &str, rule: Rule) -> ActionError {
    Problem {
        field: field.to_owned(),
        rule,
    }
    .into()
}

fn new_codes(service: &Service) -> Vec<String> {
    (0..RECOVERY_CODES)
        .map(|_| recovery_code(&service.clock.random_bytes()))
        .collect()
}

/// 80 random bits need no slow hash.
fn hashes(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| sha256_hex(code.as_bytes())).collect()
}

/// Tells a user what became of its second factor.
fn tell(conn: &mut AnyConnection, service: &Service, user_id: Uuid, what: &str) -> Result<(), StoreError> {
    let clock = service.clock.as_ref();
    let message = Message {
        event: format!("account:{user_id}:second_factor:{}", clock.new_id()),
        to: Recipient::Account(user_id),
        topic: Topic::SecondFactorChanged,
        parameters: [("what".to_owned(), what.to_owned())].into(),
        link: Some(PAGE.to_owned()),
    };
    outbox::put(conn, &message, clock)
}

fn own_password(service: &Service, actor: &Actor, password: &Secret) -> Result<(), ActionError> {
    if is_own(service, actor, password)? {
        Ok(())
    } else {
        Err(wrong("current", Rule::WrongPassword))
    }
}

/// Takes the actor's second factor away.
///
/// # Errors
/// [`ActionError::Forbidden`] for who needs one, [`ActionError::Invalid`] for a wrong password,
/// [`ActionError::Stale`] where there is none.
pub fn disable(service: &Service, actor: &Actor, password: &Secret) -> Result<(), ActionError> {
    if service.store.read(|conn| is_needed(conn, service, actor))? {
        return Err(ActionError::Forbidden);
    }
    own_password(service, actor, password)?;
    service.store.write(|conn| {
        if is_needed(conn, service, actor)? {
            return Err(ActionError::Forbidden);
        }
        if !store::remove(conn, actor.user_id)? {
            return Err(ActionError::Stale);
        }
        tell(conn, service, actor.user_id, "已关闭")?;
        let entry = entry(AuditAction::SecondFactorOff, actor, None);
        Ok(audit::append(conn, actor, &entry, service.clock.as_ref())?)
    })
}

/// Gives the actor new recovery codes, shown once; those of before are no good any more.
///
/// # Errors
/// [`ActionError::Invalid`] for a wrong password, [`ActionError::Stale`] where there is no second factor.
pub fn renew_codes(service: &Service, actor: &Actor, password: &Secret) -> Result<Vec<String>, ActionError> {
    own_password(service, actor, password)?;
    let codes = new_codes(service);
    service.store.write(|conn| {
        if !store::is_confirmed(conn, actor.user_id)? {
            return Err(ActionError::Stale);
        }
        store::put_recovery_codes(conn, actor.user_id, &hashes(&codes))?;
        tell(conn, service, actor.user_id, "的恢复码已更换")?;
        let entry = entry(AuditAction::RecoveryCodesMade, actor, None);
        Ok(audit::append(conn, actor, &entry, service.clock.as_ref())?)
    })?;
    Ok(codes)
}

/// Takes a user's lost second factor away, and ends everything that the user began. Who needs one sets up another
/// at the next sign-in.
///
/// # Errors
/// [`ActionError::NotFound`] for a user that the actor does not keep, [`ActionError::Forbidden`] for itself: that
/// takes its password, [`ActionError::Stale`] where there is none.
pub fn reset(service: &Service, actor: &Actor, user_id: Uuid) -> Result<(), ActionError> {
    let scope = may_see(actor, Right::KeepUsers)?;
    service.store.write(|conn| {
        let user = users::by_id(conn, &scope, user_id)?;
        if user.id == actor.user_id {
            return Err(ActionError::Forbidden);
        }
        if !store::remove(conn, user.id)? {
            return Err(ActionError::Stale);
        }
        sessions::end_everything(conn, user.id)?;
        tell(conn, service, user.id, &format!("已由{}重置", actor.name))?;
        let entry = AuditEntry {
            action: AuditAction::SecondFactorReset,
            subject: subject(user.id),
            before: Some("on".to_owned()),
            after: Some("off".to_owned()),
        };
        Ok(audit::append(conn, actor, &entry, service.clock.as_ref())?)
    })
}

/// Holds what was typed against the second factor of a user whose password was right, if it has one. Each code is
/// good once.
///
/// # Errors
/// [`ActionError::SecondFactorNeeded`] where nothing was typed, [`ActionError::SecondFactorFailed`] for what is
/// wrong or was used before, [`ActionError::TooManyTries`] after others that were.
pub fn check(service: &Service, user: &Recognised, typed: Option<&Secret>) -> Result<(), ActionError> {
    let user_id = user.actor.user_id;
    let stored = service.store.read(|conn| store::find(conn, user_id))?;
    let Some(stored) = stored.filter(|factor| factor.confirmed_at.is_some()) else {
        return Ok(());
    };
    let typed = typed.ok_or(ActionError::SecondFactorNeeded)?;
    let (clock, now, origin) = (
        service.clock.as_ref(),
        service.clock.now(),
        user.actor.origin.as_deref(),
    );
    let counted = guesses::count(service, &Target::Code(user_id), Some(user_id), origin)?;
    let step = match Typed::from(typed.expose()) {
        Typed::Code(code) => Ok(unsealed(service, user_id, &stored)?.step(&code, now)),
        Typed::Recovery(code) => Err(sha256_hex(code.as_bytes())),
    };
    let right = service.store.write(|conn| {
        let right = match &step {
            Ok(Some(step)) => store::use_step(conn, user_id, *step)?,
            Ok(None) => false,
            Err(hash) => store::use_recovery_code(conn, user_id, hash, now)?,
        };
        if right {
            guesses::was_right(conn, &counted, now)?;
        }
        match (right, &step) {
            (true, Ok(_)) => {}
            (true, Err(_)) => {
                let by_recovery = entry(AuditAction::RecoveryCodeUsed, &user.actor, None);
                audit::append(conn, &user.actor, &by_recovery, clock)?;
            }
            (false, _) => {
                let failed = entry(AuditAction::SignInFailed, &user.actor, Some("second_factor"));
                audit::append(conn, &user.actor, &failed, clock)?;
            }
        }
        Ok::<_, StoreError>(right)
    })?;
    if right {
        Ok(())
    } else {
        Err(ActionError::SecondFactorFailed)
    }
}

/// What has to be done before a program may sign in.
///
/// # Errors
/// [`ActionError::Due`] where something has: it is done on a page.
pub fn nothing_due(service: &Service, user: &Recognised) -> Result<(), ActionError> {
    match service.store.read(|conn| due(conn, service, &user.actor))? {
        Some(due) => Err(ActionError::Due(due)),
        None => Ok(()),
    }
}

/// Says for a while that whoever holds it, in this browser, knew a user's password.
///
/// # Errors
/// When it can't be sealed.
pub fn ticket(service: &Service, user: &Recognised, browser: &str) -> Result<Secret, ActionError> {
    let until = (service.clock.now() + BETWEEN_STEPS).timestamp();
    let said = format!("{} {} {until}", user.actor.user_id, user.stamp);
    let random = service.clock.random_bytes();
    let sealed = service.sealer.seal(&between(browser), said.as_bytes(), &random)?;
    Ok(Secret::new(sealed))
}

fn between(browser: &str) -> String {
    format!("between password and code: {browser}")
}

/// The user of whom a ticket says so, if nothing has ended it since.
///
/// # Errors
/// [`ActionError::NotFound`] for one that is too old, of another browser, or none at all.
pub fn by_ticket(
    service: &Service,
    ticket: &Secret,
    browser: &str,
    origin: Option<&str>,
) -> Result<Recognised, ActionError> {
    let said = service.sealer.open(&between(browser), ticket.expose())?;
    let (user_id, stamp, until) = said.as_deref().and_then(read).ok_or(ActionError::NotFound)?;
    let known = service.store.read(|conn| accounts::by_id(conn, user_id))?;
    if !known.active || known.stamp != stamp || service.clock.now().timestamp() >= until {
        return Err(ActionError::NotFound);
    }
    Ok(Recognised {
        actor: Actor {
            origin: origin.map(str::to_owned),
            ..known.actor
        },
        stamp,
    })
}

fn read(said: &[u8]) -> Option<(Uuid, i64, i64)> {
    let mut parts = str::from_utf8(said).ok()?.split(' ');
    let user_id = parts.next()?.parse().ok()?;
    Some((user_id, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
