//! Requests and referrals that the access matrices move on.

use super::app::TestApp;
use super::db::execute;
use super::samples::USCCS;

/// Requests and referrals of enterprise 0 in each state from which they are moved on.
pub struct Standing {
    lasting: String,
    ending: String,
    kept: String,
    waiting: String,
    fallen: String,
    proposed: String,
    unwanted: String,
}

impl Standing {
    pub fn make(app: &TestApp) -> Self {
        let (owner, officer) = (app.sign_in("owner"), app.sign_in("officer"));
        let open = || owner.open_fitting(USCCS[0]);
        let proposed = || officer.propose(&open(), "BANKB", "PB");
        let (fallen, _) = owner.refer(&open(), "BANKA", "PA");
        execute(
            &app.service.store,
            &format!(
                "UPDATE referral SET state = 'cancelled', end_reason = 'accepted_elsewhere' WHERE id = '{fallen}'"
            ),
        );
        Self {
            lasting: open(),
            ending: open(),
            kept: owner.keep(&open(), "BANKB", "PB"),
            waiting: owner.refer(&open(), "BANKA", "PA").0,
            fallen,
            proposed: proposed(),
            unwanted: proposed(),
        }
    }

    pub fn fill(&self, path: &str) -> String {
        path.replace("{lasting}", &self.lasting)
            .replace("{ending}", &self.ending)
            .replace("{kept}", &self.kept)
            .replace("{waiting}", &self.waiting)
            .replace("{fallen}", &self.fallen)
            .replace("{proposed}", &self.proposed)
            .replace("{unwanted}", &self.unwanted)
    }
}
