//! The rows of joining: registrations, files, invitations, users, organisations, settings.

use crate::support::app::TestApp;
use crate::support::factor::enrolled;
use crate::support::joining::{PDF, actor, add_user, invited, registered, uscc};
use rongqiao::actions::{approvals, attachments};
use rongqiao::domain::actor::Role;
use rongqiao::domain::attachment::Upload;
use serde_json::{Value, json};
use uuid::Uuid;

pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "GET",
        "/api/v1/registrations",
        "401 404 404 404 404 404 404 200 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/registrations/{registration}",
        "401 404 404 404 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/registrations/{registration}/approve",
        "401 404 404 404 404 404 404 204 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/registrations/{registration}/reject",
        "401 404 404 404 404 404 404 409 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/registrations/{undecided}/reject",
        "401 404 404 404 404 404 404 204 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/registrations/{missing}/reject",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/attachments",
        "401 200 200 200 200 404 404 200 200 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/attachments",
        "401 201 201 403 201 403 403 403 403 403 403 403 401 401",
    ),
    (
        "GET",
        "/api/v1/attachments/{file}",
        "401 200 200 200 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/attachments/{letter}",
        "401 404 404 404 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/attachments/{missing}",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/invitations",
        "401 200 404 404 200 404 404 200 200 404 404 200 401 401",
    ),
    // An owner names no organisation; officers and administrators have to.
    (
        "POST",
        "/api/v1/invitations",
        "401 201 403 403 201 403 403 422 422 403 403 422 401 401",
    ),
    (
        "POST",
        "/api/v1/invitations/{invitation}/withdraw",
        "401 204 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/users",
        "401 200 404 404 200 404 404 404 404 404 404 200 401 401",
    ),
    // What an enterprise's users are is its owners' to say.
    (
        "POST",
        "/api/v1/users/{spare}/role",
        "401 204 404 404 404 404 404 404 404 404 404 422 401 401",
    ),
    (
        "POST",
        "/api/v1/users/{spare}/disable",
        "401 204 404 404 404 404 404 404 404 404 404 409 401 401",
    ),
    (
        "POST",
        "/api/v1/users/{spare}/enable",
        "401 204 404 404 404 404 404 404 404 404 404 409 401 401",
    ),
    // One's own takes the password, on a page.
    (
        "POST",
        "/api/v1/users/{spare}/second-factor/reset",
        "401 204 404 404 404 404 404 404 404 404 404 409 401 401",
    ),
    (
        "POST",
        "/api/v1/users/{missing}/second-factor/reset",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/users/{missing}/disable",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/organisations",
        "401 404 404 404 404 404 404 200 200 404 404 200 401 401",
    ),
    (
        "POST",
        "/api/v1/organisations",
        "401 403 403 403 403 403 403 403 403 403 403 201 401 401",
    ),
    (
        "GET",
        "/api/v1/organisations/BANKA",
        "401 404 404 404 404 404 404 200 404 404 404 200 401 401",
    ),
    (
        "GET",
        "/api/v1/organisations/missing",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/settings",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
];

/// Open to whoever has a link, or asks for one.
pub const FOR_ANYONE: &[(&str, &str)] = &[
    ("POST", "/api/v1/registrations"),
    ("POST", "/api/v1/registrations/submit"),
    ("POST", "/api/v1/invitations/accept"),
    ("POST", "/api/v1/password-resets"),
    ("POST", "/api/v1/password-resets/complete"),
];

/// The rows that the paths name.
pub struct Objects {
    pub registration: Uuid,
    undecided: Uuid,
    letter: Uuid,
    pub file: Uuid,
    invitation: Uuid,
    spare: Uuid,
}

impl Objects {
    pub fn make(app: &TestApp) -> Self {
        let registration = registered(app, "new@example.com", uscc(1).as_str());
        let undecided = registered(app, "newer@example.com", uscc(2).as_str());
        let dossier = approvals::show(&app.service, &actor(app, "officer"), registration).expect("it is there");
        let upload = Upload {
            name: "a.pdf".to_owned(),
            content: PDF.to_vec(),
        };
        let spare = add_user(app, "spare", "E0", Role::Member);
        enrolled(app, "spare");
        Self {
            registration,
            undecided,
            letter: dossier.files[0].id,
            file: attachments::add(&app.service, &actor(app, "owner"), upload, None).expect("kept"),
            invitation: invited(app, "invited@example.com"),
            spare,
        }
    }

    pub fn fill(&self, path: &str) -> String {
        path.replace("{registration}", &self.registration.to_string())
            .replace("{undecided}", &self.undecided.to_string())
            .replace("{letter}", &self.letter.to_string())
            .replace("{file}", &self.file.to_string())
            .replace("{invitation}", &self.invitation.to_string())
            .replace("{spare}", &self.spare.to_string())
    }
}

/// What is posted, as JSON.
pub fn body(path: &str) -> Option<Value> {
    match path.rsplit('/').next() {
        Some("approve") => Some(json!({"second_claim": false})),
        Some("reject") => Some(json!({"reason": "授权函未盖章"})),
        Some("invitations") => Some(json!({"email": "another@example.com", "role": "member"})),
        Some("role") => Some(json!({"role": "reader"})),
        Some("organisations") => Some(json!({"code": "newbank", "kind": "bank", "name": "示例新银行"})),
        _ => None,
    }
}
