//! An enterprise's first user asks to register: an address is proven first, then the form is taken.
//!
//! Nobody learns from an answer whether an address has an account or a credit code is taken: the answer and
//! the work are the same, and what there is to say goes to the address, or to the officer.

use super::attachments::checked;
use super::sign_in::{token, token_hash};
use super::{ActionError, Service};
use crate::clock::Clock;
use crate::config::Secret;
use crate::domain::actor::Role;
use crate::domain::attachment::{AttachmentPurpose, Upload};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::email::Email;
use crate::domain::invalid::Problem;
use crate::domain::link::LinkPurpose;
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::password::Whose;
use crate::domain::registration::{Applicant, Registration, RegistrationForm};
use crate::store::attachments::{self, Of};
use crate::store::links::{self, NewLink};
use crate::store::{AnyConnection, StoreError, audit, organisations, outbox, registrations, users};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How long an address that was just sent a link is sent no other: nobody fills another's mailbox.
pub(super) const BETWEEN_LINKS: TimeDelta = TimeDelta::minutes(1);

/// What somebody without an account did, for the audit.
pub(super) fn entry(action: AuditAction, subject: String) -> AuditEntry {
    AuditEntry {
        action,
        subject,
        before: None,
        after: None,
    }
}

/// Mails a link to an address that wants to register, or says there that it has an account.
///
/// # Errors
/// [`ActionError::Invalid`] for what is no address.
pub fn begin(service: &Service, email: &str, origin: Option<&str>) -> Result<(), ActionError> {
    let email: Email = email.parse().map_err(|rule| Problem {
        field: "email".to_owned(),
        rule,
    })?;
    let (clock, hours) = (service.clock.as_ref(), service.settings.joining.verify_hours);
    let (token, now) = (token(service), clock.now());
    let hash = token_hash(&token);
    service.store.write(|conn| {
        if links::was_made_after(conn, LinkPurpose::Registration, &email, now - BETWEEN_LINKS)? {
            return Ok(());
        }
        let link = NewLink {
            purpose: LinkPurpose::Registration,
            email: &email,
            token_hash: &hash,
            expires_at: now + TimeDelta::hours(hours.into()),
        };
        links::put(conn, &link, now)?;
        let (topic, link) = if users::has_address(conn, &email)? {
            // The link above was told to nobody.
            (Topic::AlreadyRegistered, "/login".to_owned())
        } else {
            (Topic::RegistrationLink, format!("/register/form?token={token}"))
        };
        let message = Message {
            event: format!("registration:{}", clock.new_id()),
            to: Recipient::Address(email.to_string()),
            topic,
            parameters: BTreeMap::from([("hours".to_owned(), hours.to_string())]),
            link: Some(link),
        };
        outbox::put(conn, &message, clock)?;
        let begun = entry(AuditAction::RegistrationBegun, "registration:begun".to_owned());
        Ok(audit::append_unknown(conn, origin, &begun, clock)?)
    })
}

/// The address that a link proves, to be shown above the form.
///
/// # Errors
/// [`ActionError::NotFound`] where the link was used, replaced, or has ended.
pub fn proven(service: &Service, token: &Secret) -> Result<Email, ActionError> {
    let now = service.clock.now();
    let hash = token_hash(token.expose());
    Ok(service
        .store
        .read(|conn| links::find(conn, LinkPurpose::Registration, &hash, now))?)
}

/// Everything that is handed in with a form.
pub struct Submission {
    /// The token of the link.
    pub token: Secret,
    /// What was filled in.
    pub form: RegistrationForm,
    /// The password that was chosen.
    pub password: Secret,
    /// The business licence.
    pub licence: Upload,
    /// The letter with the seal.
    pub letter: Upload,
}

/// Takes a registration: it waits for an officer. A credit code that somebody speaks for already is taken
/// like any other; the officer sees that it is a second claim.
///
/// # Errors
/// [`ActionError::NotFound`] where the link is no good any more, [`ActionError::Invalid`] with every field
/// that breaks a rule, the link then still being good.
pub fn submit(service: &Service, submission: Submission, origin: Option<&str>) -> Result<Uuid, ActionError> {
    let Submission {
        token,
        form,
        password,
        licence,
        letter,
    } = submission;
    let email = proven(service, &token)?;
    let (clock, settings) = (service.clock.as_ref(), &service.settings);
    let mut problems = crate::domain::invalid::Problems::default();
    let parsed = Registration::parse(&form, clock.today())
        .map_err(|more| problems.extend(more))
        .ok();
    let licence = problems.take("licence", checked(licence, settings.limits.attachment_kib));
    let letter = problems.take("letter", checked(letter, settings.limits.attachment_kib));
    let whose = Whose {
        email: email.as_str(),
        name: &form.person,
    };
    let hash = service.hash_new(&password, whose, &mut problems)?;
    let (Some(parsed), Some(licence), Some(letter), Some(hash)) = (parsed, licence, letter, hash) else {
        return Err(problems.into());
    };
    let link_hash = token_hash(token.expose());
    let district = settings.site.district_code.as_str();
    service.store.write(|conn| {
        let email = links::take(conn, LinkPurpose::Registration, &link_hash, clock.now())?;
        let who = Applicant {
            email: &email,
            password_hash: &hash,
        };
        let id = registrations::insert(conn, &parsed, who, district, clock)?;
        let of = Of::Registration(id);
        attachments::insert(conn, of, &licence.for_purpose(AttachmentPurpose::Licence), clock)?;
        attachments::insert(conn, of, &letter.for_purpose(AttachmentPurpose::Letter), clock)?;
        tell(conn, id, &parsed, &email, district, clock)?;
        let submitted = entry(AuditAction::RegistrationSubmitted, format!("registration:{id}"));
        audit::append_unknown(conn, origin, &submitted, clock)?;
        Ok(id)
    })
}

/// Tells who registers that it was received, and the district's officers that something waits.
fn tell(
    conn: &mut AnyConnection,
    id: Uuid,
    registration: &Registration,
    email: &Email,
    district: &str,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let parameters = BTreeMap::from([
        ("enterprise".to_owned(), registration.enterprise_name.to_string()),
        ("uscc".to_owned(), registration.uscc.to_string()),
        ("person".to_owned(), registration.person.to_string()),
    ]);
    let received = Message {
        event: format!("registration:{id}:received"),
        to: Recipient::Address(email.to_string()),
        topic: Topic::RegistrationReceived,
        parameters: parameters.clone(),
        link: None,
    };
    outbox::put(conn, &received, clock)?;
    let centre = match organisations::centre(conn, district) {
        Ok(centre) => centre,
        // A registration is kept for the officers who are still to come.
        Err(StoreError::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    for officer in users::active_with_role(conn, centre.id, Role::Officer)? {
        let waiting = Message {
            event: format!("registration:{id}:waiting"),
            to: Recipient::Account(officer),
            topic: Topic::RegistrationWaiting,
            parameters: parameters.clone(),
            link: Some(format!("/centre/registrations/{id}")),
        };
        outbox::put(conn, &waiting, clock)?;
    }
    Ok(())
}
