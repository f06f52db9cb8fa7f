//! Joining, as tests need it: forms with files, links out of the outbox, and rows to begin with.

use super::app::{PASSWORD, TestApp};
use super::samples::{add_organisation, day};
use diesel::prelude::*;
use rongqiao::actions::invitations::{self, Invite};
use rongqiao::actions::registrations::{self, Submission};
use rongqiao::actions::users::{self, NewUser};
use rongqiao::config::Secret;
use rongqiao::domain::actor::{Actor, OrganisationKind, Role};
use rongqiao::domain::attachment::Upload;
use rongqiao::domain::codes::{Code, Owner};
use rongqiao::domain::registration::RegistrationForm;
use rongqiao::domain::uscc::Uscc;
use rongqiao::store::{AnyConnection, StoreError, accounts};
use uuid::Uuid;

/// The smallest that looks like a PDF, a PNG and a JPEG.
pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

const BOUNDARY: &str = "a-line-between-parts";
/// The content type of [`multipart`].
pub const MULTIPART: &str = "multipart/form-data; boundary=a-line-between-parts";

/// A form's parts as a body: name, name of the file where it is one, content.
pub fn multipart(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

/// A credit code that is nobody's: one for each number.
pub fn uscc(number: u32) -> Uscc {
    Uscc::with_checks(&format!("91410106{number:08}")).expect("a credit code")
}

/// The links that were put into the outbox for an address, oldest first.
pub fn links(app: &TestApp, email: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        link: String,
    }
    let sql = format!("SELECT link FROM outbox WHERE email = '{email}' AND link IS NOT NULL ORDER BY created_at");
    let read = |conn: &mut AnyConnection| {
        let query = diesel::sql_query(&sql);
        let lines: Vec<Line> = match conn {
            AnyConnection::Sqlite(conn) => query.load(conn)?,
            AnyConnection::Postgres(conn) => query.load(conn)?,
        };
        Ok::<_, StoreError>(lines)
    };
    let lines = app.service.store.read(read).expect("they are read");
    lines.into_iter().map(|line| line.link).collect()
}

/// The newest link that was put into the outbox for an address.
pub fn newest_link(app: &TestApp, email: &str) -> String {
    links(app, email).pop().expect("a link")
}

/// The token of a link.
pub fn token_of(link: &str) -> String {
    link.split_once("token=").expect("a token").1.to_owned()
}

/// What is filled in to register `示例新企业` with a credit code.
pub fn form(uscc: &str) -> RegistrationForm {
    RegistrationForm {
        uscc: uscc.to_owned(),
        enterprise_name: "示例新企业有限公司".to_owned(),
        industry: "35".to_owned(),
        town: "410106001".to_owned(),
        person: "刘新".to_owned(),
        owners: Owner::ALL.to_vec(),
        text_version: Some(1),
        until: Some(day("2027-06-30")),
    }
}

/// Registers up to where an officer decides: the registration's id.
pub fn registered(app: &TestApp, email: &str, uscc: &str) -> Uuid {
    registrations::begin(&app.service, email, None).expect("a link is mailed");
    let file = |name: &str| Upload {
        name: name.to_owned(),
        content: PDF.to_vec(),
    };
    let submission = Submission {
        token: Secret::new(token_of(&newest_link(app, email))),
        form: form(uscc),
        password: Secret::new(PASSWORD.to_owned()),
        licence: file("营业执照.pdf"),
        letter: file("授权函.pdf"),
    };
    registrations::submit(&app.service, submission, None).expect("it waits")
}

/// A signed-in user, as actions know it.
pub fn actor(app: &TestApp, name: &str) -> Actor {
    let email = format!("{name}@example.com").parse().expect("an address");
    let found = app.service.store.read(|conn| accounts::by_email(conn, &email));
    found.expect("the user is there").actor
}

/// One more user `name@example.com`: its id.
pub fn add_user(app: &TestApp, name: &str, organisation: &str, role: Role) -> Uuid {
    let email = format!("{name}@example.com");
    let new = NewUser {
        organisation,
        email: &email,
        name,
        role,
        password: &Secret::new(PASSWORD.to_owned()),
    };
    users::add(&app.service, new).expect("added")
}

/// Another department, with a user of the same name.
pub fn add_department(app: &TestApp, code: &str) {
    let (kind, clock) = (OrganisationKind::Department, app.clock.as_ref());
    let put = |conn: &mut AnyConnection| Ok::<_, StoreError>(add_organisation(conn, code, kind, clock));
    app.service.store.write(put).expect("it is put");
    add_user(app, code, code, Role::DepartmentUser);
}

/// Invites an address as a member of the first enterprise: the invitation's id.
pub fn invited(app: &TestApp, email: &str) -> Uuid {
    let new = Invite {
        organisation: None,
        email,
        role: Role::Member,
    };
    invitations::invite(&app.service, &actor(app, "owner"), new, None).expect("invited")
}

/// The owners' codes, as a form has them.
pub fn owner_codes() -> Vec<&'static str> {
    Owner::ALL.iter().map(|owner| owner.code()).collect()
}
