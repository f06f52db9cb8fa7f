//! Makes load: `load ADDRESS CONNECTIONS SECONDS [once] < TARGETS`.
//!
//! Each line of the standard input is a request: method, path, and headers (`name: value`), tabs between them. Each
//! connection takes the next line when its last answer is there; the lines come round again, or with `once` the load
//! ends with them. It prints one JSON line, and fails on an answer that is no 2xx.

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::cell::Cell;
use std::error::Error;
use std::io::stdin;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Target {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
}

impl Target {
    fn parse(line: &str) -> Outcome<Self> {
        let mut fields = line.split('\t').map(str::to_owned);
        let (method, path) = fields
            .next()
            .zip(fields.next())
            .ok_or("a line has a method and a path")?;
        let header = |field: String| {
            field
                .split_once(": ")
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        Ok(Self {
            method,
            path,
            headers: fields.filter_map(header).collect(),
        })
    }

    fn request(&self, host: &str) -> Outcome<Request<Empty<Bytes>>> {
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(&self.path)
            .header("Host", host);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Ok(request.body(Empty::new())?)
    }
}

/// What all connections share.
struct Work {
    address: String,
    targets: Vec<Target>,
    next: Cell<usize>,
    is_once: bool,
    end: Instant,
}

impl Work {
    fn take(&self) -> Option<&Target> {
        let place = self.next.replace(self.next.get() + 1);
        if Instant::now() >= self.end || (self.is_once && place >= self.targets.len()) {
            return None;
        }
        self.targets.get(place % self.targets.len())
    }
}

/// One connection's answers: how long each took, and their bytes together.
async fn connection(work: Rc<Work>) -> Outcome<(Vec<Duration>, usize)> {
    let stream = TcpStream::connect(&work.address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, driver) = handshake(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(driver);
    let (mut took, mut bytes) = (Vec::new(), 0);
    while let Some(target) = work.take() {
        let start = Instant::now();
        let answer = sender.send_request(target.request(&work.address)?).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        took.push(start.elapsed());
        bytes += body.len();
        if !status.is_success() {
            let text = String::from_utf8_lossy(&body).into_owned();
            return Err(format!("{} {}: {status} {text}", target.method, target.path).into());
        }
        sender.ready().await?;
    }
    Ok((took, bytes))
}

async fn load(work: Work, connections: usize) -> Outcome<()> {
    let (work, start) = (Rc::new(work), Instant::now());
    let all: Vec<_> = (0..connections)
        .map(|_| tokio::task::spawn_local(connection(Rc::clone(&work))))
        .collect();
    let (mut took, mut bytes) = (Vec::new(), 0);
    for one in all {
        let (more, size) = one.await??;
        took.extend(more);
        bytes += size;
    }
    let seconds = start.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |percent: usize| took.get((took.len() * percent / 100).min(took.len().saturating_sub(1)));
    let ms = |percent| at(percent).map(|time| time.as_secs_f64() * 1000.0);
    let line = json!({
        "requests": took.len(), "seconds": seconds, "per_second": took.len() as f64 / seconds,
        "p50_ms": ms(50), "p99_ms": ms(99), "bytes": bytes / took.len().max(1),
    });
    println!("{line}");
    Ok(())
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &'static str| arguments.next().ok_or(what);
    let address = next("an address, please")?;
    let connections = next("a number of connections, please")?.parse()?;
    let seconds = next("a number of seconds, please")?.parse()?;
    let is_once = next("").is_ok_and(|word| word == "once");
    let targets = stdin()
        .lines()
        .map(|line| Target::parse(&line?))
        .collect::<Outcome<Vec<_>>>()?;
    if targets.is_empty() {
        return Err("no targets".into());
    }
    let work = Work {
        address,
        targets,
        next: Cell::new(0),
        is_once,
        end: Instant::now() + Duration::from_secs(seconds),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, load(work, connections))
}
