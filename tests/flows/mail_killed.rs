//! kill -9 while mail is being delivered: what was committed arrives all the same.

use crate::cli::serve::{Served, program};
use crate::support::db::{TestDb, on_both};
use crate::support::mail::to_address;
use crate::support::smtp::{Manner, SmtpServer};
use rongqiao::clock::SystemClock;
use rongqiao::store::{StoreError, outbox};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

const MAILS: usize = 40;
/// Long enough for the claims of the nodes that died to end, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(90);

on_both! {
    fn threat_08_kill_9_loses_no_mail(db: &TestDb) {
        let (bell, door) = channel();
        let (bell, tried) = (Mutex::new(bell), AtomicUsize::new(0));
        let server = SmtpServer::start(move |_, _| {
            let tried = tried.fetch_add(1, Ordering::SeqCst);
            if tried == 10 || tried == 20 {
                // The test may have ended.
                let _ = bell.lock().expect("no panic").send(());
            }
            // Once before the server has said 250, and once around that.
            if tried == 10 { Manner::Hang } else { Manner::Take }
        });
        db.store
            .write(|conn| {
                (0..MAILS).try_for_each(|n| {
                    let to = format!("to-{n}");
                    outbox::put(conn, &to_address(&format!("event of {to}"), &to), &SystemClock)
                })?;
                Ok::<_, StoreError>(())
            })
            .expect("they are put");
        let start = || {
            let mut command = program(db);
            command
                .arg("serve")
                .env("RONGQIAO__MAIL__HOST", "127.0.0.1")
                .env("RONGQIAO__MAIL__PORT", server.port.to_string())
                .env("RONGQIAO__MAIL__TLS", "none")
                .env("RONGQIAO__MAIL__FROM", "rong@example.com")
                .env("RONGQIAO__MAIL__TIMEOUT_SECONDS", "1")
                .stderr(Stdio::null());
            Served(command.spawn().expect("the program starts"))
        };
        for kill in 1..=2 {
            let node = start();
            door.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("mail {kill}0 is reached"));
            // SIGKILL: nothing is tidied up.
            drop(node);
        }
        let last = start();
        let started = Instant::now();
        let arrived = loop {
            let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for kept in server.kept() {
                arrived.entry(kept.to).or_default().push(kept.message_id);
            }
            if arrived.len() == MAILS {
                break arrived;
            }
            assert!(started.elapsed() < PATIENCE, "only {} of {MAILS} arrived", arrived.len());
            std::thread::sleep(Duration::from_millis(100));
        };
        drop(last);
        let twice = arrived.values().filter(|ids| ids.len() > 1).count();
        println!("{MAILS} mails, 2 kills, {twice} twice");
        assert!(twice <= 2, "at most one a kill");
        for (to, ids) in arrived {
            let different: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(different.len(), 1, "{to}: one Message-ID");
        }
    }
}
