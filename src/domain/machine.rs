//! Life cycles as tables: which event leads from which state to which. What a table does not name is refused.
//!
//! `machine!` writes a table down once; the reviewed picture of all of them is
//! `tests/fixtures/machines.txt`.

use super::codes::Code;

/// The event does not happen in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event} is not possible in state {state} of {machine}")]
pub struct Refused {
    /// The list of the states.
    pub machine: &'static str,
    /// Code of the state.
    pub state: &'static str,
    /// Its 中文 label.
    pub label: &'static str,
    /// What was tried.
    pub event: &'static str,
}

impl Refused {
    /// Whether a state of this machine refused.
    #[must_use]
    pub fn is_of<S: Code>(&self) -> bool {
        self.machine == S::LIST
    }
}

/// A table of what may happen: `Event: From | From => To, From => To;`.
macro_rules! machine {
    (
        $(#[$meta:meta])*
        $event:ident of $state:ident {
            $($(#[$doc:meta])* $name:ident: $($($from:ident)|+ => $to:ident),+;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $event { $($(#[$doc])* $name,)+ }

        impl $event {
            /// Every event, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }

        impl $state {
            /// The state after `event`.
            ///
            /// # Errors
            /// Whatever the table does not name.
            pub fn next(self, event: $event) -> Result<Self, $crate::domain::machine::Refused> {
                match (event, self) {
                    $($(($event::$name, $(Self::$from)|+) => Ok(Self::$to),)+)+
                    _ => Err($crate::domain::machine::Refused {
                        machine: <Self as $crate::domain::codes::Code>::LIST,
                        state: $crate::domain::codes::Code::code(self),
                        label: $crate::domain::codes::Code::label(self),
                        event: event.name(),
                    }),
                }
            }
        }
    };
}
pub(crate) use machine;

#[cfg(test)]
mod tests {
    use crate::domain::codes::Code;
    use crate::domain::{batch, codes, dispute, loan, message, offer, product, referral, registration, request};
    use std::fmt::Write;

    macro_rules! table {
        ($state:path, $event:path) => {{
            use $event as Event;
            use $state as State;
            let mut text = format!("{}\n", State::LIST);
            for state in State::ALL {
                let _ = writeln!(text, "  {state}");
                for event in Event::ALL {
                    if let Ok(next) = state.next(*event) {
                        let _ = writeln!(text, "    {} -> {next}", event.name());
                    }
                }
            }
            text
        }};
    }

    fn disputes() -> String {
        let mut text = format!("{}\n", dispute::DisputeState::LIST);
        for state in dispute::DisputeState::ALL {
            let _ = writeln!(text, "  {state}");
            for kind in dispute::DisputeKind::ALL {
                for outcome in dispute::Outcome::ALL {
                    if let Ok(next) = state.answer(*kind, *outcome) {
                        let _ = writeln!(text, "    {kind}: {outcome} -> {next}");
                    }
                }
            }
        }
        text
    }

    #[test]
    fn every_machine_is_as_it_was_reviewed() {
        let all = [
            table!(registration::RegistrationState, registration::Decision),
            table!(batch::BatchState, batch::BatchEvent),
            disputes(),
            table!(codes::ProductStatus, product::ProductEvent),
            table!(request::RequestState, request::RequestEvent),
            table!(referral::ReferralState, referral::ReferralEvent),
            table!(offer::OfferState, offer::OfferEvent),
            table!(loan::LoanState, loan::LoanEvent),
            table!(message::MailState, message::MailEvent),
        ]
        .join("\n");
        assert_eq!(all, include_str!("../../tests/fixtures/machines.txt"), "{all}");
    }
}
