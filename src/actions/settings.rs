//! The settings in force, and those that are changed while the service runs. These stand in the database as versions of
//! their part, for one district; where nothing was changed, the files' values stand. What is bound by a setting reads it
//! in its own transaction, so every node sees a change at once, and what was done keeps the deadline that it got.

use super::{ActionError, Service, may_do, may_see};
use crate::config::{self, AccountRules, CeilingKind, Config, DeskRules};
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::{Code, Kind};
use crate::domain::invalid::{Problems, Rule};
use crate::domain::setting::SettingPart;
use crate::store::settings::{self, NewChange};
use crate::store::{AnyConnection, StoreError, audit};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crate::config::Setting;
pub use crate::store::settings::{Changed, Kept};

/// How many changes of a part are shown.
const CHANGES: i64 = 50;
/// The most working days or days that a deadline of the desk may have.
const MOST_DAYS: u32 = 366;
/// How far over the LPR a ceiling may lie, in bp, and how much of it, in percent.
const OVER_LPR_BP: (i64, i64) = (-300, 2_000);
const OF_LPR_PCT: (i64, i64) = (50, 500);
/// The least and most days for which a rejected registration is kept.
const KEPT_DAYS: (u32, u32) = (1, 3_660);

/// Settings that are changed together while the service runs.
pub trait Rules: Clone + PartialEq + Serialize + DeserializeOwned + 'static {
    /// Their part.
    const PART: SettingPart;
    /// Who changes them.
    const RIGHT: Right;
    /// What the files say.
    fn of(config: &Config) -> Self;
    /// Puts them in the place of the files'.
    fn put(self, config: &mut Config);
    /// Notes every rule that they break.
    fn check(&self, problems: &mut Problems);
}

impl Rules for DeskRules {
    const PART: SettingPart = SettingPart::Desk;
    const RIGHT: Right = Right::KeepDeskRules;

    fn of(config: &Config) -> Self {
        Self::of(&config.desk)
    }

    fn put(self, config: &mut Config) {
        config.desk = self.on(&config.desk);
    }

    fn check(&self, problems: &mut Problems) {
        for (field, days) in [
            ("answer_days", self.answer_days),
            ("signing_days", self.signing_days),
            ("validity_days", self.validity_days),
            ("decide_days", self.decide_days),
            ("dispute_days", self.dispute_days),
        ] {
            problems.check(!(1..=MOST_DAYS).contains(&days), field, || Rule::OutOfRange {
                min: 1,
                max: MOST_DAYS.into(),
            });
        }
        for (at, ceiling) in self.ceilings.iter().enumerate() {
            let field = format!("ceilings[{at}]");
            let again = self.ceilings.iter().take(at).any(|other| other.kind == ceiling.kind);
            problems.check(again, &field, || {
                let kind = Kind::ALL.iter().find(|kind| CeilingKind::from(**kind) == ceiling.kind);
                Rule::Duplicate(kind.map_or("", |kind| kind.code()).to_owned())
            });
            let (set, (min, max)) = match (ceiling.lpr_plus_bp, ceiling.lpr_factor_pct) {
                (Some(bp), None) => (bp, OVER_LPR_BP),
                (None, Some(percent)) => (percent, OF_LPR_PCT),
                _ => {
                    problems.add(&field, Rule::Count { min: 1, max: 1 });
                    continue;
                }
            };
            problems.check(!(min..=max).contains(&set), &field, || Rule::OutOfRange { min, max });
        }
    }
}

impl Rules for AccountRules {
    const PART: SettingPart = SettingPart::Accounts;
    const RIGHT: Right = Right::KeepAccountRules;

    fn of(config: &Config) -> Self {
        Self::of(&config.auth, &config.joining)
    }

    fn put(self, config: &mut Config) {
        Self::put(&self, &mut config.auth, &mut config.joining);
    }

    fn check(&self, problems: &mut Problems) {
        let (min, max) = KEPT_DAYS;
        let is_kept = (min..=max).contains(&self.rejected_days);
        problems.check(!is_kept, "rejected_days", || Rule::OutOfRange {
            min: min.into(),
            max: max.into(),
        });
    }
}

impl From<Kind> for CeilingKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Specialised => Self::Specialised,
            Kind::Plant => Self::Plant,
            Kind::TechUpgrade => Self::TechUpgrade,
            Kind::FinanceLease => Self::FinanceLease,
            Kind::Relay => Self::Relay,
            Kind::AnnualReview => Self::AnnualReview,
            Kind::Revolving => Self::Revolving,
        }
    }
}

/// What is in force in a district, and which version of it; 0 where nothing was changed.
fn in_force<R: Rules>(conn: &mut AnyConnection, service: &Service, district_code: &str) -> Result<Kept<R>, StoreError> {
    let newest = settings::newest(conn, district_code, R::PART)?;
    Ok(newest.unwrap_or_else(|| Kept {
        version: 0,
        rules: R::of(&service.settings),
    }))
}

/// The settings of a district's desk.
pub(super) fn desk(
    conn: &mut AnyConnection,
    service: &Service,
    district_code: &str,
) -> Result<config::Desk, StoreError> {
    let rules: DeskRules = in_force(conn, service, district_code)?.rules;
    Ok(rules.on(&service.settings.desk))
}

/// What a district's administrator set for accounts.
pub(super) fn accounts(
    conn: &mut AnyConnection,
    service: &Service,
    district_code: &str,
) -> Result<AccountRules, StoreError> {
    Ok(in_force(conn, service, district_code)?.rules)
}

/// Every setting in force in the actor's district, secrets hidden.
///
/// # Errors
/// [`ActionError::NotFound`] for who may not see them.
pub fn show(service: &Service, actor: &Actor) -> Result<Vec<Setting>, ActionError> {
    may_see(actor, Right::ViewSettings)?;
    let mut config = (*service.settings).clone();
    service.store.read(|conn| {
        Rules::put(
            in_force::<DeskRules>(conn, service, &actor.district_code)?.rules,
            &mut config,
        );
        Rules::put(
            in_force::<AccountRules>(conn, service, &actor.district_code)?.rules,
            &mut config,
        );
        Ok::<_, ActionError>(())
    })?;
    config.in_force().map_err(ActionError::internal)
}

/// A part as it is in force, and how it came to be.
#[derive(Clone, Debug)]
pub struct Part<R> {
    /// The version and the settings.
    pub kept: Kept<R>,
    /// The changes, the newest first.
    pub changes: Vec<Changed<R>>,
}

/// A part of the actor's district.
///
/// # Errors
/// [`ActionError::NotFound`] for who does not keep it.
pub fn part<R: Rules>(service: &Service, actor: &Actor) -> Result<Part<R>, ActionError> {
    may_see(actor, R::RIGHT)?;
    service.store.read(|conn| {
        Ok(Part {
            kept: in_force(conn, service, &actor.district_code)?,
            changes: settings::changes(conn, &actor.district_code, R::PART, CHANGES)?,
        })
    })
}

/// Changes a part of the actor's district as a whole. `version` is the one that was seen; none: whichever it is.
///
/// # Errors
/// [`ActionError::Forbidden`] for who does not keep it, [`ActionError::Invalid`] for what breaks a rule,
/// [`ActionError::Stale`] where somebody else was faster.
pub fn change<R: Rules>(
    service: &Service,
    actor: &Actor,
    version: Option<i32>,
    new: &R,
) -> Result<Kept<R>, ActionError> {
    may_do(actor, R::RIGHT)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let old: Kept<R> = in_force(conn, service, &actor.district_code)?;
        if version.is_some_and(|seen| seen != old.version) {
            return Err(ActionError::Stale);
        }
        let mut problems = Problems::default();
        new.check(&mut problems);
        problems.or(())?;
        if old.rules == *new {
            return Ok(old);
        }
        let change = NewChange {
            district_code: &actor.district_code,
            part: R::PART,
            version: old.version + 1,
            before: &old.rules,
            after: new,
            by: actor.user_id,
        };
        settings::insert(conn, &change, clock)?;
        let json = |rules: &R| serde_json::to_string(rules).map_err(ActionError::internal);
        let entry = AuditEntry {
            action: AuditAction::SettingChanged,
            subject: format!("settings:{}", R::PART),
            before: Some(json(&old.rules)?),
            after: Some(json(new)?),
        };
        audit::append(conn, actor, &entry, clock)?;
        Ok(Kept {
            version: old.version + 1,
            rules: new.clone(),
        })
    })
}
