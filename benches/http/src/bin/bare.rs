//! The handlers that the service is compared with: `bare ADDRESS DATABASE PAGE_BYTES MATCH_ID`.
//!
//! actix-web and diesel over a copy of the service's SQLite database, and nothing around them. Each reads or writes the
//! rows that the service reads or writes for the same request, the session's and the user's among them, in one
//! transaction, with the service's settings of SQLite and its number of connections and threads. What needs no rows is
//! left out: no rights, no limits, no engine, no log. The page parses the stored match and the products it saw and
//! writes as many bytes of escaped rows of them as the service's page has (PAGE_BYTES); a submission stores the inputs
//! and the result of another match (MATCH_ID).

use actix_web::http::header;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, error, web};
use chrono::{NaiveDateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use http_bench::schema::{
    account, audit, enterprise, fact, holiday, offer, organisation, outbox, product, product_version, referral,
    reminder, request, request_match, session, session_token,
};
use serde_json::{Value, json};
use std::error::Error;
use std::fmt::Write;
use uuid::Uuid;

type Connections = Pool<ConnectionManager<SqliteConnection>>;
type Failure = Box<dyn Error + Send + Sync>;

struct State {
    readers: Connections,
    writer: Connections,
    page_bytes: usize,
    inputs: String,
    result: String,
}

#[derive(Debug)]
struct Pragmas;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Pragmas {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF",
        )
        .map_err(diesel::r2d2::Error::QueryError)
    }
}

fn connections(database: &str, most: u32) -> Result<Connections, Failure> {
    let pool = Pool::builder()
        .max_size(most)
        .test_on_check_out(false)
        .connection_customizer(Box::new(Pragmas));
    Ok(pool.build(ConnectionManager::new(database))?)
}

/// A signed-in user: account, organisation, and their names.
type User = (String, String, String, String, String, String);

fn user_of_token(conn: &mut SqliteConnection, hash: &str) -> QueryResult<User> {
    session_token::table
        .inner_join(session::table.inner_join(account::table.inner_join(organisation::table)))
        .filter(session_token::token_hash.eq(hash))
        .filter(session::expires_at.gt(Utc::now().naive_utc()))
        .select(USER)
        .first(conn)
}

fn user_of_session(conn: &mut SqliteConnection, id: &str) -> QueryResult<User> {
    session::table
        .inner_join(account::table.inner_join(organisation::table))
        .filter(session::id.eq(id))
        .filter(session::expires_at.gt(Utc::now().naive_utc()))
        .select(USER)
        .first(conn)
}

const USER: (
    account::id,
    account::name,
    account::role,
    organisation::id,
    organisation::name,
    organisation::code,
) = (
    account::id,
    account::name,
    account::role,
    organisation::id,
    organisation::name,
    organisation::code,
);

type RequestRow = (
    String,
    String,
    String,
    String,
    Option<String>,
    i32,
    NaiveDateTime,
    String,
);

fn request_of(conn: &mut SqliteConnection, id: &str, organisation_id: &str) -> QueryResult<RequestRow> {
    request::table
        .inner_join(enterprise::table)
        .filter(request::id.eq(id))
        .filter(enterprise::organisation_id.eq(organisation_id))
        .select((
            request::id,
            request::number,
            enterprise::name,
            request::state,
            request::need,
            request::version,
            request::created_at,
            enterprise::id,
        ))
        .first(conn)
}

fn escape(text: &str, page: &mut String) {
    for letter in text.chars() {
        match letter {
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '&' => page.push_str("&amp;"),
            '"' => page.push_str("&quot;"),
            other => page.push(other),
        }
    }
}

fn page(conn: &mut SqliteConnection, hash: &str, id: &str, bytes: usize) -> Result<String, Failure> {
    let user = user_of_token(conn, hash)?;
    let unread: i64 = outbox::table
        .filter(outbox::account_id.eq(&user.0))
        .filter(outbox::read_at.is_null())
        .count()
        .get_result(conn)?;
    let shown = request_of(conn, id, &user.3)?;
    let (inputs, result): (String, String) = request_match::table
        .filter(request_match::request_id.eq(id))
        .order(request_match::run.desc())
        .select((request_match::inputs, request_match::result))
        .first(conn)?;
    let (inputs, result): (Value, Value) = (serde_json::from_str(&inputs)?, serde_json::from_str(&result)?);
    let catalogue = inputs["catalogue"].as_array().ok_or("a match saw products")?;
    let codes: Vec<&str> = catalogue.iter().filter_map(|seen| seen[0].as_str()).collect();
    let products: Vec<(String, i32, String)> = product_version::table
        .inner_join(product::table.inner_join(organisation::table))
        .filter(product::code.eq_any(codes))
        .select((product_version::document, product_version::version, organisation::name))
        .order(product::code)
        .load(conn)?;
    let referrals: Vec<(String, String, Option<NaiveDateTime>, String)> = referral::table
        .inner_join(organisation::table)
        .filter(referral::request_id.eq(id))
        .select((
            referral::products,
            referral::state,
            referral::sent_at,
            organisation::name,
        ))
        .load(conn)?;
    let reminders: Vec<String> = reminder::table
        .filter(reminder::request_id.eq(id))
        .select(reminder::product_code)
        .load(conn)?;
    let holidays: Vec<(chrono::NaiveDate, String)> = holiday::table
        .select((holiday::day, holiday::kind))
        .order(holiday::day)
        .load(conn)?;

    let mut page = String::with_capacity(bytes + 4096);
    write!(
        page,
        "<!doctype html><title>{} {} {unread}</title><table>",
        shown.1, user.4
    )?;
    let documents: Vec<(Value, i32, String)> = products
        .into_iter()
        .map(|(document, version, bank)| Ok((serde_json::from_str(&document)?, version, bank)))
        .collect::<Result<_, serde_json::Error>>()?;
    let known: Vec<&Value> = result.as_object().into_iter().flat_map(|all| all.values()).collect();
    write!(
        page,
        "<tr><td>{}<td>{}<td>{}",
        referrals.len(),
        reminders.len(),
        holidays.len()
    )?;
    'full: loop {
        for (document, version, bank) in &documents {
            for value in [&document["name"], &document["kind"], &document["code"]] {
                page.push_str("<td>");
                escape(value.as_str().unwrap_or_default(), &mut page);
            }
            escape(bank, &mut page);
            write!(page, "<td>{version}<td>{}", known.len())?;
            for criterion in document["criteria"].as_array().into_iter().flatten() {
                page.push_str("<li>");
                escape(criterion["fact"].as_str().unwrap_or_default(), &mut page);
                write!(page, " {} {}", criterion["op"], criterion["value"])?;
            }
            if page.len() >= bytes {
                break 'full;
            }
        }
    }
    Ok(page)
}

fn offers(conn: &mut SqliteConnection, session: &str) -> Result<String, Failure> {
    type Texts = (String, String, String, bool);
    type Row = (
        String,
        String,
        i32,
        i32,
        String,
        NaiveDateTime,
        Texts,
        String,
        String,
        String,
    );
    let user = user_of_session(conn, session)?;
    let rows: Vec<Row> = offer::table
        .inner_join(request::table)
        .inner_join(enterprise::table)
        .inner_join(organisation::table)
        .inner_join(
            product_version::table.on(product_version::product_id
                .eq(offer::product_id)
                .and(product_version::version.eq(offer::product_version))),
        )
        .filter(offer::bank_id.eq(&user.3))
        .order((offer::submitted_at.desc(), offer::id.desc()))
        .limit(51)
        .select((
            offer::id,
            offer::number,
            offer::revision,
            offer::version,
            offer::state,
            offer::submitted_at,
            (offer::terms, offer::figures, product_version::document, offer::is_clean),
            request::number,
            enterprise::name,
            organisation::name,
        ))
        .load(conn)?;
    let mut items = Vec::with_capacity(rows.len());
    for (id, number, revision, version, state, at, texts, request, _, bank) in rows.into_iter().take(50) {
        let (terms, mut figures): (Value, Value) = (serde_json::from_str(&texts.0)?, serde_json::from_str(&texts.1)?);
        let document: Value = serde_json::from_str(&texts.2)?;
        // A list leaves the schedule out, and how fees are reckoned.
        if let Some(figures) = figures.as_object_mut() {
            figures.remove("schedule");
            for fee in figures
                .get_mut("fees")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                *fee = fee["fee"]["name"].take();
            }
        }
        items.push(json!({
            "id": id, "number": number, "revision": revision, "version": version, "state": state, "at": at.to_string(),
            "terms": terms, "figures": figures, "clean": texts.3, "product": document["name"], "request": request,
            "bank": bank,
        }));
    }
    Ok(json!({"items": items, "next": null}).to_string())
}

fn submit(conn: &mut SqliteConnection, state: &State, user: &User, id: &str) -> Result<String, Failure> {
    let now = Utc::now().naive_utc();
    let old = request_of(conn, id, &user.3)?;
    let same: Vec<(String, Option<String>)> = request::table
        .filter(request::enterprise_id.eq(&old.7))
        .filter(request::state.eq_any(["open", "accepted"]))
        .select((request::number, request::need))
        .load(conn)?;
    let facts: Vec<(String, String)> = fact::table
        .filter(fact::enterprise_id.eq(&old.7))
        .filter(fact::current)
        .select((fact::key, fact::value))
        .load(conn)?;
    diesel::update(
        request::table
            .filter(request::id.eq(id))
            .filter(request::state.eq("draft")),
    )
    .set((
        request::state.eq("open"),
        request::version.eq(old.5 + 1),
        request::submitted_at.eq(now),
        request::expires_on.eq(now.date() + chrono::TimeDelta::days(90)),
    ))
    .execute(conn)?;
    let last: Option<i32> = request_match::table
        .filter(request_match::request_id.eq(id))
        .select(max(request_match::run))
        .first(conn)?;
    diesel::insert_into(request_match::table)
        .values((
            request_match::id.eq(Uuid::new_v4().to_string()),
            request_match::request_id.eq(id),
            request_match::run.eq(last.unwrap_or(0) + 1),
            request_match::run_at.eq(now),
            request_match::as_of.eq(now.date()),
            request_match::inputs.eq(&state.inputs),
            request_match::result.eq(&state.result),
        ))
        .execute(conn)?;
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(Uuid::new_v4().to_string()),
            audit::at.eq(now),
            audit::account_id.eq(&user.0),
            audit::organisation_id.eq(&user.3),
            audit::district_code.eq("410106"),
            audit::origin.eq("127.0.0.1"),
            audit::action.eq("request_submitted"),
            audit::subject.eq(format!("request:{id}")),
            audit::before.eq("draft"),
            audit::after.eq("open"),
        ))
        .execute(conn)?;
    let users: Vec<(String, String)> = account::table
        .filter(account::organisation_id.eq(&user.3))
        .filter(account::active)
        .select((account::id, account::email))
        .load(conn)?;
    for (account, email) in users {
        let event = format!("request:{id}:submitted");
        let told = outbox::table
            .filter(outbox::event.eq(&event))
            .filter(outbox::email.eq(&email));
        if told.select(count_star()).get_result::<i64>(conn)? > 0 {
            continue;
        }
        let parameters = json!({"number": old.1, "enterprise": old.2, "until": now.date().to_string()});
        diesel::insert_into(outbox::table)
            .values((
                outbox::id.eq(Uuid::new_v4().to_string()),
                outbox::event.eq(event),
                outbox::account_id.eq(account),
                outbox::email.eq(email),
                outbox::topic.eq("request_submitted"),
                outbox::parameters.eq(parameters.to_string()),
                outbox::link.eq(format!("/enterprise/requests/{id}")),
                outbox::state.eq("page"),
                outbox::tries.eq(0),
                outbox::due_at.eq(now),
                outbox::created_at.eq(now),
            ))
            .execute(conn)?;
    }
    let new = request_of(conn, id, &user.3)?;
    let need: Value = serde_json::from_str(new.4.as_deref().unwrap_or("null"))?;
    Ok(json!({
        "id": new.0, "number": new.1, "enterprise": new.2, "state": new.3, "need": need, "version": new.5,
        "others": same.len(), "facts": facts.len(),
    })
    .to_string())
}

fn after<'a>(request: &'a HttpRequest, name: header::HeaderName, words: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()?.strip_prefix(words)
}

/// Runs a body on a thread for blocking work.
async fn run(
    body: impl FnOnce() -> Result<String, Failure> + Send + 'static,
    kind: &'static str,
) -> actix_web::Result<HttpResponse> {
    let text = web::block(body).await?.map_err(error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().content_type(kind).body(text))
}

async fn get_page(
    state: web::Data<State>,
    request: HttpRequest,
    id: web::Path<String>,
) -> actix_web::Result<HttpResponse> {
    let hash = after(&request, header::COOKIE, "hash=").unwrap_or_default().to_owned();
    let body = move || {
        let mut conn = state.readers.get()?;
        conn.transaction(|conn| page(conn, &hash, &id, state.page_bytes))
    };
    run(body, "text/html; charset=utf-8").await
}

async fn get_offers(state: web::Data<State>, request: HttpRequest) -> actix_web::Result<HttpResponse> {
    let session = after(&request, header::AUTHORIZATION, "Session ")
        .unwrap_or_default()
        .to_owned();
    let body = move || {
        let mut conn = state.readers.get()?;
        conn.transaction(|conn| offers(conn, &session))
    };
    run(body, "application/json").await
}

async fn post_submit(
    state: web::Data<State>,
    request: HttpRequest,
    id: web::Path<String>,
) -> actix_web::Result<HttpResponse> {
    let session = after(&request, header::AUTHORIZATION, "Session ")
        .unwrap_or_default()
        .to_owned();
    let body = move || {
        let mut reader = state.readers.get()?;
        let user = user_of_session(&mut reader, &session)?;
        drop(reader);
        let mut conn = state.writer.get()?;
        conn.immediate_transaction(|conn| submit(conn, &state, &user, &id))
    };
    run(body, "application/json").await
}

#[actix_web::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &'static str| arguments.next().ok_or(what);
    let (address, database) = (next("an address, please")?, next("a database, please")?);
    let (page_bytes, match_id) = (next("a number of bytes, please")?.parse()?, next("a match, please")?);
    let readers = connections(&database, 4)?;
    let (inputs, result) = request_match::table
        .filter(request_match::id.eq(match_id))
        .select((request_match::inputs, request_match::result))
        .first(&mut readers.get()?)?;
    let writer = connections(&database, 1)?;
    let state = web::Data::new(State {
        readers,
        writer,
        page_bytes,
        inputs,
        result,
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .route("/enterprise/requests/{id}", web::get().to(get_page))
            .route("/api/v1/offers", web::get().to(get_offers))
            .route("/api/v1/requests/{id}/submit", web::post().to(post_submit))
    });
    server.workers(2).bind(address)?.run().await?;
    Ok(())
}
