//! Who has yet to join the demo's district: registrations that wait for an officer, one of them a second claim
//! on the hero, and colleagues of the hero's owner, one still invited. Files are made here, and say that they
//! are samples.

use super::fill::{At, on};
use super::people::People;
use super::{Demo, DemoEnterprise, HERO, HERO_NAME};
use crate::actions::digest::sha256_hex;
use crate::actions::invitations::{self, Invite};
use crate::actions::registrations::{self, Submission};
use crate::actions::sign_in::token;
use crate::actions::users::{self, NewUser};
use crate::actions::{ActionError, Service};
use crate::cli::failure::Failure;
use crate::cli::user::made_up;
use crate::config::Secret;
use crate::domain::actor::Role;
use crate::domain::attachment::Upload;
use crate::domain::codes::{Code, Owner};
use crate::domain::consent::{LONGEST_DAYS, authorisation_text};
use crate::domain::email::Email;
use crate::domain::link::LinkPurpose;
use crate::domain::registration::RegistrationForm;
use crate::domain::uscc::Uscc;
use crate::store::links::{self, NewLink};
use chrono::TimeDelta;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::collections::HashSet;
use std::io::Write;

/// The enterprise that nobody has imported.
const NEWCOMER: &str = "示例新锐精密机械有限公司";

/// Puts them there.
pub(super) fn fill(service: &Service, demo: &Demo, people: &People) -> Result<(), Failure> {
    let today = service.clock.today();
    let asking: HashSet<Uscc> = demo.requests.iter().map(|request| request.uscc).collect();
    let imported = demo.enterprises.iter().find(|one| !asking.contains(&one.uscc));
    let unknown = Uscc::with_checks("91410106MADEM0N0").map_err(|reason| Failure::Other(format!("demo: {reason}")))?;
    let imported = imported.map(|one: &DemoEnterprise| (one.uscc.to_string(), one.name.clone(), "韩经理", "han"));
    let others = [
        (unknown.to_string(), NEWCOMER.to_owned(), "郑经理", "zheng"),
        (HERO.to_owned(), HERO_NAME.to_owned(), "钱先生", "qian"),
    ];
    for (place, (uscc, name, person, mailbox)) in imported.into_iter().chain(others).enumerate() {
        let then = on(service, At::in_the_day(today.plus_days(-1), place * 3));
        let form = RegistrationForm {
            uscc,
            enterprise_name: name,
            industry: "34".to_owned(),
            town: "410106001".to_owned(),
            person: person.to_owned(),
            owners: Owner::ALL.to_vec(),
            text_version: Some(authorisation_text().version),
            until: Some(today.plus_days(LONGEST_DAYS - 30)),
        };
        register(&then, form, &format!("{mailbox}@demo.example"))?;
    }
    colleagues(service, people)
}

/// By the same action as any other, through a link that no mail carried.
fn register(service: &Service, form: RegistrationForm, email: &str) -> Result<(), Failure> {
    let email: Email = email.parse().map_err(|rule| Failure::Other(format!("demo: {rule}")))?;
    let (token, now) = (token(service), service.clock.now());
    let link = NewLink {
        purpose: LinkPurpose::Registration,
        email: &email,
        token_hash: &sha256_hex(token.as_bytes()),
        expires_at: now + TimeDelta::hours(1),
    };
    service.store.write(|conn| links::put(conn, &link, now))?;
    let submission = Submission {
        token: Secret::new(token),
        form,
        password: Secret::new(made_up()),
        licence: Upload {
            name: "营业执照（样张）.png".to_owned(),
            content: picture()?,
        },
        letter: Upload {
            name: "授权函（样张）.pdf".to_owned(),
            content: paper("Letter of authorisation (sample)"),
        },
    };
    registrations::submit(service, submission, None)?;
    Ok(())
}

/// Two who work with the hero's owner, and one who was invited.
fn colleagues(service: &Service, people: &People) -> Result<(), Failure> {
    for (mailbox, name, role) in [("member", "吴工", Role::Member), ("reader", "冯会计", Role::Reader)] {
        let email = format!("{mailbox}@demo.example");
        let new = NewUser {
            organisation: HERO,
            email: &email,
            name,
            role,
            password: &Secret::new(made_up()),
        };
        users::add(service, new)?;
    }
    let owner = people.of(HERO).ok_or(ActionError::NotFound)?;
    let new = Invite {
        organisation: None,
        email: "invited@demo.example",
        role: Role::Member,
    };
    invitations::invite(service, owner, new, None)?;
    Ok(())
}

/// A page with one line of plain letters, as PDF 1.4.
fn paper(words: &str) -> Vec<u8> {
    let shown = format!("BT /F1 20 Tf 60 760 Td ({words}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{shown}\nendstream", shown.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        table += &*format!("{:010} 00000 n \n", pdf.len());
        pdf += &*format!("{number} 0 obj{object}endobj\n");
    }
    let start = pdf.len();
    pdf += &table;
    pdf += &*format!(
        "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    pdf.into_bytes()
}

/// A sheet with a frame, as PNG: grey, 8 bits.
fn picture() -> std::io::Result<Vec<u8>> {
    const WIDTH: u32 = 420;
    const HEIGHT: u32 = 297;
    const FRAME: u32 = 12;
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
    for y in 0..HEIGHT {
        // No filter.
        rows.write_all(&[0])?;
        let is_frame = |at: u32, size: u32| at < FRAME || at >= size - FRAME;
        let row: Vec<u8> = (0..WIDTH)
            .map(|x| {
                if is_frame(x, WIDTH) || is_frame(y, HEIGHT) {
                    0x8c
                } else {
                    0xf4
                }
            })
            .collect();
        rows.write_all(&row)?;
    }
    let mut head = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    head.extend([8, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", head), (b"IDAT", rows.finish()?), (b"IEND", Vec::new())] {
        png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
        let mut check = flate2::Crc::new();
        for part in [kind.as_slice(), data.as_slice()] {
            png.extend_from_slice(part);
            check.update(part);
        }
        png.extend(check.sum().to_be_bytes());
    }
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_what_they_say() {
        let png = picture().expect("written");
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\xa4\0\0\x01\x29\x08"));
        // The check of an empty IEND is well known.
        assert!(png.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"));
        let pdf = String::from_utf8(paper("a")).expect("plain");
        let start: usize = pdf
            .lines()
            .rev()
            .nth(1)
            .and_then(|line| line.parse().ok())
            .expect("a place");
        assert!(
            pdf[start..].starts_with("xref\n0 6\n"),
            "the table is where the end says"
        );
        let first: usize = pdf[start..]
            .lines()
            .nth(3)
            .and_then(|line| line[..10].parse().ok())
            .expect("a place");
        assert!(pdf[first..].starts_with("1 0 obj"));
    }
}
