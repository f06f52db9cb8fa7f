//! An SMTP server on loopback that behaves as it is told: takes, puts off, refuses, hangs, breaks off.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// How a mail is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// 250.
    Take,
    /// 451 to its recipient.
    PutOff,
    /// 550 to its recipient.
    Refuse,
    /// Reads the mail and never answers.
    Hang,
    /// Breaks off in the middle of the mail.
    Drop,
    /// Keeps the mail, and breaks off before saying so.
    TakeAndDrop,
}

/// A mail that was kept.
#[derive(Clone, Debug)]
pub struct Kept {
    pub to: String,
    pub message_id: String,
    pub text: String,
}

type Manners = dyn Fn(&str, usize) -> Manner + Send + Sync;

/// What all connections share.
struct Shared {
    manners: Box<Manners>,
    tried: Mutex<HashMap<String, usize>>,
    kept: Mutex<Vec<Kept>>,
    ends: AtomicBool,
}

/// The server; it ends when it is dropped.
pub struct SmtpServer {
    pub port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl SmtpServer {
    /// Starts one that meets the n-th try (from 0) for a recipient as `manners` says.
    pub fn start(manners: impl Fn(&str, usize) -> Manner + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            manners: Box::new(manners),
            tried: Mutex::default(),
            kept: Mutex::default(),
            ends: AtomicBool::new(false),
        });
        let inside = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let mut talks = Vec::new();
            for stream in listener.incoming() {
                if inside.ends.load(Ordering::SeqCst) {
                    break;
                }
                let (stream, inside) = (stream.expect("a connection"), Arc::clone(&inside));
                talks.push(std::thread::spawn(move || drop(talk(&stream, &inside))));
            }
            for talk in talks {
                talk.join().expect("the talk ends");
            }
        });
        Self {
            port,
            shared,
            thread: Some(thread),
        }
    }

    /// Every mail that was kept, in order.
    pub fn kept(&self) -> Vec<Kept> {
        self.shared.kept.lock().expect("no panic").clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        // Wakes the one that waits for connections.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.thread.take()
            && !std::thread::panicking()
        {
            thread.join().expect("the server ends well");
        }
    }
}

/// The lines of one connection, until the server ends.
struct Lines<'a> {
    reader: BufReader<&'a TcpStream>,
    shared: &'a Shared,
}

impl Lines<'_> {
    fn next(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        loop {
            match self.reader.read_line(&mut line) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(line.trim_end().to_owned()),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if self.shared.ends.load(Ordering::SeqCst) {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn talk(stream: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(50)))?;
    let mut lines = Lines {
        reader: BufReader::new(stream),
        shared,
    };
    let mut say = stream;
    writeln!(say, "220 test\r")?;
    let (mut to, mut manner) = (String::new(), Manner::Take);
    loop {
        let line = lines.next()?;
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => write!(say, "250-test\r\n250 8BITMIME\r\n")?,
            "RCPT" => {
                line.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut to);
                let mut tried = shared.tried.lock().expect("no panic");
                let times = tried.entry(to.clone()).or_default();
                manner = (shared.manners)(&to, *times);
                *times += 1;
                match manner {
                    Manner::PutOff => writeln!(say, "451 later, please\r")?,
                    Manner::Refuse => writeln!(say, "550 no such user\r")?,
                    _ => writeln!(say, "250 good\r")?,
                }
            }
            "DATA" => {
                writeln!(say, "354 go on\r")?;
                if manner == Manner::Drop {
                    lines.next()?;
                    return Ok(());
                }
                let kept = read_mail(&mut lines, &to)?;
                if matches!(manner, Manner::Take | Manner::TakeAndDrop) {
                    shared.kept.lock().expect("no panic").push(kept);
                }
                match manner {
                    Manner::TakeAndDrop => return Ok(()),
                    Manner::Hang => return lines.next().map(drop),
                    _ => writeln!(say, "250 kept\r")?,
                }
            }
            "QUIT" => return writeln!(say, "221 bye\r"),
            _ => writeln!(say, "250 good\r")?,
        }
    }
}

fn read_mail(lines: &mut Lines<'_>, to: &str) -> std::io::Result<Kept> {
    let mut text = String::new();
    loop {
        let line = lines.next()?;
        if line == "." {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    let head = text.split("\n\n").next().unwrap_or_default();
    let message_id = head.lines().find_map(|line| line.strip_prefix("Message-ID: "));
    Ok(Kept {
        to: to.to_owned(),
        message_id: message_id.unwrap_or_default().to_owned(),
        text,
    })
}
