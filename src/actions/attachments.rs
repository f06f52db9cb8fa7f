//! Files: looked at by their content, kept with what they belong to, given out again to who may see that.

use super::digest::sha256_hex;
use super::once::{self, OnceKey};
use super::{ActionError, Service, may_do, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::attachment::{AttachmentPurpose, MediaType, Upload, file_name};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::place::Place;
use crate::store::attachments::{self, NewAttachment, Of};
use crate::store::audit;
use uuid::Uuid;

pub use crate::store::attachments::StoredAttachment;

/// A file whose content is of a kind that is taken.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    name: String,
    media_type: MediaType,
    sha256: String,
    content: Vec<u8>,
}

/// Looks at a file's content, whatever its name says.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn checked(upload: Upload, most_kib: usize) -> Result<Checked, Rule> {
    if upload.content.is_empty() {
        return Err(Rule::Required);
    }
    if upload.content.len() > most_kib * 1024 {
        return Err(Rule::FileSize(most_kib));
    }
    let found = infer::get(&upload.content).and_then(|found| MediaType::find(found.mime_type()));
    let media_type = found.ok_or(Rule::FileKind)?;
    Ok(Checked {
        name: file_name(&upload.name, media_type),
        media_type,
        sha256: sha256_hex(&upload.content),
        content: upload.content,
    })
}

impl Checked {
    /// As it is kept.
    pub(super) fn for_purpose(&self, purpose: AttachmentPurpose) -> NewAttachment<'_> {
        NewAttachment {
            purpose,
            name: &self.name,
            media_type: self.media_type,
            sha256: &self.sha256,
            content: &self.content,
        }
    }
}

/// Keeps a file of the actor's organisation, and gives its id.
///
/// # Errors
/// [`ActionError::Forbidden`] for who hands in none, [`ActionError::Invalid`] for a file that is not taken or
/// one too many.
pub fn add(service: &Service, actor: &Actor, upload: Upload, key: Option<&OnceKey>) -> Result<Uuid, ActionError> {
    may_do(actor, Right::KeepAttachments)?;
    let limits = &service.settings.limits;
    let mut problems = Problems::default();
    let file = problems.take("file", checked(upload, limits.attachment_kib));
    let Some(file) = file else { return Err(problems.into()) };
    let clock = service.clock.as_ref();
    once::write(service, key, |conn| {
        if attachments::count(conn, actor.organisation_id)? >= limits.attachments {
            return Err(Problem {
                field: "file".to_owned(),
                rule: Rule::TooMany(limits.attachments),
            }
            .into());
        }
        let of = Of::Organisation(actor.organisation_id, actor.user_id);
        let id = attachments::insert(conn, of, &file.for_purpose(AttachmentPurpose::Material), clock)?;
        let entry = AuditEntry {
            action: AuditAction::AttachmentAdded,
            subject: format!("attachment:{id}"),
            before: None,
            after: Some(file.media_type.to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        Ok(id)
    })
}

/// The files of the actor's organisation, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] for who sees none.
pub fn list(
    service: &Service,
    actor: &Actor,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredAttachment>, ActionError> {
    let scope = may_see(actor, Right::ViewAttachments)?;
    Ok(service
        .store
        .read(|conn| attachments::list(conn, &scope, before, limit))?)
}

/// A file with its content; that it was given out stands in the audit.
///
/// # Errors
/// [`ActionError::NotFound`] for a file that is not the actor's organisation's, nor of a registration that the
/// actor decides.
pub fn read(service: &Service, actor: &Actor, id: Uuid) -> Result<(StoredAttachment, Vec<u8>), ActionError> {
    let scope = may_see(actor, Right::ViewAttachments)?;
    service.store.write(|conn| {
        let found = attachments::with_content(conn, &scope, id)?;
        let entry = AuditEntry {
            action: AuditAction::AttachmentRead,
            subject: format!("attachment:{id}"),
            before: None,
            after: None,
        };
        audit::append(conn, actor, &entry, service.clock.as_ref())?;
        Ok(found)
    })
}
